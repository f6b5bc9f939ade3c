import { SegmentedControl, Select } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { JSX } from "react";
import { useMemo } from "react";
import { useAsk, useLive } from "../../api/hooks";
import {
  countsOf,
  firstCause,
  LISTED,
  type ListedRun,
  NEWEST,
  REASON,
  type Reason,
  ROOT_FAILURES,
  taskRunName,
} from "../../api/runs";
import { GROUPS } from "../../api/states";
import { RunHistory } from "../../charts/RunHistory";
import { useNow } from "../../lib/now";
import { Answer, Empty } from "../../parts/Notice";
import { Page, Section } from "../../parts/Page";
import { StateBar, StateShape, StateStrip } from "../../parts/State";
import { Ago, Duration, Time } from "../../parts/Time";
import { NoRuns } from "../flow-runs/FlowRuns";
import { beginning, type DashboardSearch, WINDOWS, type Window } from "./search";
import "./dashboard.css";

const SHOWN = 8;
// A run that is not begun this long after its time is late.
const GRACE_SECONDS = 15;

const DASHBOARD = `
query dashboard($window: flow_run_bool_exp!, $failures: flow_run_bool_exp!, $running: flow_run_bool_exp!,
    $late: flow_run_bool_exp!, $upcoming: flow_run_bool_exp!, $failed: [String!]!, $shown: Int!) {
  by_state: flow_run_aggregate(where: $window, group_by: [state]) { groups { key { state } aggregate { count } } }
  recent: flow_run(where: $window, order_by: [{scheduled_start_time: desc}], limit: 120) {
    id name state start_time end_time flow { name }
  }
  failures: flow_run(where: $failures, order_by: [{scheduled_start_time: desc}], limit: $shown) { ${LISTED} ${REASON} }
  failures_count: flow_run_aggregate(where: $failures) { aggregate { count } }
  running: flow_run(where: $running, order_by: [{start_time: desc}], limit: $shown) {
    ${LISTED}
    task_runs_aggregate(group_by: [state]) { groups { key { state } aggregate { count } } }
  }
  running_count: flow_run_aggregate(where: $running) { aggregate { count } }
  late: flow_run(where: $late, order_by: [{scheduled_start_time: asc}], limit: $shown) { ${LISTED} }
  late_count: flow_run_aggregate(where: $late) { aggregate { count } }
  upcoming: flow_run(where: $upcoming, order_by: [{scheduled_start_time: asc}], limit: $shown) { ${LISTED} }
  upcoming_count: flow_run_aggregate(where: $upcoming) { aggregate { count } }
  any: flow_run(limit: 1) { id }
  project(order_by: [{name: asc}]) { name }
}`;

interface Count {
  readonly aggregate: { readonly count: number };
}

type Groups = Parameters<typeof countsOf>[0];

interface Answered {
  readonly by_state: Groups;
  readonly recent: readonly Pick<ListedRun, "id" | "name" | "state" | "start_time" | "end_time" | "flow">[];
  readonly failures: readonly (ListedRun & { readonly reason: readonly Reason[] })[];
  readonly failures_count: Count;
  readonly running: readonly (ListedRun & { readonly task_runs_aggregate: Groups })[];
  readonly running_count: Count;
  readonly late: readonly ListedRun[];
  readonly late_count: Count;
  readonly upcoming: readonly ListedRun[];
  readonly upcoming_count: Count;
  readonly any: readonly { readonly id: string }[];
  readonly project: readonly { readonly name: string }[];
}

const route = getRouteApi("/");

/** What wants attention: failed and why, running and how far, late, and what comes next. */
export function Dashboard(): JSX.Element {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (changed: { [Key in keyof DashboardSearch]: DashboardSearch[Key] | undefined }) =>
    void navigate({ to: "/", search: { ...search, ...changed } as DashboardSearch, replace: true });
  const window: Window = search.window ?? "24h";
  // To the minute: what is asked is the same question until the next one.
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const variables = useMemo(() => questions(window, search.project, minute), [window, search.project, minute]);
  const answer = useAsk<Answered>(DASHBOARD, variables);
  useLive(NEWEST);
  const inProject = search.project === undefined ? {} : { project: search.project };
  return (
    <Page
      title="Dashboard"
      tools={
        <>
          <Select
            aria-label="Project"
            placeholder="All projects"
            data={(answer.data?.project ?? []).map(({ name }) => name)}
            value={search.project ?? null}
            onChange={(project) => change({ project: project ?? undefined })}
            clearable
            searchable
          />
          <SegmentedControl
            aria-label="How far back"
            data={WINDOWS.map((value) => ({ value, label: value }))}
            value={window}
            onChange={(value) => change({ window: value === "24h" ? undefined : (value as Window) })}
          />
        </>
      }
    >
      <Answer of={answer} what="the dashboard">
        {(data) =>
          data.any.length === 0 ? (
            <NoRuns />
          ) : (
            <div className="dashboard">
              <div className="dashboard-wide">
                <StateStrip
                  label="Runs by state"
                  counts={countsOf(data.by_state)}
                  onChoose={([state]) =>
                    void navigate({ to: "/flow-runs", search: { ...inProject, ...(state ? { state } : {}) } })
                  }
                />
                <RunHistory
                  runs={data.recent}
                  onOpen={(id) => void navigate({ to: "/flow-run/$id", params: { id } })}
                />
              </div>
              <Section
                title="Failed"
                count={data.failures_count.aggregate.count}
                more={<All states={GROUPS.FAILED} {...inProject} />}
              >
                {data.failures.length === 0 && <Empty title="Nothing failed">in this time.</Empty>}
                <ul className="entries">
                  {data.failures.map((run) => (
                    <li key={run.id} className="entry">
                      <StateShape state={run.state} />
                      <RunLink run={run} />
                      <span className="faint entry-when">
                        <Ago at={run.end_time ?? run.state_timestamp} />
                      </span>
                      <Why run={run} reason={run.reason[0]} />
                    </li>
                  ))}
                </ul>
              </Section>
              <Section
                title="Running"
                count={data.running_count.aggregate.count}
                more={<All states={GROUPS.RUNNING} {...inProject} />}
              >
                {data.running.length === 0 && <Empty title="Nothing runs now" />}
                <ul className="entries">
                  {data.running.map((run) => (
                    <li key={run.id} className="entry">
                      <StateShape state={run.state} />
                      <RunLink run={run} />
                      <span className="faint entry-when">
                        <Duration from={run.start_time} to={null} />
                      </span>
                      <div className="entry-below">
                        <Progress counts={countsOf(run.task_runs_aggregate)} />
                      </div>
                    </li>
                  ))}
                </ul>
              </Section>
              <Section
                title="Late"
                count={data.late_count.aggregate.count}
                more={<All states={["Scheduled"]} {...inProject} />}
              >
                {data.late.length === 0 && <Empty title="Nothing is late" />}
                <Waiting runs={data.late} />
              </Section>
              <Section
                title="Upcoming"
                count={data.upcoming_count.aggregate.count}
                more={<All states={["Scheduled"]} {...inProject} />}
              >
                {data.upcoming.length === 0 && <Empty title="Nothing is planned" />}
                <Waiting runs={data.upcoming} />
              </Section>
            </div>
          )
        }
      </Answer>
    </Page>
  );
}

function questions(window: Window, project: string | undefined, minute: number): Record<string, unknown> {
  const within = project === undefined ? [] : [{ flow: { project: { name: { _eq: project } } } }];
  const since = beginning(window, minute);
  const now = new Date(minute).toISOString();
  const recent = since === null ? [] : [{ scheduled_start_time: { _gte: since } }];
  const overdue = new Date(Date.now() - GRACE_SECONDS * 1000).toISOString();
  const waiting = { state: { _in: GROUPS.SCHEDULED } };
  return {
    window: {
      _and: [
        ...within,
        ...recent,
        { _or: [{ scheduled_start_time: { _lte: now } }, { state: { _nin: GROUPS.SCHEDULED } }] },
      ],
    },
    failures: { _and: [...within, ...recent, { state: { _in: GROUPS.FAILED } }] },
    running: { _and: [...within, { state: { _in: GROUPS.RUNNING } }] },
    late: { _and: [...within, waiting, { scheduled_start_time: { _lt: overdue } }] },
    upcoming: { _and: [...within, waiting, { scheduled_start_time: { _gte: overdue } }] },
    failed: ROOT_FAILURES,
    shown: SHOWN,
  };
}

function All({ states, project }: { readonly states: readonly string[]; readonly project?: string }): JSX.Element {
  return (
    <Link
      to="/flow-runs"
      search={{ state: states.join(","), ...(project === undefined ? {} : { project }) }}
      className="bare-link"
    >
      all
    </Link>
  );
}

function RunLink({ run }: { readonly run: ListedRun }): JSX.Element {
  return (
    <span className="clip" title={`${run.name} of ${run.flow?.name}`}>
      <Link to="/flow-run/$id" params={{ id: run.id }} className="entry-name">
        {run.name ?? run.id}
      </Link>{" "}
      <span className="soft">{run.flow?.name}</span>
    </span>
  );
}

function Why({ run, reason }: { readonly run: ListedRun; readonly reason: Reason | undefined }): JSX.Element {
  if (reason === undefined) {
    return (
      <div className="entry-below clip" title={run.state_message ?? ""}>
        {firstCause(run.state_message)}
      </div>
    );
  }
  const cause = firstCause(reason.state_message);
  return (
    <div className="entry-below clip" title={`${taskRunName(reason)}: ${reason.state_message ?? ""}`}>
      <b>{taskRunName(reason)}</b> {cause}
    </div>
  );
}

function Progress({ counts }: { readonly counts: ReturnType<typeof countsOf> }): JSX.Element {
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const done = counts
    .filter(({ state }) => (GROUPS.CLOSED as readonly (string | null)[]).includes(state))
    .reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <StateBar counts={counts} />
      <span className="soft">
        {done.toLocaleString("en")} of {total.toLocaleString("en")} task runs have ended
      </span>
    </>
  );
}

function Waiting({ runs }: { readonly runs: readonly ListedRun[] }): JSX.Element {
  return (
    <ul className="entries">
      {runs.map((run) => (
        <li key={run.id} className="entry">
          <StateShape state={run.state} />
          <RunLink run={run} />
          <span className="faint entry-when">
            <Ago at={run.scheduled_start_time} />
          </span>
          <div className="entry-below">
            <Time at={run.scheduled_start_time} />
          </div>
        </li>
      ))}
    </ul>
  );
}
