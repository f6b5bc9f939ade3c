import { Checkbox, MultiSelect, NumberInput, Select, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { queryClient, useAsk, useLive } from "../../api/hooks";
import { tenantOf, useSession } from "../../api/session";
import { STATES } from "../../api/states";
import type { AutomationEventRow, AutomationRow } from "../../api/tables";
import { useKeys } from "../../lib/keys";
import { duration } from "../../lib/time";
import { Answer, Empty, Wrong } from "../../parts/Notice";
import { Section } from "../../parts/Page";
import { type Column, RowList } from "../../parts/RowList";
import { Time } from "../../parts/Time";
import { Act, Form, TeamPage } from "./frame";

const AUTOMATIONS = `
query automations {
  automation(order_by: [{name: asc}]) { id name active trigger actions }
  automation_event(order_by: [{created: desc}], limit: 200) {
    id created actions_done finished last_error automation { name } flow_run { id name }
  }
  cloud_hook(order_by: [{name: asc}]) { id name }
  flow_group(order_by: [{created: asc}], limit: 1000) { id flows(order_by: [{version: desc}], limit: 1) { name } }
}`;

const FOLLOWED = `
subscription newest_automation_events { automation_event(order_by: [{created: desc}], limit: 50) { id updated } }`;

const CREATE = `mutation create_automation($input: create_automation_input!) {
  create_automation(input: $input) { id }
}`;
const SWITCH = `mutation switch_automation($input: update_automation_input!) {
  update_automation(input: $input) { id }
}`;
const DELETE = `mutation delete_automation($input: delete_automation_input!) {
  delete_automation(input: $input) { success }
}`;

type Kind = "STATE_CHANGE" | "LATE_START" | "LATE_FINISH" | "AGENT_UNHEALTHY";
type Does = "NOTIFY" | "CANCEL_FLOW_RUN" | "PAUSE_SCHEDULE" | "START_FLOW_RUN";

interface Trigger {
  readonly type: Kind;
  readonly states?: readonly string[] | null;
  readonly seconds?: number | null;
  readonly agent_name?: string | null;
}

interface Action {
  readonly type: Does;
  readonly cloud_hook_id?: string | null;
  readonly flow_group_id?: string | null;
}

type Automation = Pick<AutomationRow, "id" | "name" | "active"> & {
  readonly trigger: Trigger;
  readonly actions: readonly Action[];
};

interface Happened extends Pick<AutomationEventRow, "id" | "created" | "actions_done" | "finished" | "last_error"> {
  readonly automation: { readonly name: string } | null;
  readonly flow_run: { readonly id: string; readonly name: string | null } | null;
}

interface Answered {
  readonly automation: readonly Automation[];
  readonly automation_event: readonly Happened[];
  readonly cloud_hook: readonly { readonly id: string; readonly name: string | null }[];
  readonly flow_group: readonly { readonly id: string; readonly flows: readonly { readonly name: string }[] }[];
}

const KINDS: Record<Kind, string> = {
  STATE_CHANGE: "a run enters a state",
  LATE_START: "a run does not start in time",
  LATE_FINISH: "a run does not end in time",
  AGENT_UNHEALTHY: "an agent goes silent",
};

const DOES: Record<Does, string> = {
  NOTIFY: "let a hook tell",
  CANCEL_FLOW_RUN: "cancel the run",
  PAUSE_SCHEDULE: "pause the schedule of its flow",
  START_FLOW_RUN: "start a flow",
};

/** What follows when something happens, or does not happen in time. */
export function Automations(): JSX.Element {
  const answer = useAsk<Answered>(AUTOMATIONS);
  const [creating, setCreating] = useState(false);
  const [deleted, setDeleted] = useState<Automation | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useLive(FOLLOWED);
  useKeys("Automations", [{ keys: "n", says: "a new automation", run: () => setCreating(true) }]);
  const toggle = async ({ id, active }: Automation) => {
    setError(null);
    try {
      await ask(SWITCH, { input: { automation_id: id, active: !active } });
    } catch (wrong) {
      setError(wrong instanceof Error ? wrong : new Error(String(wrong)));
    }
    void queryClient.invalidateQueries({ predicate: (query) => query.meta?.fixed !== true });
  };
  const columns = (data: Answered): readonly Column<Automation>[] => [
    { title: "Automation", width: "minmax(9rem, 1fr)", show: ({ name }) => <span title={name}>{name}</span> },
    {
      title: "When",
      width: "minmax(12rem, 1.5fr)",
      show: ({ trigger }) => <span title={when(trigger)}>{when(trigger)}</span>,
    },
    {
      title: "Then",
      width: "minmax(12rem, 1.5fr)",
      show: ({ actions }) => {
        const said = actions.map((action) => then(action, data)).join(", and ");
        return <span title={said}>{said}</span>;
      },
    },
    { title: "Now", width: "6rem", show: ({ active }) => (active ? "active" : <b className="team-warn">stopped</b>) },
    {
      title: "Actions",
      isNumber: true,
      width: "9rem",
      show: (automation) => (
        <span className="team-acts">
          <Act
            needs="user"
            size="compact-xs"
            label={`${automation.active ? "Stop" : "Start"} ${automation.name}`}
            onClick={() => void toggle(automation)}
          >
            {automation.active ? "Stop" : "Start"}
          </Act>
          <Act
            needs="user"
            size="compact-xs"
            label={`Delete ${automation.name}`}
            onClick={() => setDeleted(automation)}
          >
            Delete
          </Act>
        </span>
      ),
    },
  ];
  return (
    <TeamPage
      title="Automations"
      tools={
        <Act needs="user" onClick={() => setCreating(true)}>
          New automation …
        </Act>
      }
    >
      {error !== null && <Wrong error={error} />}
      <Answer of={answer} what="automations">
        {(data) => (
          <div className="team-sections">
            <Section title="Automations" count={data.automation.length}>
              {data.automation.length === 0 ? (
                <Empty title="Nothing follows by itself yet">
                  An automation cancels a run that takes too long, pauses a schedule, starts another flow, or lets a
                  hook tell. A server does it, each once.
                </Empty>
              ) : (
                <RowList
                  label="Automations"
                  columns={columns(data)}
                  rows={data.automation}
                  keyOf={({ id }) => id}
                  style={{ maxHeight: "45vh" }}
                />
              )}
            </Section>
            {data.automation_event.length > 0 && (
              <Section title="What set them off" count={data.automation_event.length}>
                <RowList
                  label="What set them off"
                  columns={EVENT_COLUMNS}
                  rows={data.automation_event}
                  keyOf={({ id }) => id}
                />
              </Section>
            )}
          </div>
        )}
      </Answer>
      {creating && answer.data !== undefined && (
        <CreateAutomation data={answer.data} onClose={() => setCreating(false)} />
      )}
      {deleted !== null && (
        <Form
          title="Delete automation"
          says="Delete"
          isDangerous
          explained="What it has done stays done. This cannot be undone."
          onSubmit={() => ask(DELETE, { input: { automation_id: deleted.id } })}
          onClose={() => setDeleted(null)}
        >
          <p className="clip" title={deleted.name}>
            <b>{deleted.name}</b>
          </p>
        </Form>
      )}
    </TeamPage>
  );
}

function when(trigger: Trigger): string {
  const length = duration((trigger.seconds ?? 0) * 1000);
  switch (trigger.type) {
    case "STATE_CHANGE":
      return `a run becomes ${(trigger.states ?? []).join(" or ")}`;
    case "LATE_START":
      return `a run has not started ${length} after its time`;
    case "LATE_FINISH":
      return `a run has not ended after ${length}`;
    case "AGENT_UNHEALTHY":
      return `${trigger.agent_name ?? "an agent"} has not asked for ${length}`;
  }
}

function then(action: Action, { cloud_hook, flow_group }: Answered): string {
  switch (action.type) {
    case "NOTIFY":
      return `let the hook ${cloud_hook.find(({ id }) => id === action.cloud_hook_id)?.name ?? "that is gone"} tell`;
    case "START_FLOW_RUN":
      return `start ${flow_group.find(({ id }) => id === action.flow_group_id)?.flows[0]?.name ?? "a flow that is gone"}`;
    default:
      return DOES[action.type];
  }
}

const EVENT_COLUMNS: readonly Column<Happened>[] = [
  { title: "When", width: "9.5rem", show: (event) => <Time at={event.created} /> },
  {
    title: "Automation",
    width: "minmax(9rem, 1fr)",
    show: ({ automation }) => <span title={automation?.name ?? ""}>{automation?.name ?? "one that is gone"}</span>,
  },
  {
    title: "Run",
    width: "minmax(9rem, 1fr)",
    show: ({ flow_run: run }) =>
      run === null ? (
        <span className="faint">none</span>
      ) : (
        <Link to="/flow-run/$id" params={{ id: run.id }} className="bare-link" title={run.name ?? run.id}>
          {run.name ?? run.id}
        </Link>
      ),
  },
  { title: "Done", width: "5rem", isNumber: true, show: ({ actions_done }) => actions_done },
  { title: "Ended", width: "9.5rem", show: ({ finished }) => <Time at={finished} empty="not yet" /> },
  {
    title: "What went wrong",
    width: "minmax(10rem, 2fr)",
    show: ({ last_error }) => <span title={last_error ?? ""}>{last_error}</span>,
  },
];

interface CreateProps {
  readonly data: Answered;
  readonly onClose: () => void;
}

function CreateAutomation({ data, onClose }: CreateProps): JSX.Element {
  const session = useSession().data;
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("LATE_FINISH");
  const [states, setStates] = useState<string[]>(["Failed"]);
  const [minutes, setMinutes] = useState<number | string>(60);
  const [isFromSchedule, setFromSchedule] = useState(false);
  const [agent, setAgent] = useState("");
  const [group, setGroup] = useState<string | null>(null);
  const [does, setDoes] = useState<Does>("CANCEL_FLOW_RUN");
  const [hook, setHook] = useState<string | null>(null);
  const [started, setStarted] = useState<string | null>(null);
  const flows = data.flow_group.map(({ id, flows: [newest] }) => ({ value: id, label: newest?.name ?? id }));
  const isOfAgent = kind === "AGENT_UNHEALTHY";
  const isReady =
    name.trim() !== "" &&
    (kind === "STATE_CHANGE" ? states.length > 0 : typeof minutes === "number" && minutes > 0) &&
    (does !== "NOTIFY" || hook !== null) &&
    (does !== "START_FLOW_RUN" || started !== null);
  const create = () => {
    const trigger = {
      type: kind,
      ...(kind === "STATE_CHANGE" ? { states } : { seconds: Number(minutes) * 60 }),
      ...(kind === "LATE_FINISH" && isFromSchedule ? { from_schedule: true } : {}),
      ...(isOfAgent && agent.trim() !== "" ? { agent_name: agent.trim() } : {}),
      ...(!isOfAgent && group !== null ? { run_filter: { flow_group_ids: [group] } } : {}),
    };
    const action = {
      type: does,
      ...(does === "NOTIFY" ? { cloud_hook_id: hook } : {}),
      ...(does === "START_FLOW_RUN" ? { flow_group_id: started } : {}),
    };
    return ask(CREATE, { input: { tenant_id: tenantOf(session), name: name.trim(), trigger, actions: [action] } });
  };
  const inDialog = { comboboxProps: { withinPortal: false } };
  return (
    <Form
      title="New automation"
      says="Make it"
      isReady={isReady}
      explained="More than one action, parameters and other filters are given by the API: the console completes them."
      onSubmit={create}
      onClose={onClose}
    >
      <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <Select
        label="When"
        data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
        value={kind}
        allowDeselect={false}
        onChange={(chosen) => setKind((chosen ?? "LATE_FINISH") as Kind)}
        {...inDialog}
      />
      {kind === "STATE_CHANGE" ? (
        <MultiSelect
          label="The states"
          size="xs"
          data={Object.keys(STATES)}
          value={states}
          onChange={setStates}
          searchable
          {...inDialog}
        />
      ) : (
        <NumberInput label="Minutes" size="xs" min={0.1} value={minutes} onChange={setMinutes} />
      )}
      {kind === "LATE_FINISH" && (
        <Checkbox
          size="xs"
          label="Counted from the time it was scheduled for, not from its start"
          checked={isFromSchedule}
          onChange={(event) => setFromSchedule(event.currentTarget.checked)}
        />
      )}
      {isOfAgent ? (
        <TextInput
          label="Agents called"
          placeholder="Any agent"
          value={agent}
          onChange={(event) => setAgent(event.currentTarget.value)}
        />
      ) : (
        <Select
          label="Of the flow"
          placeholder="Any flow"
          data={flows}
          value={group}
          onChange={setGroup}
          searchable
          clearable
          {...inDialog}
        />
      )}
      <Select
        label="Then"
        data={Object.entries(DOES).map(([value, label]) => ({ value, label }))}
        value={does}
        allowDeselect={false}
        onChange={(chosen) => setDoes((chosen ?? "NOTIFY") as Does)}
        {...inDialog}
      />
      {does === "NOTIFY" && (
        <Select
          label="The hook"
          placeholder={data.cloud_hook.length === 0 ? "There is none yet: make it first" : "Choose one"}
          data={data.cloud_hook.map(({ id, name: called }) => ({ value: id, label: called ?? id }))}
          value={hook}
          onChange={setHook}
          {...inDialog}
        />
      )}
      {does === "START_FLOW_RUN" && (
        <Select label="The flow to start" data={flows} value={started} onChange={setStarted} searchable {...inDialog} />
      )}
    </Form>
  );
}
