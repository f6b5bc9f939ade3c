import { NumberInput, TextInput } from "@mantine/core";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { useAsk, useLive } from "../../api/hooks";
import { NEWEST } from "../../api/runs";
import { Answer, Empty } from "../../parts/Notice";
import { Section } from "../../parts/Page";
import { type Column, RowList } from "../../parts/RowList";
import { Act, Form, TeamPage } from "./frame";

const LIMITS = `
query limits {
  flow_concurrency_limit(order_by: [{name: asc}]) { id name limit }
  flow_concurrency { label usage }
  task_tag_limit(order_by: [{tag: asc}]) { id tag limit }
  task_concurrency { name usage }
}`;

const SET_FLOW = `
mutation limit_flow_runs($name: String!, $limit: Int!) {
  update_flow_concurrency_limit(input: {label: $name, limit: $limit}) { id }
}`;
const SET_TASK = `
mutation limit_task_runs($name: String!, $limit: Int!) {
  update_task_tag_limit(input: {tag: $name, limit: $limit}) { id }
}`;
const DELETE_FLOW = `
mutation delete_flow_limit($id: UUID!) { delete_flow_concurrency_limit(input: {limit_id: $id}) { success } }`;
const DELETE_TASK = `
mutation delete_task_limit($id: UUID!) { delete_task_tag_limit(input: {limit_id: $id}) { success } }`;

interface Answered {
  readonly flow_concurrency_limit: readonly { readonly id: string; readonly name: string; readonly limit: number }[];
  readonly flow_concurrency: readonly { readonly label: string; readonly usage: number }[];
  readonly task_tag_limit: readonly { readonly id: string; readonly tag: string; readonly limit: number }[];
  readonly task_concurrency: readonly { readonly name: string; readonly usage: number }[];
}

interface Limit {
  readonly id: string;
  readonly name: string;
  readonly limit: number;
  readonly used: number;
}

type Kind = "flow" | "task";

interface Asked {
  readonly kind: Kind;
  readonly does: "set" | "delete";
  readonly limit: Limit | null;
}

/** How many runs may run at once, and how many do. */
export function Limits(): JSX.Element {
  const answer = useAsk<Answered>(LIMITS);
  const [asked, setAsked] = useState<Asked | null>(null);
  useLive(NEWEST);
  return (
    <TeamPage title="Concurrency limits">
      <Answer of={answer} what="limits">
        {(data) => (
          <div className="team-sections">
            <Listed
              kind="flow"
              title="Flow runs, by label"
              empty="Any number of flow runs may run at once"
              explained="A limit on a label lets at most so many flow runs with that label run; the others wait for their turn."
              limits={data.flow_concurrency_limit.map(({ id, name, limit }) => ({
                id,
                name,
                limit,
                used: data.flow_concurrency.find(({ label }) => label === name)?.usage ?? 0,
              }))}
              onAsk={setAsked}
            />
            <Listed
              kind="task"
              title="Task runs, by tag"
              empty="Any number of task runs may run at once"
              explained="A limit on a tag lets at most so many task runs whose tasks have that tag run; the others are queued."
              limits={data.task_tag_limit.map(({ id, tag, limit }) => ({
                id,
                name: tag,
                limit,
                used: data.task_concurrency.find(({ name }) => name === tag)?.usage ?? 0,
              }))}
              onAsk={setAsked}
            />
          </div>
        )}
      </Answer>
      {asked?.does === "set" && <SetLimit {...asked} onClose={() => setAsked(null)} />}
      {asked?.does === "delete" && asked.limit !== null && (
        <Form
          title="Delete limit"
          says="Delete"
          isDangerous
          explained="Any number of runs may run at once from now on; those that wait for a slot go on."
          onSubmit={() => ask(asked.kind === "flow" ? DELETE_FLOW : DELETE_TASK, { id: asked.limit?.id })}
          onClose={() => setAsked(null)}
        >
          <p className="clip" title={asked.limit.name}>
            <b>{asked.limit.name}</b>
          </p>
        </Form>
      )}
    </TeamPage>
  );
}

interface ListedProps {
  readonly kind: Kind;
  readonly title: string;
  readonly empty: string;
  readonly explained: string;
  readonly limits: readonly Limit[];
  readonly onAsk: (asked: Asked) => void;
}

function Listed({ kind, title, empty, explained, limits, onAsk }: ListedProps): JSX.Element {
  const what = kind === "flow" ? "Label" : "Tag";
  const columns: readonly Column<Limit>[] = [
    { title: what, width: "minmax(8rem, 2fr)", show: ({ name }) => <span title={name}>{name}</span> },
    { title: "In use", width: "minmax(9rem, 1fr)", show: (limit) => <Use {...limit} /> },
    { title: "Limit", width: "5rem", isNumber: true, show: ({ limit }) => limit.toLocaleString("en") },
    {
      title: "Actions",
      isNumber: true,
      width: "9rem",
      show: (limit) => (
        <span className="team-acts">
          <Act
            needs="user"
            size="compact-xs"
            label={`Change the limit of ${limit.name}`}
            onClick={() => onAsk({ kind, does: "set", limit })}
          >
            Change
          </Act>
          <Act
            needs="user"
            size="compact-xs"
            label={`Delete the limit of ${limit.name}`}
            onClick={() => onAsk({ kind, does: "delete", limit })}
          >
            Delete
          </Act>
        </span>
      ),
    },
  ];
  return (
    <Section
      title={title}
      count={limits.length}
      more={
        <Act
          needs="user"
          label={`Limit a ${what.toLowerCase()}`}
          onClick={() => onAsk({ kind, does: "set", limit: null })}
        >
          Limit a {what.toLowerCase()} …
        </Act>
      }
    >
      {limits.length === 0 ? (
        <Empty title={empty}>{explained}</Empty>
      ) : (
        <RowList label={title} columns={columns} rows={limits} keyOf={({ id }) => id} />
      )}
    </Section>
  );
}

function Use({ limit, used }: Limit): JSX.Element {
  const share = limit === 0 ? 100 : Math.min(100, (100 * used) / limit);
  const isFull = used >= limit;
  return (
    <span className="team-use" data-full={isFull || undefined}>
      <span className="team-use-bar" aria-hidden="true">
        <span style={{ width: `${share}%` }} />
      </span>
      {used.toLocaleString("en")}
      {isFull && <b>full</b>}
    </span>
  );
}

interface SetLimitProps extends Asked {
  readonly onClose: () => void;
}

function SetLimit({ kind, limit, onClose }: SetLimitProps): JSX.Element {
  const [name, setName] = useState(limit?.name ?? "");
  const [many, setMany] = useState<number | string>(limit?.limit ?? 1);
  const what = kind === "flow" ? "Label" : "Tag";
  return (
    <Form
      title={limit === null ? `Limit a ${what.toLowerCase()}` : "Change limit"}
      says={limit === null ? "Limit" : "Change"}
      isReady={name.trim() !== "" && typeof many === "number"}
      explained="Runs that run already count, and none is ended. 0 lets nothing begin."
      onSubmit={() => ask(kind === "flow" ? SET_FLOW : SET_TASK, { name: name.trim(), limit: many })}
      onClose={onClose}
    >
      <TextInput
        label={what}
        value={name}
        readOnly={limit !== null}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus={limit === null || undefined}
      />
      <NumberInput
        label={kind === "flow" ? "Flow runs at once" : "Task runs at once"}
        size="xs"
        min={0}
        max={2 ** 31 - 1}
        allowDecimal={false}
        value={many}
        onChange={setMany}
        data-autofocus={limit !== null || undefined}
      />
    </Form>
  );
}
