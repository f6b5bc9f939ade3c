import { ActionIcon, Button, Select, Textarea, TextInput } from "@mantine/core";
import { type JSX, useEffect, useRef, useState } from "react";
import {
  type ActionDraft,
  conflictOf,
  DOES,
  type Does,
  type Kind,
  MOST_ACTIONS,
  moved,
  problemOfObject,
  withOneMore,
} from "./automation";
import { type Choice, IN_DIALOG, withGone } from "./values";

interface ActionsFieldProps {
  readonly actions: readonly ActionDraft[];
  readonly onChange: (actions: readonly ActionDraft[]) => void;
  /** What sets the automation off. */
  readonly kind: Kind;
  readonly hooks: readonly Choice[];
  readonly flows: readonly Choice[];
}

/** What follows, in order: actions are added, taken away and moved, and the keyboard stays with what was moved. */
export function ActionsField({ actions, onChange, kind, hooks, flows }: ActionsFieldProps): JSX.Element {
  const list = useRef<HTMLFieldSetElement>(null);
  const wanted = useRef<string | null>(null);
  const [said, setSaid] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is wanted is there once the actions have changed
  useEffect(() => {
    if (wanted.current !== null) list.current?.querySelector<HTMLElement>(wanted.current)?.focus();
    wanted.current = null;
  }, [actions]);
  const change = (key: number, part: Partial<ActionDraft>) =>
    onChange(actions.map((action) => (action.key === key ? { ...action, ...part } : action)));
  const move = (key: number, index: number, by: -1 | 1) => {
    const next = moved(actions, key, by);
    if (next === actions) return;
    wanted.current = `[data-action="${key}"] [data-moves="${by}"]`;
    setSaid(`Moved to place ${index + 1 + by} of ${actions.length}`);
    onChange(next);
  };
  const remove = (key: number, index: number) => {
    const neighbour = actions[index + 1] ?? actions[index - 1];
    wanted.current = neighbour === undefined ? "[data-adds]" : `[data-action="${neighbour.key}"] [data-removes]`;
    setSaid(`Action ${index + 1} is taken away`);
    onChange(actions.filter((action) => action.key !== key));
  };
  const add = () => {
    const next = withOneMore(actions, kind);
    if (next === actions) return;
    wanted.current = `[data-action="${next.at(-1)?.key}"] input`;
    onChange(next);
  };
  const isFull = actions.length >= MOST_ACTIONS;
  return (
    <fieldset ref={list} className="team-actions">
      <legend>Then, one after the other</legend>
      <ol>
        {actions.map((action, index) => (
          <li key={action.key} data-action={action.key} aria-label={`Action ${index + 1}`}>
            <div className="team-action-head">
              <Select
                label={`Action ${index + 1}`}
                data={Object.entries(DOES).map(([value, label]) => ({ value, label }))}
                value={action.type}
                allowDeselect={false}
                error={conflictOf(action, kind)}
                onChange={(chosen) => change(action.key, { type: (chosen ?? action.type) as Does })}
                {...IN_DIALOG}
              />
              <Mover index={index} by={-1} isEnd={index === 0} onMove={() => move(action.key, index, -1)} />
              <Mover
                index={index}
                by={1}
                isEnd={index === actions.length - 1}
                onMove={() => move(action.key, index, 1)}
              />
              <ActionIcon
                aria-label={`Take away action ${index + 1}`}
                data-removes
                onClick={() => remove(action.key, index)}
              >
                <span aria-hidden="true">×</span>
              </ActionIcon>
            </div>
            <ActionFields
              action={action}
              kind={kind}
              hooks={hooks}
              flows={flows}
              onChange={(part) => change(action.key, part)}
            />
          </li>
        ))}
      </ol>
      <Button data-adds disabled={isFull} onClick={add}>
        Add an action
      </Button>
      {isFull && <span className="soft"> An automation has at most {MOST_ACTIONS}.</span>}
      <span role="status" className="visually-hidden">
        {said}
      </span>
    </fieldset>
  );
}

interface MoverProps {
  readonly index: number;
  readonly by: -1 | 1;
  /** There is no further place; the button stays, so that the keyboard does not get lost. */
  readonly isEnd: boolean;
  readonly onMove: () => void;
}

function Mover({ index, by, isEnd, onMove }: MoverProps): JSX.Element {
  return (
    <ActionIcon
      aria-label={`Move action ${index + 1} ${by === -1 ? "up" : "down"}`}
      data-moves={by}
      aria-disabled={isEnd}
      onClick={onMove}
    >
      <span aria-hidden="true">{by === -1 ? "↑" : "↓"}</span>
    </ActionIcon>
  );
}

interface ActionFieldsProps {
  readonly action: ActionDraft;
  readonly kind: Kind;
  readonly hooks: readonly Choice[];
  readonly flows: readonly Choice[];
  readonly onChange: (part: Partial<ActionDraft>) => void;
}

/** What an action of this kind has to be told. */
function ActionFields({ action, kind, hooks, flows, onChange }: ActionFieldsProps): JSX.Element | null {
  const flow = {
    data: withGone(flows, action.group === null ? [] : [action.group]),
    value: action.group,
    onChange: (group: string | null) => onChange({ group }),
    searchable: true,
    ...IN_DIALOG,
  };
  switch (action.type) {
    case "NOTIFY":
      return (
        <Select
          label="The hook"
          placeholder={hooks.length === 0 ? "There is none yet: make it first" : "Choose one"}
          data={withGone(hooks, action.hook === null ? [] : [action.hook])}
          value={action.hook}
          onChange={(hook) => onChange({ hook })}
          searchable
          {...IN_DIALOG}
        />
      );
    case "CANCEL_FLOW_RUN":
      return null;
    case "PAUSE_SCHEDULE":
      return (
        <Select
          label="The flow whose schedule is paused"
          placeholder={kind === "AGENT_UNHEALTHY" ? "Choose one" : "The flow of the run"}
          clearable={kind !== "AGENT_UNHEALTHY"}
          clearButtonProps={{ "aria-label": "The flow of the run" }}
          {...flow}
        />
      );
    case "START_FLOW_RUN":
      return (
        <>
          <Select label="The flow to start" placeholder="Choose one" {...flow} />
          <TextInput
            label="Name of the run"
            placeholder="made up, unless you say one"
            description="Here and in texts below, fields such as {flow_run.name} are filled in"
            value={action.runName}
            onChange={(event) => onChange({ runName: event.currentTarget.value })}
          />
          {(["parameters", "context"] as const).map((which) => (
            <Textarea
              key={which}
              label={which === "parameters" ? "Parameters, as JSON" : "Context, as JSON"}
              placeholder='{"name": "value"}'
              classNames={{ input: "mono" }}
              autosize
              minRows={1}
              maxRows={10}
              spellCheck={false}
              value={action[which]}
              error={problemOfObject(action[which])}
              onChange={(event) => onChange({ [which]: event.currentTarget.value })}
            />
          ))}
        </>
      );
  }
}
