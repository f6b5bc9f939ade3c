import { Button, SegmentedControl, Tabs } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type JSX, lazy, Suspense, useState } from "react";
import { ask } from "../../api/client";
import { useAsk, useLive, useWithAnswer } from "../../api/hooks";
import { countsOf, ROOT_FAILURES } from "../../api/runs";
import { useKeys } from "../../lib/keys";
import { isId } from "../../lib/match";
import { ShownAsOf } from "../../lib/now";
import { ofFlowRun } from "../../lib/snippets";
import { Snippet, useCopied } from "../../parts/Copy";
import { Answer, Empty, Waiting } from "../../parts/Notice";
import { Page, useTab } from "../../parts/Page";
import { State, StateStrip } from "../../parts/State";
import { Ago, Duration, Time } from "../../parts/Time";
import { Actions } from "./Actions";
import { Artifacts } from "./Artifacts";
import { AsOf } from "./AsOf";
import { Details } from "./Details";
import { Headline } from "./Headline";
import { History } from "./History";
import { Logs } from "./Logs";
import { CHANGES, FAILED, NEIGHBOURS, type Neighbours, RUN, type Run } from "./questions";
import { SelectedTaskRun } from "./SelectedTaskRun";
import { type FlowRunSearch, LEVELS, type Tab } from "./search";
import { TaskRuns } from "./TaskRuns";
import "./flow-run.css";

export type Changed = { [Key in keyof FlowRunSearch]: FlowRunSearch[Key] | undefined };

// What only some look at is loaded when they do.
const Timeline = lazy(() => import("./Timeline").then((module) => ({ default: module.Timeline })));
const Schematic = lazy(() => import("./Schematic").then((module) => ({ default: module.Schematic })));

const route = getRouteApi("/flow-run/$id");

const NAMES: Record<Tab, string> = {
  tasks: "Task runs",
  timeline: "Timeline",
  schematic: "Schematic",
  logs: "Logs",
  artifacts: "Artifacts",
  history: "History",
  details: "Details",
  snippet: "Snippet",
};

/** One flow run: what state it is in, since when and why, what can be done, and everything that is recorded of it. */
export function FlowRun(): JSX.Element {
  const { id } = route.useParams();
  return isId(id) ? <OneRun key={id} id={id} /> : <NoRun id={id} />;
}

function OneRun({ id }: { readonly id: string }): JSX.Element {
  const { as_of } = route.useSearch();
  const answer = useAsk<{ readonly flow_run_by_pk: Run | null }>(RUN, {
    id,
    failed: ROOT_FAILURES,
    as_of: as_of ?? null,
  });
  useLive(CHANGES, { id });
  return (
    <Answer of={answer} what="the flow run">
      {({ flow_run_by_pk: run }) =>
        run === null ? (
          <NoRun id={id} asOf={as_of} />
        ) : (
          <ShownAsOf value={as_of === undefined ? null : Date.parse(as_of)}>
            <Shown run={run} />
          </ShownAsOf>
        )
      }
    </Answer>
  );
}

function NoRun({ id, asOf }: { readonly id: string; readonly asOf?: string | undefined }): JSX.Element {
  return asOf === undefined ? (
    <Page title="There is no such run">
      <Empty title={id}>
        It may have been deleted, or the address was cut off. <Link to="/flow-runs">All flow runs</Link> are listed, and
        the search finds one by its name or id.
      </Empty>
    </Page>
  ) : (
    <Page title="It did not exist then">
      <Empty title={id}>
        The run was made after <Time at={asOf} />, or has been deleted since.{" "}
        <Link to="/flow-run/$id" params={{ id }}>
          See it as it stands now.
        </Link>
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
  const [said, copyNow] = useCopied();
  const nextError = async () => {
    const { task_run: failed } = await ask<{ readonly task_run: readonly { readonly id: string }[] }>(FAILED, {
      id: run.id,
      states: ROOT_FAILURES,
      limit: MOST_ERRORS,
      as_of: search.as_of ?? null,
    });
    const place = failed.findIndex(({ id }) => id === search.task_run);
    const next = failed[(place + 1) % Math.max(1, failed.length)];
    if (next !== undefined) change({ task_run: next.id });
  };
  useTab(`${run.state} ${run.name ?? run.id}`);
  useNeighbours(run);
  useKeys("Flow run", [
    { keys: "r", says: "task runs", run: () => change({ tab: undefined }) },
    { keys: "t", says: "timeline", run: () => change({ tab: "timeline" }) },
    { keys: "s", says: "schematic", run: () => change({ tab: "schematic" }) },
    { keys: "l", says: "logs", run: () => change({ tab: "logs" }) },
    { keys: "a", says: "artifacts", run: () => change({ tab: "artifacts" }) },
    { keys: "h", says: "history", run: () => change({ tab: "history" }) },
    { keys: "d", says: "details", run: () => change({ tab: "details" }) },
    { keys: "p", says: "a snippet that gives what is shown", run: () => change({ tab: "snippet" }) },
    { keys: "e", says: "next task run that failed", run: () => void nextError() },
    { keys: "y", says: "copy a link to what is shown", run: () => copyNow(location.href, "Link") },
    {
      keys: "m",
      says: "as it stood at an earlier moment, or as it stands now",
      run: () => change({ as_of: search.as_of === undefined ? lookBack(run) : undefined }),
    },
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
          <span role="status" className="soft">
            {said}
          </span>
          {search.as_of === undefined && (
            <>
              <Button title="The run as it stood at an earlier moment" onClick={() => change({ as_of: lookBack(run) })}>
                Look back
              </Button>
              <Actions run={run} />
            </>
          )}
        </div>
      </div>
      <AsOf flowRunId={run.id} asOf={search.as_of} onChange={(as_of) => change({ as_of })} />
      <Headline run={run} onSelect={(task_run) => change({ task_run })} />
      <div className="filters">
        <StateStrip
          label="Task runs by state; each filters everything below"
          counts={counts}
          chosen={states}
          onChoose={(chosen) => change({ state: chosen.length > 0 ? chosen.join(",") : undefined })}
        />
      </div>
      {search.task_run !== undefined && (
        <SelectedTaskRun id={search.task_run} flowRunId={run.id} asOf={search.as_of} change={change} />
      )}
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
        <Tabs.Panel value="timeline">
          <Suspense fallback={<Waiting what="the timeline" />}>
            <Timeline run={run} search={search} change={change} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="schematic">
          <Suspense fallback={<Waiting what="the schematic" />}>
            <Schematic run={run} search={search} change={change} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="logs">
          <Logs run={run} search={search} change={change} />
        </Tabs.Panel>
        <Tabs.Panel value="artifacts">
          <Artifacts flowRunId={run.id} asOf={search.as_of} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History id={run.id} asOf={search.as_of} />
        </Tabs.Panel>
        <Tabs.Panel value="details">
          <Details run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="snippet">
          <Snippets run={run} search={search} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

const MOST_ERRORS = 1000;

/** A moment to begin with when looking back: the end of the run, or a little while ago. */
function lookBack(run: Run): string {
  return run.end_time ?? new Date().toISOString();
}

/** Programs that give what each of the tabs shows. */
function Snippets({ run, search }: { readonly run: Run; readonly search: FlowRunSearch }): JSX.Element {
  const [of, setOf] = useState("tasks");
  const level = search.level;
  return (
    <div className="tab">
      <div className="filters">
        <SegmentedControl
          aria-label="What is given"
          value={of}
          onChange={setOf}
          data={[
            { value: "tasks", label: "Task runs" },
            { value: "logs", label: "Logs" },
            { value: "artifacts", label: "Artifacts" },
            { value: "history", label: "History" },
            { value: "details", label: "Details" },
          ]}
        />
        <span className="soft">with the filters, the selection and the moment that are chosen on this page</span>
      </div>
      <Snippet
        of={ofFlowRun({
          flowRunId: run.id,
          tab: of,
          asOf: search.as_of,
          states: search.state?.split(","),
          task: search.task,
          words: search.log,
          levels: level === undefined ? undefined : LEVELS.slice(LEVELS.indexOf(level)),
          taskRunId: search.task_run,
        })}
      />
    </div>
  );
}

/** `[` and `]` go to the runs of the flow before and after this one. */
function useNeighbours(run: Run): void {
  const navigate = useNavigate();
  const found = useAsk<Neighbours>(NEIGHBOURS, { flow: run.flow_id, at: run.scheduled_start_time });
  const withFound = useWithAnswer(found, run.id);
  const go = (which: keyof Neighbours) =>
    withFound(({ [which]: [neighbour] }) => {
      if (neighbour !== undefined) void navigate({ to: "/flow-run/$id", params: { id: neighbour.id } });
    });
  useKeys("Flow run", [
    { keys: "[", says: "the run of the flow before", run: () => go("before") },
    { keys: "]", says: "the run of the flow after", run: () => go("after") },
  ]);
}
