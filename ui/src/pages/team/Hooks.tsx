import { Select } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { queryClient, useAsk, useLive } from "../../api/hooks";
import type { HookDeliveryRow, Json, MessageRow } from "../../api/tables";
import { useKeys } from "../../lib/keys";
import { Answer, Empty, Wrong } from "../../parts/Notice";
import { Section } from "../../parts/Page";
import { type Column, RowList } from "../../parts/RowList";
import { Time } from "../../parts/Time";
import { Act, Form, TeamPage } from "./frame";
import { HookForm } from "./HookForm";
import { destination, type Hook, KINDS } from "./hook";
import { isOfEveryRun, runFilterOf } from "./runFilter";
import type { Choice } from "./values";

const HOOKS = `
query hooks {
  cloud_hook(order_by: [{name: asc}, {created: asc}]) {
    id name type states active url: config(path: "url") to: config(path: "to") version_group_id run_filter template
  }
  flow(where: {archived: {_eq: false}}, order_by: [{name: asc}], limit: 1000) { name version_group_id flow_group_id }
  project(order_by: [{name: asc}], limit: 1000) { id name }
  hook_delivery(order_by: [{created: desc}], limit: 200) {
    id created status attempts due last_error cloud_hook { name } flow_run { id name }
  }
  message(order_by: [{created: desc}], limit: 200) { id created read type text content }
}`;

const FOLLOWED = `subscription newest_messages { message(order_by: [{created: desc}], limit: 100) { id read } }`;

const DELETE = `mutation delete_hook($id: UUID!) { delete_cloud_hook(input: {cloud_hook_id: $id}) { success } }`;
const START = `mutation start_hook($id: UUID!) { set_cloud_hook_active(input: {cloud_hook_id: $id}) { success } }`;
const STOP = `mutation stop_hook($id: UUID!) { set_cloud_hook_inactive(input: {cloud_hook_id: $id}) { success } }`;
const TEST = `mutation test_hook($id: UUID!, $state: test_cloud_hook_state_type) {
  test_cloud_hook(input: {cloud_hook_id: $id, state_type: $state}) { success }
}`;
const READ = `mutation read_message($id: UUID!) { mark_message_as_read(input: {message_id: $id}) { success } }`;
const UNREAD = `mutation unread_message($id: UUID!) { mark_message_as_unread(input: {message_id: $id}) { success } }`;
const FORGET = `mutation delete_message($id: UUID!) { delete_message(input: {message_id: $id}) { success } }`;

type Message = Pick<MessageRow, "id" | "created" | "read" | "type" | "text" | "content">;

interface Answered {
  readonly cloud_hook: readonly Hook[];
  readonly flow: readonly {
    readonly name: string;
    readonly version_group_id: string | null;
    readonly flow_group_id: string;
  }[];
  readonly project: readonly { readonly id: string; readonly name: string }[];
  readonly hook_delivery: readonly Delivery[];
  readonly message: readonly Message[];
}

interface Delivery extends Pick<HookDeliveryRow, "id" | "created" | "status" | "attempts" | "due" | "last_error"> {
  readonly cloud_hook: { readonly name: string | null } | null;
  readonly flow_run: { readonly id: string; readonly name: string | null } | null;
}

/** Who is told what happens to flow runs, and the messages that were left for people. */
export function Hooks(): JSX.Element {
  const answer = useAsk<Answered>(HOOKS);
  const [edited, setEdited] = useState<Hook | "new" | null>(null);
  const [deleted, setDeleted] = useState<Hook | null>(null);
  const [tested, setTested] = useState<Hook | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [said, setSaid] = useState("");
  useLive(FOLLOWED);
  useKeys("Hooks", [{ keys: "n", says: "a new hook", run: () => setEdited("new") }]);
  const change = async (document: string, id: string) => {
    setError(null);
    try {
      await ask(document, { id });
    } catch (wrong) {
      setError(wrong instanceof Error ? wrong : new Error(String(wrong)));
    }
    void queryClient.invalidateQueries({ predicate: (query) => query.meta?.fixed !== true });
  };
  const flows = answer.data?.flow ?? [];
  const columns: readonly Column<Hook>[] = [
    {
      title: "Hook",
      width: "minmax(8rem, 1fr)",
      show: (hook) => <span title={hook.name ?? hook.id}>{hook.name ?? <span className="faint">no name</span>}</span>,
    },
    {
      title: "When a run is",
      width: "minmax(9rem, 1fr)",
      show: (hook) => <span title={(hook.states ?? []).join(", ")}>{(hook.states ?? []).join(", ")}</span>,
    },
    {
      title: "Of the flow",
      width: "minmax(7rem, 1fr)",
      show: (hook) =>
        hook.version_group_id === null ? (
          <span className="faint">{isOfEveryRun(runFilterOf(hook.run_filter)) ? "any" : "only some runs"}</span>
        ) : (
          (flows.find(({ version_group_id }) => version_group_id === hook.version_group_id)?.name ?? "one that is gone")
        ),
    },
    {
      title: "Tells by",
      width: "minmax(14rem, 2fr)",
      show: (hook) => (
        <span title={`${KINDS[hook.type] ?? hook.type} ${destination(hook)}`}>
          {KINDS[hook.type] ?? hook.type} <span className="faint">{destination(hook)}</span>
        </span>
      ),
    },
    { title: "Now", width: "6rem", show: (hook) => (hook.active ? "active" : <b className="team-warn">stopped</b>) },
    {
      title: "Actions",
      isNumber: true,
      width: "17rem",
      show: (hook) => (
        <span className="team-acts">
          <Act needs="user" size="compact-xs" label={`Change ${hook.name}`} onClick={() => setEdited(hook)}>
            Change
          </Act>
          <Act needs="user" size="compact-xs" label={`Test ${hook.name}`} onClick={() => setTested(hook)}>
            Test
          </Act>
          <Act
            needs="user"
            size="compact-xs"
            label={`${hook.active ? "Stop" : "Start"} ${hook.name}`}
            onClick={() => void change(hook.active ? STOP : START, hook.id)}
          >
            {hook.active ? "Stop" : "Start"}
          </Act>
          <Act needs="user" size="compact-xs" label={`Delete ${hook.name}`} onClick={() => setDeleted(hook)}>
            Delete
          </Act>
        </span>
      ),
    },
  ];
  return (
    <TeamPage
      title="Hooks"
      tools={
        <Act needs="user" onClick={() => setEdited("new")}>
          New hook …
        </Act>
      }
    >
      {error !== null && <Wrong error={error} />}
      <p role="status" className="soft team-lead">
        {said}
      </p>
      <Answer of={answer} what="hooks">
        {({ cloud_hook: hooks, message: messages, hook_delivery: deliveries }) => (
          <div className="team-sections">
            <Section title="Hooks" count={hooks.length}>
              {hooks.length === 0 ? (
                <Empty title="Nobody is told anything yet">
                  A hook tells an address, or leaves a message here, whenever a run enters one of the states it is for.
                </Empty>
              ) : (
                <RowList
                  label="Hooks"
                  columns={columns}
                  rows={hooks}
                  keyOf={({ id }) => id}
                  onOpen={setEdited}
                  style={{ maxHeight: "40vh" }}
                />
              )}
            </Section>
            {deliveries.length > 0 && (
              <Section title="Deliveries of the last week" count={deliveries.length}>
                <RowList
                  label="Deliveries"
                  columns={DELIVERY_COLUMNS}
                  rows={deliveries}
                  keyOf={({ id }) => id}
                  style={{ maxHeight: "35vh" }}
                />
              </Section>
            )}
            <Section title="Messages" count={messages.filter(({ read }) => !read).length}>
              {messages.length === 0 ? (
                <Empty title="There is no message" />
              ) : (
                <Messages rows={messages} onChange={(document, id) => void change(document, id)} />
              )}
            </Section>
          </div>
        )}
      </Answer>
      {edited !== null && (
        <HookForm
          key={edited === "new" ? "new" : edited.id}
          hook={edited === "new" ? null : edited}
          versions={choicesOf(flows.map((flow) => [flow.version_group_id, flow.name]))}
          flows={choicesOf(flows.map((flow) => [flow.flow_group_id, flow.name]))}
          projects={choicesOf((answer.data?.project ?? []).map(({ id, name }) => [id, name]))}
          onClose={() => setEdited(null)}
        />
      )}
      {tested !== null && (
        <TestHook
          hook={tested}
          onDone={() =>
            setSaid(
              tested.type === "PREFECT_MESSAGE"
                ? `${tested.name} was set off: its message is below.`
                : `${tested.name} was set off: it is on its way to ${destination(tested)}`,
            )
          }
          onClose={() => setTested(null)}
        />
      )}
      {deleted !== null && (
        <Form
          title="Delete hook"
          says="Delete"
          isDangerous
          explained="Nobody is told any more. Messages that it left stay."
          onSubmit={() => ask(DELETE, { id: deleted.id })}
          onClose={() => setDeleted(null)}
        >
          <p className="clip" title={deleted.name ?? deleted.id}>
            <b>{deleted.name ?? deleted.id}</b>
          </p>
        </Form>
      )}
    </TeamPage>
  );
}

/** What can be chosen, each id once. */
function choicesOf(named: readonly (readonly [string | null, string])[]): readonly Choice[] {
  const known = new Map(named.filter(([id]) => id !== null && id !== ""));
  return [...known].map(([value, label]) => ({ value: value as string, label }));
}

const DELIVERY_COLUMNS: readonly Column<Delivery>[] = [
  { title: "When", width: "9.5rem", show: (delivery) => <Time at={delivery.created} /> },
  {
    title: "Hook",
    width: "minmax(8rem, 1fr)",
    show: (delivery) => (
      <span title={delivery.cloud_hook?.name ?? ""}>{delivery.cloud_hook?.name ?? "one that is gone"}</span>
    ),
  },
  {
    title: "Run",
    width: "minmax(8rem, 1fr)",
    show: ({ flow_run: run }) =>
      run === null ? (
        <span className="faint">none</span>
      ) : (
        <Link to="/flow-run/$id" params={{ id: run.id }} className="bare-link" title={run.name ?? run.id}>
          {run.name ?? run.id}
        </Link>
      ),
  },
  {
    title: "Status",
    width: "8rem",
    show: ({ status }) => <span className={status === "given up" ? "team-bad" : ""}>{status}</span>,
  },
  { title: "Tried", width: "4.5rem", isNumber: true, show: ({ attempts }) => attempts },
  {
    title: "What went wrong last",
    width: "minmax(12rem, 2fr)",
    show: ({ last_error }) => <span title={last_error ?? ""}>{last_error}</span>,
  },
];

interface MessagesProps {
  readonly rows: readonly Message[];
  readonly onChange: (document: string, id: string) => void;
}

function Messages({ rows, onChange }: MessagesProps): JSX.Element {
  const columns: readonly Column<Message>[] = [
    { title: "When", width: "9.5rem", show: (message) => <Time at={message.created} /> },
    {
      title: "Message",
      width: "minmax(14rem, 1fr)",
      show: (message) => (
        <span className={message.read ? "soft" : "team-unread"} title={message.text ?? ""}>
          {message.text}
        </span>
      ),
    },
    {
      title: "Actions",
      isNumber: true,
      width: "13rem",
      show: (message) => (
        <span className="team-acts">
          {runOf(message.content) !== undefined && (
            <Link to="/flow-run/$id" params={{ id: runOf(message.content) ?? "" }}>
              The run
            </Link>
          )}
          <Act needs="user" size="compact-xs" onClick={() => onChange(message.read ? UNREAD : READ, message.id)}>
            {message.read ? "Unread" : "Read"}
          </Act>
          <Act needs="user" size="compact-xs" label="Delete message" onClick={() => onChange(FORGET, message.id)}>
            Delete
          </Act>
        </span>
      ),
    },
  ];
  return <RowList label="Messages" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

function runOf(content: Json): string | undefined {
  if (content === null || typeof content !== "object" || Array.isArray(content)) return undefined;
  const id = (content as Readonly<Record<string, Json>>).flow_run_id;
  return typeof id === "string" ? id : undefined;
}

const TESTED = ["SUCCESS", "FAILED", "RUNNING", "SUBMITTED", "SCHEDULED"];

interface TestHookProps {
  readonly hook: Hook;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function TestHook({ hook, onDone, onClose }: TestHookProps): JSX.Element {
  const [state, setState] = useState("FAILED");
  return (
    <Form
      title="Test hook"
      says="Set it off"
      explained="It tells whom it would tell if a run had entered this state. No run is changed."
      onSubmit={async () => {
        await ask(TEST, { id: hook.id, state });
        onDone();
      }}
      onClose={onClose}
    >
      <Select
        label="As if a run were"
        data={TESTED}
        value={state}
        allowDeselect={false}
        onChange={(chosen) => setState(chosen ?? "FAILED")}
        comboboxProps={{ withinPortal: false }}
        data-autofocus
      />
    </Form>
  );
}
