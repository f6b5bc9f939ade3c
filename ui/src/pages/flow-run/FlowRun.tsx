import { Tabs } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { JSX } from "react";
import { useAsk, useLive } from "../../api/hooks";
import { countsOf, ROOT_FAILURES } from "../../api/runs";
import { useKeys } from "../../lib/keys";
import { isId } from "../../lib/match";
import { Answer, Empty } from "../../parts/Notice";
import { Page, useTab } from "../../parts/Page";
import { State, StateStrip } from "../../parts/State";
import { Ago, Duration, Time } from "../../parts/Time";
import { Actions } from "./Actions";
import { Details } from "./Details";
import { Headline } from "./Headline";
import { History } from "./History";
import { Logs } from "./Logs";
import { CHANGES, NEIGHBOURS, type Neighbours, RUN, type Run } from "./questions";
import { SelectedTaskRun } from "./SelectedTaskRun";
import type { FlowRunSearch, Tab } from "./search";
import { TaskRuns } from "./TaskRuns";
import "./flow-run.css";

export type Changed = { [Key in keyof FlowRunSearch]: FlowRunSearch[Key] | undefined };

const route = getRouteApi("/flow-run/$id");

const NAMES: Record<Tab, string> = { tasks: "Task runs", logs: "Logs", history: "History", details: "Details" };

/** One flow run: what state it is in, since when and why, what can be done, and everything that is recorded of it. */
export function FlowRun(): JSX.Element {
  const { id } = route.useParams();
  return isId(id) ? <OneRun key={id} id={id} /> : <NoRun id={id} />;
}

function OneRun({ id }: { readonly id: string }): JSX.Element {
  const answer = useAsk<{ readonly flow_run_by_pk: Run | null }>(RUN, { id, failed: ROOT_FAILURES });
  useLive(CHANGES, { id });
  return (
    <Answer of={answer} what="the flow run">
      {({ flow_run_by_pk: run }) => (run === null ? <NoRun id={id} /> : <Shown run={run} />)}
    </Answer>
  );
}

function NoRun({ id }: { readonly id: string }): JSX.Element {
  return (
    <Page title="There is no such run">
      <Empty title={id}>
        It may have been deleted, or the address was cut off. <Link to="/flow-runs">All flow runs</Link> are listed, and
        the search finds one by its name or id.
      </Empty>
    </Page>
  );
}

function Shown({ run }: { readonly run: Run }): JSX.Element {
  const search = route.useSearch();
  const navigate = useNavigate();
  const tab = search.tab ?? "tasks";
  const change = (changed: Changed) =>
    void navigate({
      to: "/flow-run/$id",
      params: { id: run.id },
      search: { ...search, ...changed } as FlowRunSearch,
      replace: true,
    });
  const counts = countsOf(run.task_runs_aggregate);
  const states = search.state?.split(",") ?? [];
  useTab(`${run.state} ${run.name ?? run.id}`);
  useNeighbours(run);
  useKeys("Flow run", [
    { keys: "t", says: "task runs", run: () => change({ tab: undefined }) },
    { keys: "l", says: "logs", run: () => change({ tab: "logs" }) },
    { keys: "h", says: "history", run: () => change({ tab: "history" }) },
    { keys: "d", says: "details", run: () => change({ tab: "details" }) },
    { keys: "e", says: "only what failed", run: () => change({ tab: undefined, state: ROOT_FAILURES.join(",") }) },
    { keys: "escape", says: "select nothing", run: () => change({ task_run: undefined, line: undefined }) },
  ]);
  return (
    <>
      <nav className="crumbs" aria-label="Where this run belongs">
        {run.flow?.project && (
          <Link to="/flow-runs" search={{ project: run.flow.project.name }} className="bare-link">
            {run.flow.project.name}
          </Link>
        )}
        <span aria-hidden="true">/</span>
        <Link to="/flow-runs" search={{ flow: run.flow?.name ?? "" }} className="bare-link clip" title={run.flow?.name}>
          {run.flow?.name}
        </Link>
        <span className="faint">version {run.flow?.version}</span>
      </nav>
      <div className="page-head run-head">
        <h1 className="page-title clip" title={run.name ?? run.id}>
          {run.name ?? run.id}
        </h1>
        <span className="run-state">
          <State state={run.state} />
        </span>
        <span className="soft">
          since <Time at={run.state_timestamp} /> (<Ago at={run.state_timestamp} />)
        </span>
        {run.start_time !== null && (
          <span className="soft">
            took <Duration from={run.start_time} to={run.end_time} />
          </span>
        )}
        <div className="page-tools">
          <Actions run={run} />
        </div>
      </div>
      <Headline run={run} onSelect={(task_run) => change({ task_run })} />
      <div className="filters">
        <StateStrip
          label="Task runs by state; each filters everything below"
          counts={counts}
          chosen={states}
          onChoose={(chosen) => change({ state: chosen.length > 0 ? chosen.join(",") : undefined })}
        />
      </div>
      {search.task_run !== undefined && <SelectedTaskRun id={search.task_run} flowRunId={run.id} change={change} />}
      <Tabs
        value={tab}
        onChange={(value) => change({ tab: value === "tasks" ? undefined : (value as Tab) })}
        keepMounted={false}
        variant="default"
      >
        <Tabs.List>
          {(Object.keys(NAMES) as Tab[]).map((name) => (
            <Tabs.Tab key={name} value={name}>
              {NAMES[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="tasks">
          <TaskRuns run={run} search={search} change={change} />
        </Tabs.Panel>
        <Tabs.Panel value="logs">
          <Logs run={run} search={search} change={change} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History id={run.id} />
        </Tabs.Panel>
        <Tabs.Panel value="details">
          <Details run={run} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** `[` and `]` go to the runs of the flow before and after this one. */
function useNeighbours(run: Run): void {
  const navigate = useNavigate();
  const found = useAsk<Neighbours>(NEIGHBOURS, { flow: run.flow_id, at: run.scheduled_start_time });
  const go = (neighbour: { readonly id: string } | undefined) => {
    if (neighbour !== undefined) void navigate({ to: "/flow-run/$id", params: { id: neighbour.id } });
  };
  useKeys("Flow run", [
    { keys: "[", says: "the run of the flow before", run: () => go(found.data?.before[0]) },
    { keys: "]", says: "the run of the flow after", run: () => go(found.data?.after[0]) },
  ]);
}
