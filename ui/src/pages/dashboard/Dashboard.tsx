import { Button, SegmentedControl, Select } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { JSX } from "react";
import { useMemo } from "react";
import { useAsk, useLive } from "../../api/hooks";
import { countsOf, firstCause, type ListedRun, NEWEST, type Reason, taskRunName } from "../../api/runs";
import { GROUPS } from "../../api/states";
import { StateHistogram } from "../../charts/StateHistogram";
import { useNow } from "../../lib/now";
import { Answer, Empty } from "../../parts/Notice";
import { Page, Section } from "../../parts/Page";
import { SearchField } from "../../parts/SearchField";
import { StateBar, StateShape, StateStrip } from "../../parts/State";
import { Ago, Duration, Time } from "../../parts/Time";
import { NoRuns } from "../flow-runs/FlowRuns";
import type { FlowRunsSearch } from "../flow-runs/search";
import { Agents, Services } from "./Health";
import {
  type Answered,
  bucketsOf,
  DASHBOARD,
  type Histogram,
  histogram,
  questions,
  stretches,
  type Waiting,
  WHY_LATE,
  type WhyLate,
} from "./questions";
import { type DashboardSearch, WINDOWS, type Window } from "./search";
import "./dashboard.css";

const route = getRouteApi("/");

/** What happened, and what wants attention: failed and why, running and how far, late and why, and what comes next. */
export function Dashboard(): JSX.Element {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (changed: { [Key in keyof DashboardSearch]: DashboardSearch[Key] | undefined }) =>
    void navigate({ to: "/", search: { ...search, ...changed } as DashboardSearch, replace: true });
  // To the minute: what is asked is the same question until the next one.
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const variables = useMemo(() => questions(search, minute), [search, minute]);
  const answer = useAsk<Answered>(DASHBOARD, variables);
  useLive(NEWEST);
  const states = search.state?.split(",") ?? [];
  const window: Window = search.window ?? "24h";
  const isFiltered = [search.project, search.flow, search.label, search.state].some((value) => value !== undefined);
  return (
    <Page
      title="Dashboard"
      tools={
        <SegmentedControl
          aria-label="How far back"
          data={WINDOWS.map((value) => ({ value, label: value }))}
          value={window}
          onChange={(value) => change({ window: value === "24h" ? undefined : (value as Window) })}
        />
      }
    >
      <div className="filters">
        <Select
          aria-label="Project"
          placeholder="All projects"
          data={[
            ...new Set([
              ...(answer.data?.project ?? []).map(({ name }) => name),
              ...(search.project === undefined ? [] : [search.project]),
            ]),
          ]}
          value={search.project ?? null}
          onChange={(project) => change({ project: project ?? undefined })}
          clearable
          searchable
        />
        <SearchField label="Flow" value={search.flow} onChange={(flow) => change({ flow })} width="12rem" />
        <SearchField label="Label" value={search.label} onChange={(label) => change({ label })} width="9rem" />
        {isFiltered && (
          <Button
            variant="subtle"
            onClick={() => void navigate({ to: "/", search: window === "24h" ? {} : { window }, replace: true })}
          >
            Clear
          </Button>
        )}
      </div>
      <Answer of={answer} what="the dashboard">
        {(data) =>
          data.oldest.length === 0 ? (
            <>
              <NoRuns />
              <div className="dashboard">
                <Agents />
                <Services />
              </div>
            </>
          ) : (
            <div className="dashboard">
              <div className="dashboard-wide">
                <StateStrip
                  label="Runs by state; each filters everything below"
                  counts={countsOf(data.by_state)}
                  chosen={states}
                  onChoose={(chosen) => change({ state: chosen.length > 0 ? chosen.join(",") : undefined })}
                />
                <OverTime search={search} oldest={data.oldest[0]?.scheduled_start_time} minute={minute} />
              </div>
              <Lists data={data} search={search} isFiltered={isFiltered} />
              <Agents />
              <Services />
            </div>
          )
        }
      </Answer>
    </Page>
  );
}

interface OverTimeProps {
  readonly search: DashboardSearch;
  readonly oldest: string | undefined;
  readonly minute: number;
}

/** Every run of the window, counted by state in stretches of time. */
function OverTime({ search, oldest, minute }: OverTimeProps): JSX.Element {
  const buckets = useMemo(() => bucketsOf(search, oldest, minute), [search, oldest, minute]);
  const variables = useMemo(() => stretches(search, buckets, minute), [search, buckets, minute]);
  const answer = useAsk<Histogram>(histogram(buckets.length), variables, { enabled: buckets.length > 0 });
  const filters = listed(search);
  return (
    <Answer of={answer} what="runs over time">
      {(data) => (
        <StateHistogram
          label="Runs by state over time"
          bars={buckets.map((bucket, index) => ({ ...bucket, counts: countsOf(data[`b${index}`]) }))}
          searchOf={({ from, to }) => ({
            ...filters,
            since: new Date(from).toISOString(),
            until: new Date(to).toISOString(),
          })}
        />
      )}
    </Answer>
  );
}

/** The same filters, as the list of flow runs says them. */
function listed({ project, flow, label, state }: DashboardSearch): Partial<FlowRunsSearch> {
  return Object.fromEntries(
    Object.entries({ project, flow, label, state }).filter(([, value]) => value !== undefined),
  ) as Partial<FlowRunsSearch>;
}

interface ListsProps {
  readonly data: Answered;
  readonly search: DashboardSearch;
  readonly isFiltered: boolean;
}

function Lists({ data, search, isFiltered }: ListsProps): JSX.Element {
  const why = useAsk<WhyLate>(WHY_LATE, {}, { enabled: data.late.length > 0 });
  const reasons = new Map(why.data?.late_flow_runs.map(({ id, message }) => [id, message]));
  const among = isFiltered ? "among what is asked for above." : null;
  const all = (states: readonly string[], count: number) =>
    count > 0 && (
      <Link to="/flow-runs" search={{ ...listed(search), state: states.join(",") }} className="bare-link">
        all
      </Link>
    );
  return (
    <>
      <Section
        title="Failed"
        count={data.failures_count.aggregate.count}
        more={all(GROUPS.FAILED, data.failures_count.aggregate.count)}
      >
        {data.failures.length === 0 && <Empty title="Nothing failed">{among ?? "in this time."}</Empty>}
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
        more={all(GROUPS.RUNNING, data.running_count.aggregate.count)}
      >
        {data.running.length === 0 && <Empty title="Nothing runs now">{among}</Empty>}
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
        more={all(["Scheduled"], data.late_count.aggregate.count)}
      >
        {data.late.length === 0 && <Empty title="Nothing is late">{among}</Empty>}
        <Waits runs={data.late} below={(run) => reasons.get(run.id)} />
      </Section>
      <Section
        title="Upcoming"
        count={data.upcoming_count.aggregate.count}
        more={all(["Scheduled"], data.upcoming_count.aggregate.count)}
      >
        {data.upcoming.length === 0 && <Empty title="Nothing is planned">{among}</Empty>}
        <Waits runs={data.upcoming} />
      </Section>
    </>
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

interface WaitsProps {
  readonly runs: readonly Waiting[];
  /** What is said of a run beside its time. */
  readonly below?: (run: Waiting) => string | undefined;
}

function Waits({ runs, below }: WaitsProps): JSX.Element {
  return (
    <ul className="entries">
      {runs.map((run) => {
        const more = below?.(run);
        return (
          <li key={run.id} className="entry">
            <StateShape state={run.state} />
            <RunLink run={run} />
            <span className="faint entry-when">
              <Ago at={run.scheduled_start_time} />
            </span>
            <div className="entry-below" title={more}>
              {more ?? <Time at={run.scheduled_start_time} />}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
