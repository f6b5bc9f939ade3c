import { Link } from "@tanstack/react-router";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { queryClient, useAsk, useLive } from "../../api/hooks";
import type { AutomationEventRow } from "../../api/tables";
import { useKeys } from "../../lib/keys";
import { duration } from "../../lib/time";
import { Answer, Empty, Wrong } from "../../parts/Notice";
import { Section } from "../../parts/Page";
import { type Column, RowList } from "../../parts/RowList";
import { Time } from "../../parts/Time";
import { AutomationForm } from "./AutomationForm";
import { type Action, type Automation, DOES, type Trigger } from "./automation";
import { Act, Form, TeamPage } from "./frame";
import { isOfEveryRun } from "./runFilter";

const AUTOMATIONS = `
query automations {
  automation(order_by: [{name: asc}]) { id name active trigger actions }
  automation_event(order_by: [{created: desc}], limit: 200) {
    id created actions_done finished last_error automation { name } flow_run { id name }
  }
  cloud_hook(order_by: [{name: asc}]) { id name }
  project(order_by: [{name: asc}], limit: 1000) { id name }
  flow_group(order_by: [{created: asc}], limit: 1000) { id flows(order_by: [{version: desc}], limit: 1) { name } }
}`;

const FOLLOWED = `
subscription newest_automation_events { automation_event(order_by: [{created: desc}], limit: 50) { id updated } }`;

const SWITCH = `mutation switch_automation($input: update_automation_input!) {
  update_automation(input: $input) { id }
}`;
const DELETE = `mutation delete_automation($input: delete_automation_input!) {
  delete_automation(input: $input) { success }
}`;

interface Happened extends Pick<AutomationEventRow, "id" | "created" | "actions_done" | "finished" | "last_error"> {
  readonly automation: { readonly name: string } | null;
  readonly flow_run: { readonly id: string; readonly name: string | null } | null;
}

interface Answered {
  readonly automation: readonly Automation[];
  readonly automation_event: readonly Happened[];
  readonly cloud_hook: readonly { readonly id: string; readonly name: string | null }[];
  readonly project: readonly { readonly id: string; readonly name: string }[];
  readonly flow_group: readonly { readonly id: string; readonly flows: readonly { readonly name: string }[] }[];
}

/** What follows when something happens, or does not happen in time. */
export function Automations(): JSX.Element {
  const answer = useAsk<Answered>(AUTOMATIONS);
  const [edited, setEdited] = useState<Automation | "new" | null>(null);
  const [deleted, setDeleted] = useState<Automation | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useLive(FOLLOWED);
  useKeys("Automations", [{ keys: "n", says: "a new automation", run: () => setEdited("new") }]);
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
      show: ({ trigger }) => (
        <span title={when(trigger)}>
          {when(trigger)}
          {!isOfEveryRun(trigger.run_filter ?? {}) && <span className="faint"> only some runs</span>}
        </span>
      ),
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
      width: "13rem",
      show: (automation) => (
        <span className="team-acts">
          <Act needs="user" size="compact-xs" label={`Change ${automation.name}`} onClick={() => setEdited(automation)}>
            Change
          </Act>
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
        <Act needs="user" onClick={() => setEdited("new")}>
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
                  onOpen={setEdited}
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
      {edited !== null && answer.data !== undefined && (
        <AutomationForm
          key={edited === "new" ? "new" : edited.id}
          automation={edited === "new" ? null : edited}
          hooks={answer.data.cloud_hook.map(({ id, name }) => ({ value: id, label: name ?? id }))}
          flows={answer.data.flow_group.map(({ id, flows: [newest] }) => ({ value: id, label: newest?.name ?? id }))}
          projects={answer.data.project.map(({ id, name }) => ({ value: id, label: name }))}
          onClose={() => setEdited(null)}
        />
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
    case "PAUSE_SCHEDULE":
      return action.flow_group_id === undefined || action.flow_group_id === null
        ? "pause the schedule of its flow"
        : `pause the schedule of ${flow_group.find(({ id }) => id === action.flow_group_id)?.flows[0]?.name ?? "a flow that is gone"}`;
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
