import { getRouteApi, Link } from "@tanstack/react-router";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { useAsk, useLive } from "../../api/hooks";
import type { AgentRow } from "../../api/tables";
import { useNow } from "../../lib/now";
import { duration } from "../../lib/time";
import { Answer, Empty } from "../../parts/Notice";
import { Section } from "../../parts/Page";
import { type Column, RowList } from "../../parts/RowList";
import { Ago, Time } from "../../parts/Time";
import { Act, Form, Labels, TeamPage } from "./frame";
import { type Health, healthOf } from "./values";

const AGENTS = `
query agents($running: [String!]) {
  agent(order_by: [{last_queried: desc_nulls_last}, {name: asc}], limit: 500) {
    id name type labels core_version last_queried created
    running: flow_runs_aggregate(where: {state: {_in: $running}}) { aggregate { count } }
  }
}`;

const LATE = `query late_runs { late_flow_runs { id name flow_name due seconds labels reason message } }`;

// An agent that asks changes its row: this tells of every question, and so of runs that are taken as well.
const FOLLOWED = `subscription agents { agent(order_by: [{last_queried: desc_nulls_last}]) { id last_queried } }`;

const DELETE = `mutation delete_agent($id: UUID!) { delete_agent(input: {agent_id: $id}) { success } }`;

type Agent = Pick<AgentRow, "id" | "name" | "type" | "core_version" | "last_queried" | "created"> & {
  readonly labels: readonly string[];
  readonly running: { readonly aggregate: { readonly count: number } };
};

interface Late {
  readonly id: string;
  readonly name: string | null;
  readonly flow_name: string | null;
  readonly due: string | null;
  readonly seconds: number;
  readonly labels: readonly string[];
  readonly reason: string;
  readonly message: string;
}

/** The agents, whether they look for runs, and why nobody takes the runs that wait. */
export function Agents(): JSX.Element {
  const agents = useAsk<{ readonly agent: readonly Agent[] }>(AGENTS, { running: ["Submitted", "Running"] });
  const late = useAsk<{ readonly late_flow_runs: readonly Late[] }>(LATE);
  const [deleted, setDeleted] = useState<Agent | null>(null);
  const { run } = route.useSearch();
  useLive(FOLLOWED);
  const columns: readonly Column<Agent>[] = [
    { title: "Health", width: "7.5rem", show: (agent) => <HealthOf at={agent.last_queried} /> },
    {
      title: "Agent",
      width: "minmax(9rem, 1fr)",
      show: (agent) => <span title={agent.name ?? agent.id}>{agent.name ?? "agent"}</span>,
    },
    { title: "Type", width: "8.5rem", show: (agent) => <span title={agent.type ?? ""}>{agent.type}</span> },
    { title: "Labels", width: "minmax(9rem, 2fr)", show: (agent) => <Labels of={agent.labels} /> },
    { title: "Last asked", width: "8rem", show: (agent) => <Ago at={agent.last_queried} /> },
    {
      title: "Its runs now",
      width: "6rem",
      isNumber: true,
      show: (agent) => agent.running.aggregate.count.toLocaleString("en"),
    },
    { title: "Version", width: "7rem", show: (agent) => agent.core_version },
    {
      title: "Actions",
      isNumber: true,
      width: "5rem",
      show: (agent) => (
        <span className="team-acts">
          <Act
            needs="user"
            size="compact-xs"
            label={`Forget ${agent.name ?? agent.id}`}
            onClick={() => setDeleted(agent)}
          >
            Forget
          </Act>
        </span>
      ),
    },
  ];
  return (
    <TeamPage title="Agents">
      <div className="team-sections">
        {run !== undefined && <WhoTakes run={run} />}
        <Answer of={agents} what="agents">
          {({ agent: rows }) => (
            <Section title="Agents" count={rows.length}>
              {rows.length === 0 ? (
                <Empty title="No agent has made itself known">
                  <p>An agent takes runs whose time has come and executes them where it is:</p>
                  <pre>prefect agent local start --label eu</pre>
                </Empty>
              ) : (
                <RowList
                  label="Agents"
                  columns={columns}
                  rows={rows}
                  keyOf={({ id }) => id}
                  style={{ maxHeight: "45vh" }}
                />
              )}
            </Section>
          )}
        </Answer>
        <Answer of={late} what="runs that wait">
          {({ late_flow_runs: rows }) => <Waiting rows={rows} />}
        </Answer>
      </div>
      {deleted !== null && (
        <Form
          title="Forget agent"
          says="Forget"
          isDangerous
          explained="The runs that it has started stay as they are. An agent that still looks for runs comes back by itself."
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

const MATCHING = `
query matching_agents($id: UUID!) {
  flow_run_by_pk(id: $id) { name }
  flow_run_matching(flow_run_id: $id) {
    labels reason agents { agent_id name type labels last_queried is_looking matches missing_labels }
  }
}`;

interface Matching {
  readonly flow_run_by_pk: { readonly name: string | null } | null;
  readonly flow_run_matching: {
    readonly labels: readonly string[];
    readonly reason: string | null;
    readonly agents: readonly Matched[];
  };
}

interface Matched {
  readonly agent_id: string;
  readonly name: string | null;
  readonly labels: readonly string[];
  readonly last_queried: string | null;
  readonly is_looking: boolean;
  readonly matches: boolean;
  readonly missing_labels: readonly string[];
}

const MATCHED_COLUMNS: readonly Column<Matched>[] = [
  {
    title: "Would take it",
    width: "8rem",
    show: (agent) => (agent.matches && agent.is_looking ? <b>yes</b> : <span className="soft">no</span>),
  },
  {
    title: "Agent",
    width: "minmax(9rem, 1fr)",
    show: (agent) => <span title={agent.name ?? agent.agent_id}>{agent.name ?? "agent"}</span>,
  },
  { title: "Labels", width: "minmax(9rem, 1fr)", show: (agent) => <Labels of={agent.labels} /> },
  {
    title: "Why not",
    width: "minmax(14rem, 2fr)",
    show: (agent) => [whyNot(agent), agent.is_looking ? "" : "is not looking for runs"].filter(Boolean).join("; "),
  },
  { title: "Last asked", width: "8rem", show: (agent) => <Ago at={agent.last_queried} /> },
];

function whyNot({ matches, missing_labels }: Matched): string {
  if (matches) return "";
  return missing_labels.length > 0 ? `lacks ${missing_labels.join(", ")}` : "takes no run without labels";
}

/** Which agents would take one run, and what the others lack. */
function WhoTakes({ run }: { readonly run: string }): JSX.Element {
  const answer = useAsk<Matching>(MATCHING, { id: run });
  return (
    <Answer of={answer} what="the agents that match">
      {({ flow_run_by_pk: found, flow_run_matching: matching }) => (
        <Section
          title={`Who would take ${found?.name ?? run}`}
          count={matching.agents.filter(({ matches, is_looking }) => matches && is_looking).length}
          more={
            <Link to="/team/agents" search={{}}>
              Close
            </Link>
          }
        >
          <p className="team-lead">
            It has {matching.labels.length === 0 ? "no labels" : <Labels of={matching.labels} />}. {matching.reason}
          </p>
          {matching.agents.length > 0 && (
            <RowList
              label="Agents that match"
              columns={MATCHED_COLUMNS}
              rows={matching.agents}
              keyOf={({ agent_id }) => agent_id}
              style={{ maxHeight: "30vh" }}
            />
          )}
        </Section>
      )}
    </Answer>
  );
}

const route = getRouteApi("/team/agents");

const MOST_LATE = 100;

/** The runs whose time has passed, each with the reason why nobody has taken it. */
function Waiting({ rows }: { readonly rows: readonly Late[] }): JSX.Element {
  return (
    <Section title="Runs that nobody has taken" count={rows.length}>
      {rows.length === 0 ? (
        <Empty title="Every run that was due has been taken" />
      ) : (
        <table className="table team-late">
          <thead>
            <tr>
              <th>Run</th>
              <th>Flow</th>
              <th>Due</th>
              <th>Labels</th>
              <th>Why nobody takes it</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_LATE).map((run) => (
              <tr key={run.id}>
                <td className="clip">
                  <Link to="/flow-run/$id" params={{ id: run.id }} className="bare-link" title={run.name ?? run.id}>
                    {run.name ?? run.id}
                  </Link>
                </td>
                <td className="clip" title={run.flow_name ?? ""}>
                  {run.flow_name}
                </td>
                <td>
                  <Time at={run.due} />
                  <div className="soft">late by {duration(Math.floor(run.seconds) * 1000)}</div>
                </td>
                <td>
                  <Labels of={run.labels} />
                </td>
                <td>
                  {run.message}{" "}
                  <Link to="/team/agents" search={{ run: run.id }}>
                    Which agents could?
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rows.length > MOST_LATE && <p className="soft">and {(rows.length - MOST_LATE).toLocaleString("en")} more</p>}
    </Section>
  );
}

const WORDS: Record<Health, string> = { looking: "looking", silent: "silent", never: "never asked" };

/** Whether an agent looks for runs: by shape and word. */
function HealthOf({ at }: { readonly at: string | null }): JSX.Element {
  const health = healthOf(at, useNow());
  return (
    <span className="state team-health" data-health={health}>
      <svg viewBox="0 0 12 12" className="state-shape" aria-hidden="true">
        {health === "looking" ? (
          <circle cx="6" cy="6" r="5" fill="currentColor" />
        ) : health === "silent" ? (
          <path d="M6 0.5 12 11H0z" fill="currentColor" />
        ) : (
          <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
        )}
      </svg>
      {WORDS[health]}
    </span>
  );
}
