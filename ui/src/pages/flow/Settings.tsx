import { Button, Select, Switch, TagsInput, Textarea } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type JSX, type ReactNode, useState } from "react";
import { ask, type Variables } from "../../api/client";
import { useAsk, useChange } from "../../api/hooks";
import { useReasonAgainst } from "../../api/session";
import type { Json } from "../../api/tables";
import { Confirm } from "../../parts/Confirm";
import { Wrong } from "../../parts/Notice";
import { Section } from "../../parts/Page";
import { descriptionOf } from "./Flow";
import { type Parameter, readObject } from "./form";
import {
  ARCHIVE,
  DELETE_FLOW,
  DELETE_VERSION,
  type Flow,
  PROJECTS,
  SET_DEFAULTS,
  SET_DESCRIPTION,
  SET_LABELS,
  SET_PROJECT,
  SWITCHES,
} from "./questions";

/** What holds for every run of the flow, and its end. */
export function Settings({ flow }: { readonly flow: Flow }): JSX.Element {
  const reason = useReasonAgainst("user");
  const group = flow.flow_group_id;
  const settings = (flow.flow_group?.settings ?? {}) as Readonly<Record<string, Json>>;
  const [labels, setLabels] = useState<string[]>([...((flow.flow_group?.labels ?? []) as string[])]);
  const [description, setDescription] = useState(descriptionOf(flow) ?? "");
  const usual = flow.flow_group?.default_parameters ?? {};
  const [defaults, setDefaults] = useState(JSON.stringify(usual, null, 2));
  const read = readObject(defaults);
  const unknown = "value" in read ? unknownIn(read.value, flow) : [];
  const wrong =
    "error" in read
      ? read.error
      : unknown.length > 0
        ? `The flow has no parameter ${unknown.map((name) => `"${name}"`).join(", ")}.`
        : null;
  return (
    <fieldset className="settings" disabled={reason !== null}>
      {reason !== null && <p className="soft settings-wide">{reason}</p>}
      <Section title="Description">
        <Setting
          document={SET_DESCRIPTION}
          variables={{ group, description }}
          isChanged={description !== (descriptionOf(flow) ?? "")}
        >
          <Textarea
            aria-label="Description"
            autosize
            minRows={2}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
        </Setting>
      </Section>
      <Section title="Labels">
        <Setting
          document={SET_LABELS}
          variables={{ group, labels: labels.length > 0 ? labels : null }}
          isChanged={labels.join("\n") !== ((flow.flow_group?.labels ?? []) as string[]).join("\n")}
        >
          <TagsInput
            aria-label="Labels"
            size="xs"
            description="In place of those that the flow was registered with; none leaves it to them"
            value={labels}
            onChange={setLabels}
            comboboxProps={{ withinPortal: false }}
          />
        </Setting>
      </Section>
      <Section title="Default parameters">
        <Setting
          document={SET_DEFAULTS}
          variables={{ group, parameters: "value" in read ? read.value : {} }}
          isChanged={"error" in read || JSON.stringify(read.value) !== JSON.stringify(usual)}
          isReady={wrong === null}
        >
          <Textarea
            aria-label="Default parameters"
            classNames={{ input: "mono" }}
            autosize
            minRows={3}
            spellCheck={false}
            description="What runs are given unless they say otherwise, as JSON"
            value={defaults}
            error={wrong}
            onChange={(event) => setDefaults(event.currentTarget.value)}
          />
        </Setting>
      </Section>
      <Section title="When a run falls silent">
        <Toggle
          label="Heartbeat"
          says="Runs say that they live; one that stops saying so is taken for dead"
          isOn={settings.heartbeat_enabled !== false}
          documents={SWITCHES.heartbeat}
          flow={flow}
        />
        <Toggle
          label="Lazarus"
          says="A run that was taken up and never began is started again"
          isOn={settings.lazarus_enabled !== false}
          documents={SWITCHES.lazarus}
          flow={flow}
        />
      </Section>
      <Project flow={flow} />
      <End flow={flow} isDisabled={reason !== null} />
    </fieldset>
  );
}

function unknownIn(given: Readonly<Record<string, Json>>, flow: Flow): string[] {
  const names = ((flow.parameters ?? []) as unknown as readonly Parameter[]).map(({ name }) => name);
  return Object.keys(given).filter((name) => !names.includes(name));
}

interface SettingProps {
  readonly document: string;
  readonly variables: Variables;
  readonly isChanged: boolean;
  readonly isReady?: boolean;
  readonly children: ReactNode;
}

/** A field that is saved by a button beneath it. */
function Setting({ document, variables, isChanged, isReady = true, children }: SettingProps): JSX.Element {
  const change = useChange<unknown>(document);
  return (
    <form
      className="setting"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) change.mutate(variables);
      }}
    >
      {children}
      {change.error !== null && <Wrong error={change.error} title="This was not saved" />}
      <div className="section-buttons">
        <Button type="submit" loading={change.isPending} disabled={!isChanged || !isReady}>
          Save
        </Button>
        {change.isSuccess && !isChanged && (
          <span className="soft" role="status">
            saved
          </span>
        )}
      </div>
    </form>
  );
}

interface ToggleProps {
  readonly label: string;
  readonly says: string;
  readonly isOn: boolean;
  readonly documents: { readonly on: string; readonly off: string };
  readonly flow: Flow;
}

function Toggle({ label, says, isOn, documents, flow }: ToggleProps): JSX.Element {
  const on = useChange<unknown>(documents.on);
  const off = useChange<unknown>(documents.off);
  const error = on.error ?? off.error;
  return (
    <div className="setting">
      <Switch
        size="xs"
        label={label}
        description={says}
        checked={isOn}
        disabled={on.isPending || off.isPending}
        onChange={() => (isOn ? off : on).mutate({ id: flow.id })}
      />
      {error !== null && <Wrong error={error} title="This was not saved" />}
    </div>
  );
}

function Project({ flow }: { readonly flow: Flow }): JSX.Element {
  const projects = useAsk<{ readonly project: readonly { readonly id: string; readonly name: string }[] }>(PROJECTS);
  const [project, setProject] = useState(flow.project?.id ?? null);
  return (
    <Section title="Project">
      <Setting
        document={SET_PROJECT}
        variables={{ id: flow.id, project }}
        isChanged={project !== (flow.project?.id ?? null)}
        isReady={project !== null}
      >
        <Select
          aria-label="Project"
          data={(projects.data?.project ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={project}
          onChange={setProject}
          allowDeselect={false}
          searchable
        />
      </Setting>
    </Section>
  );
}

type Ending = "archive" | "version" | "flow";

/** What ends a version, or the flow. */
function End({ flow, isDisabled }: { readonly flow: Flow; readonly isDisabled: boolean }): JSX.Element {
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Ending | null>(null);
  const close = () => setAsked(null);
  const leave = () => void navigate({ to: "/flows" });
  return (
    <Section title="The end">
      <div className="section-buttons">
        <Button onClick={() => setAsked("archive")} disabled={isDisabled || flow.archived}>
          Archive version {flow.version} …
        </Button>
        <Button onClick={() => setAsked("version")} disabled={isDisabled}>
          Delete version {flow.version} …
        </Button>
        <Button onClick={() => setAsked("flow")} disabled={isDisabled} className="danger">
          Delete the flow …
        </Button>
      </div>
      {asked === "archive" && (
        <Confirm
          title={`Archive version ${flow.version}`}
          says="Archive"
          run={() => ask(ARCHIVE, { id: flow.id })}
          onClose={close}
        >
          <p className="soft">
            No more runs are made of it, and those that wait are cancelled. What ran stays to be looked at.
          </p>
        </Confirm>
      )}
      {asked === "version" && (
        <Confirm
          title={`Delete version ${flow.version}`}
          says="Delete"
          isDanger
          typed={flow.name.length <= 60 ? flow.name : `version ${flow.version}`}
          run={() => ask(DELETE_VERSION, { id: flow.id })}
          onClose={close}
          onDone={leave}
        >
          <p className="soft">This version and all its runs are deleted, with their logs. This cannot be undone.</p>
        </Confirm>
      )}
      {asked === "flow" && (
        <Confirm
          title="Delete the flow"
          says="Delete"
          isDanger
          typed={flow.name.length <= 60 ? flow.name : "delete"}
          run={() => ask(DELETE_FLOW, { group: flow.flow_group_id })}
          onClose={close}
          onDone={leave}
        >
          <p className="soft">Every version and all runs are deleted, with their logs. This cannot be undone.</p>
        </Confirm>
      )}
    </Section>
  );
}
