import { Tabs } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { JSX, ReactNode } from "react";
import { useAsk, useLive, useWithAnswer } from "../../api/hooks";
import { countsOf, taskRunName } from "../../api/runs";
import type { Json } from "../../api/tables";
import { plain } from "../../lib/ansi";
import { attemptsOf } from "../../lib/attempts";
import { useKeys } from "../../lib/keys";
import { isId } from "../../lib/match";
import { ShownAsOf } from "../../lib/now";
import { resultOf } from "../../lib/results";
import { ofTaskRun } from "../../lib/snippets";
import { Snippet, useCopied } from "../../parts/Copy";
import { Answer, Empty } from "../../parts/Notice";
import { Page, Section, useTab } from "../../parts/Page";
import { State, StateBar } from "../../parts/State";
import { Ago, Duration, Time } from "../../parts/Time";
import { Artifacts } from "../flow-run/Artifacts";
import { AsOf } from "../flow-run/AsOf";
import { Logs } from "../flow-run/Logs";
import { RestartFromHere } from "../flow-run/RestartFromHere";
import { Children } from "./Children";
import {
  CHANGES,
  RELATED,
  type Related,
  type RunBeside,
  TASK_RUN,
  type TaskBeside,
  type TaskRunPage,
} from "./questions";
import type { TaskRunSearch, TaskTab } from "./search";
import "../flow-run/flow-run.css";
import "./task-run.css";

const route = getRouteApi("/task-run/$id");

/** One task run: what it was given and by whom, its attempts, states and logs, and what became of its result. */
export function TaskRun(): JSX.Element {
  const { id } = route.useParams();
  return isId(id) ? <OneTaskRun key={id} id={id} /> : <NoTaskRun id={id} />;
}

function OneTaskRun({ id }: { readonly id: string }): JSX.Element {
  const search = route.useSearch();
  const answer = useAsk<{ readonly task_run_by_pk: TaskRunPage | null }>(TASK_RUN, {
    id,
    as_of: search.as_of ?? null,
  });
  useLive(CHANGES, { id });
  return (
    <Answer of={answer} what="the task run">
      {({ task_run_by_pk: task }) =>
        task === null ? (
          <NoTaskRun id={id} asOf={search.as_of} />
        ) : (
          <ShownAsOf value={search.as_of === undefined ? null : Date.parse(search.as_of)}>
            <Shown task={task} search={search} />
          </ShownAsOf>
        )
      }
    </Answer>
  );
}

function NoTaskRun({ id, asOf }: { readonly id: string; readonly asOf?: string | undefined }): JSX.Element {
  return (
    <Page title={asOf === undefined ? "There is no such task run" : "It did not exist then"}>
      <Empty title={id}>
        {asOf === undefined ? (
          <>
            It may have been deleted with its run, or the address was cut off.{" "}
            <Link to="/flow-runs">All flow runs</Link> are listed, and the search finds one by its name or id.
          </>
        ) : (
          <>
            The task run was made after <Time at={asOf} />.{" "}
            <Link to="/task-run/$id" params={{ id }}>
              See it as it stands now.
            </Link>
          </>
        )}
      </Empty>
    </Page>
  );
}

type Changed = { [Key in keyof TaskRunSearch]: TaskRunSearch[Key] | undefined };

function Shown({ task, search }: { readonly task: TaskRunPage; readonly search: TaskRunSearch }): JSX.Element {
  const navigate = useNavigate();
  const name = taskRunName(task);
  const related = useAsk<Related>(RELATED, {
    task: task.task_id,
    run: task.flow_run_id,
    index: task.map_index < 0 ? [-1] : [-1, task.map_index],
    beside: task.map_index < 0 ? [] : [-1, task.map_index - 1, task.map_index + 1],
    as_of: search.as_of ?? null,
  });
  const children = countsOf(related.data?.children);
  const isMapped = task.map_index < 0 && children.length > 0;
  const tab = search.tab === "children" && !isMapped ? "overview" : (search.tab ?? "overview");
  const change = (changed: Changed) =>
    void navigate({
      to: "/task-run/$id",
      params: { id: task.id },
      search: { ...search, ...changed } as TaskRunSearch,
      replace: true,
    });
  const [said, copyNow] = useCopied();
  const withRelated = useWithAnswer(related, task.id);
  const go = (index: number) =>
    withRelated(({ beside }) => {
      const there = beside.find(({ map_index }) => map_index === index);
      if (there !== undefined) void navigate({ to: "/task-run/$id", params: { id: there.id }, search });
    });
  useTab(`${task.state} ${name}`);
  useKeys("Task run", [
    { keys: "o", says: "overview", run: () => change({ tab: undefined }) },
    { keys: "l", says: "logs", run: () => change({ tab: "logs" }) },
    { keys: "y", says: "copy a link to what is shown", run: () => copyNow(location.href, "Link") },
    { keys: "u", says: "its flow run", run: () => void navigate(ofRun(task, search)) },
    ...(task.map_index < 0
      ? []
      : [
          { keys: "[", says: "the mapped child before", run: () => go(task.map_index - 1) },
          { keys: "]", says: "the mapped child after", run: () => go(task.map_index + 1) },
        ]),
  ]);
  const names: Partial<Record<TaskTab, string>> = {
    overview: "Overview",
    logs: `Logs (${task.logs_aggregate.aggregate.count.toLocaleString("en")})`,
    ...(isMapped ? { children: "Mapped children" } : {}),
    artifacts: "Artifacts",
    snippet: "Snippet",
  };
  const parent = related.data?.beside.find(({ map_index }) => map_index === -1);
  return (
    <>
      <nav className="crumbs" aria-label="Where this task run belongs">
        <span className="clip" title={task.flow_run?.flow?.name}>
          {task.flow_run?.flow?.name}
        </span>
        <span aria-hidden="true">/</span>
        <Link {...ofRun(task, search)} className="bare-link clip" title={task.flow_run?.name ?? ""}>
          {task.flow_run?.name ?? task.flow_run_id}
        </Link>
        {parent !== undefined && (
          <>
            <span aria-hidden="true">/</span>
            <Link to="/task-run/$id" params={{ id: parent.id }} className="bare-link clip">
              {task.task?.name}
            </Link>
          </>
        )}
      </nav>
      <div className="page-head run-head">
        <h1 className="page-title clip" title={name}>
          {name}
        </h1>
        <span className="run-state">
          <State state={task.state} />
        </span>
        <span className="soft">
          since <Time at={task.state_timestamp} /> (<Ago at={task.state_timestamp} />)
        </span>
        {task.start_time !== null && (
          <span className="soft">
            took <Duration from={task.start_time} to={task.end_time} />
          </span>
        )}
        <div className="page-tools">
          <span role="status" className="soft">
            {said}
          </span>
          {search.as_of === undefined && task.flow_run !== null && (
            <RestartFromHere
              flowRun={task.flow_run}
              taskRun={{ id: task.id, name, state: task.state }}
              onRestarted={() => void navigate(ofRun(task, {}))}
            />
          )}
        </div>
      </div>
      <AsOf flowRunId={task.flow_run_id} asOf={search.as_of} onChange={(as_of) => change({ as_of })} />
      {task.state_message !== null && task.state_message !== "" && (
        <pre className="selected-message">{plain(task.state_message)}</pre>
      )}
      <Tabs
        value={tab}
        onChange={(value) => change({ tab: value === "overview" ? undefined : (value as TaskTab), line: undefined })}
        keepMounted={false}
      >
        <Tabs.List>
          {Object.entries(names).map(([value, label]) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview task={task} related={related} asOf={search.as_of} />
        </Tabs.Panel>
        <Tabs.Panel value="logs">
          <Logs
            run={{ id: task.flow_run_id, name, state: task.flow_run?.state ?? null }}
            search={{ ...search, task_run: task.id, state: undefined }}
            change={({ task_run: _, state: __, ...changed }) => change(changed as Changed)}
          />
        </Tabs.Panel>
        <Tabs.Panel value="children">
          <Children task={task} counts={children} search={search} change={change} />
        </Tabs.Panel>
        <Tabs.Panel value="artifacts">
          <Artifacts flowRunId={task.flow_run_id} taskRunId={task.id} asOf={search.as_of} />
        </Tabs.Panel>
        <Tabs.Panel value="snippet">
          <div className="tab">
            <Snippet of={ofTaskRun(task.id, search.as_of)} />
          </div>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** The page of its flow run, with the task run selected. */
function ofRun(task: TaskRunPage, search: TaskRunSearch) {
  const as_of = search.as_of === undefined ? {} : { as_of: search.as_of };
  return {
    to: "/flow-run/$id",
    params: { id: task.flow_run_id },
    search: { task_run: task.id, ...as_of },
  } as const;
}

interface OverviewProps {
  readonly task: TaskRunPage;
  readonly related: ReturnType<typeof useAsk<Related>>;
  readonly asOf: string | undefined;
}

function Overview({ task, related, asOf }: OverviewProps): JSX.Element {
  return (
    <div className="tab task-overview">
      <Answer of={related} what="what it depends on">
        {({ task_by_pk, children }) => (
          <>
            <Beside
              title="Inputs"
              nothing="It takes nothing from other tasks."
              index={task.map_index}
              asOf={asOf}
              edges={(task_by_pk?.upstream_edges ?? []).map(({ upstream_task: task, ...edge }) => ({ ...edge, task }))}
            />
            <Beside
              title="What depends on it"
              nothing="No task waits for it."
              index={task.map_index}
              asOf={asOf}
              edges={(task_by_pk?.downstream_edges ?? []).map(({ downstream_task: task, ...edge }) => ({
                ...edge,
                task,
              }))}
            />
            {countsOf(children).length > 0 && task.map_index < 0 && (
              <Section title="Mapped children">
                <StateBar counts={countsOf(children)} />
              </Section>
            )}
          </>
        )}
      </Answer>
      <Result state={task.serialized_state} />
      <Attempts task={task} />
      <Section title="States">
        <table className="table">
          <thead>
            <tr>
              <th style={{ width: "9rem" }}>When</th>
              <th style={{ width: "9rem" }}>State</th>
              <th>Message</th>
              <th style={{ width: "11rem" }}>Set by</th>
            </tr>
          </thead>
          <tbody>
            {task.states.map((state) => (
              <tr key={state.id}>
                <td>
                  <Time at={state.timestamp} />
                </td>
                <td>
                  <State state={state.state} />
                </td>
                <td title={plain(state.message ?? "")}>{plain(state.message ?? "")}</td>
                <td title={state.set_by ?? ""}>{state.set_by ?? <span className="faint">not recorded</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      <Section title="Facts">
        <dl className="facts">
          <Fact name="Id">
            <code>{task.id}</code>
          </Fact>
          <Fact name="Task">
            {task.task?.name} <span className="faint">{task.task?.slug}</span>
          </Fact>
          <Fact name="Type">
            <code>{task.task?.type}</code>
          </Fact>
          {task.task?.trigger !== null && <Fact name="Trigger">{said(task.task?.trigger)}</Fact>}
          <Fact name="Retries">
            {task.task?.max_retries ?? 0}
            {task.task?.retry_delay !== null && `, each after ${task.task?.retry_delay}`}
          </Fact>
          {Array.isArray(task.task?.tags) && task.task.tags.length > 0 && (
            <Fact name="Tags">
              {task.task.tags.map((tag) => (
                <span key={String(tag)} className="label">
                  {String(tag)}
                </span>
              ))}
            </Fact>
          )}
          {task.cache_key !== null && <Fact name="Cache key">{task.cache_key}</Fact>}
          <Fact name="Created">
            <Time at={task.created} />
          </Fact>
          <Fact name="Last sign of life">
            <Ago at={task.heartbeat} />
          </Fact>
          <Fact name="Version">{task.version}</Fact>
        </dl>
      </Section>
    </div>
  );
}

function said(trigger: string | null | undefined): string {
  return (trigger ?? "").split(".").at(-1) ?? "";
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

interface BesideProps {
  readonly title: string;
  readonly nothing: string;
  /** The place of this run in its map. */
  readonly index: number;
  readonly asOf: string | undefined;
  readonly edges: readonly {
    readonly id: string;
    readonly key: string | null;
    readonly mapped: boolean;
    readonly task: TaskBeside | null;
  }[];
}

/** The runs of other tasks that this one has to do with, and by which argument. */
function Beside({ title, nothing, index, asOf, edges }: BesideProps): JSX.Element {
  return (
    <Section title={title} count={edges.length}>
      {edges.length === 0 ? (
        <p className="soft">{nothing}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th style={{ width: "11rem" }}>Argument</th>
              <th>Task run</th>
              <th style={{ width: "9rem" }}>State</th>
              <th style={{ width: "6rem" }} className="number">
                Took
              </th>
              <th>Result</th>
            </tr>
          </thead>
          <tbody>
            {edges.map(({ id, key, mapped, task }) => {
              const run = runBeside(task?.task_runs ?? [], mapped ? index : -1);
              return (
                <tr key={id}>
                  <td>
                    {key === null ? <span className="faint">only its state</span> : <code title={key}>{key}</code>}
                    {mapped && <span className="faint"> mapped</span>}
                  </td>
                  <td>
                    {run === undefined ? (
                      <>
                        <span title={task?.name ?? ""}>{task?.name}</span> <span className="faint">has no run yet</span>
                      </>
                    ) : (
                      <Link
                        to="/task-run/$id"
                        params={{ id: run.id }}
                        search={asOf === undefined ? {} : { as_of: asOf }}
                        title={taskRunName({ ...run, task })}
                      >
                        {taskRunName({ ...run, task })}
                      </Link>
                    )}
                  </td>
                  <td>{run !== undefined && <State state={run.state} />}</td>
                  <td className="number">
                    {run !== undefined && <Duration from={run.start_time} to={run.end_time} />}
                  </td>
                  <td>{run !== undefined && <ShortResult state={run.serialized_state} />}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Section>
  );
}

/** The child at the same place, where the other task was mapped as well; else its one run. */
function runBeside(runs: readonly RunBeside[], index: number): RunBeside | undefined {
  return runs.find(({ map_index }) => map_index === index) ?? runs.find(({ map_index }) => map_index === -1);
}

function ShortResult({ state }: { readonly state: Json }): JSX.Element {
  const result = resultOf(state);
  if (result === null) return <span className="faint">none</span>;
  const text = result.value ?? result.location ?? "not kept";
  return <code title={`${result.kind}: ${text.slice(0, 1000)}`}>{text.slice(0, 300)}</code>;
}

const PREVIEW_CHARACTERS = 4000;

function Result({ state }: { readonly state: Json }): JSX.Element {
  const result = resultOf(state);
  return (
    <Section title="Result">
      {result === null ? (
        <p className="soft">No result of it was kept.</p>
      ) : (
        <dl className="facts">
          <Fact name="Kept as">{result.kind}</Fact>
          {result.location !== null && (
            <Fact name="Address">
              <code>{result.location}</code>
            </Fact>
          )}
          {Object.entries(result.more).map(([name, value]) => (
            <Fact key={name} name={name}>
              <code>{value}</code>
            </Fact>
          ))}
          {result.value === null ? (
            <Fact name="Preview">
              <span className="soft">
                The server never reads results. The snippet does, where it can be reached from.
              </span>
            </Fact>
          ) : (
            <Fact name="Value">
              <pre className="json task-value">
                {result.value.slice(0, PREVIEW_CHARACTERS)}
                {result.value.length > PREVIEW_CHARACTERS && " …"}
              </pre>
            </Fact>
          )}
        </dl>
      )}
    </Section>
  );
}

function Attempts({ task }: { readonly task: TaskRunPage }): JSX.Element {
  const attempts = attemptsOf(task.states);
  return (
    <Section title="Attempts" count={attempts.length}>
      {attempts.length === 0 ? (
        <p className="soft">It has not run.</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th style={{ width: "4rem" }}>Number</th>
              <th style={{ width: "9rem" }}>Began</th>
              <th style={{ width: "6rem" }} className="number">
                Took
              </th>
              <th style={{ width: "9rem" }}>Outcome</th>
              <th>Message</th>
            </tr>
          </thead>
          <tbody>
            {attempts.map((attempt) => (
              <tr key={attempt.number}>
                <td>{attempt.number}</td>
                <td>
                  <Time at={attempt.begun} />
                </td>
                <td className="number">
                  <Duration from={attempt.begun} to={attempt.ended} />
                </td>
                <td>{attempt.outcome === null ? "goes on" : <State state={attempt.outcome} />}</td>
                <td title={plain(attempt.message ?? "")}>{plain(attempt.message ?? "")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
