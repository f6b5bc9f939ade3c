import type { JSX } from "react";
import { usePaged } from "../../api/pages";
import { countsOf, firstCause, taskRunName } from "../../api/runs";
import { containing } from "../../lib/match";
import { Answer, Empty } from "../../parts/Notice";
import { type Column, type Order, RowList } from "../../parts/RowList";
import { SearchField } from "../../parts/SearchField";
import { State } from "../../parts/State";
import { Duration, Time } from "../../parts/Time";
import type { Changed } from "./FlowRun";
import { type Run, TASK_RUNS, type TaskRun } from "./questions";
import type { FlowRunSearch, TaskSort } from "./search";

interface TaskRunsProps {
  readonly run: Run;
  readonly search: FlowRunSearch;
  readonly change: (changed: Changed) => void;
}

const ORDERS: Record<TaskSort, (direction: "asc" | "desc") => object[]> = {
  started: (direction) => [{ start_time: `${direction}_nulls_last` }, { map_index: direction }],
  ended: (direction) => [{ end_time: `${direction}_nulls_last` }, { map_index: direction }],
  name: (direction) => [{ task: { name: direction } }, { map_index: direction }],
  state: (direction) => [{ state: direction }, { map_index: direction }],
};

export const TASK_COLUMNS: readonly Column<TaskRun, TaskSort>[] = [
  { title: "State", width: "9rem", sort: "state", show: (task) => <State state={task.state} /> },
  {
    title: "Task run",
    width: "minmax(10rem, 2fr)",
    sort: "name",
    show: (task) => <span title={`${taskRunName(task)} (${task.task?.slug ?? ""})`}>{taskRunName(task)}</span>,
  },
  {
    title: "Message",
    width: "minmax(10rem, 3fr)",
    show: (task) => (
      <span className="soft" title={task.state_message ?? ""}>
        {firstCause(task.state_message)}
      </span>
    ),
  },
  { title: "Started", width: "9rem", sort: "started", show: (task) => <Time at={task.start_time} /> },
  { title: "Ended", width: "9rem", sort: "ended", show: (task) => <Time at={task.end_time} /> },
  {
    title: "Took",
    width: "6rem",
    isNumber: true,
    show: (task) => <Duration from={task.start_time} to={task.end_time} />,
  },
];

/** The task runs of a run: filtered, searched and sorted by the server. */
export function TaskRuns({ run, search, change }: TaskRunsProps): JSX.Element {
  const states = search.state?.split(",") ?? [];
  const conditions: object[] = [{ flow_run_id: { _eq: run.id } }];
  if (states.length > 0) conditions.push({ state: { _in: states } });
  if (search.task !== undefined) {
    const like = { _ilike: containing(search.task) };
    conditions.push({ _or: [{ name: like }, { task: { name: like } }] });
  }
  const order: Order<TaskSort> = { by: search.sort ?? "started", direction: search.direction ?? "asc" };
  const found = usePaged<TaskRun>(TASK_RUNS, {
    where: { _and: conditions },
    order: ORDERS[order.by](order.direction),
    as_of: search.as_of ?? null,
  });
  const total = countsOf(run.task_runs_aggregate)
    .filter(({ state }) => states.length === 0 || states.includes(state ?? ""))
    .reduce((sum, { count }) => sum + count, 0);
  const isFiltered = states.length > 0 || search.task !== undefined;
  return (
    <div className="tab">
      <div className="filters">
        <SearchField label="Task name contains" value={search.task} onChange={(task) => change({ task })} />
      </div>
      <Answer of={found} what="task runs">
        {(rows) =>
          rows.length === 0 ? (
            isFiltered ? (
              <Empty title="No task run is like that">Change the states or the name above.</Empty>
            ) : (
              <Empty title="No task has begun yet" />
            )
          ) : (
            <RowList
              label="Task runs"
              columns={TASK_COLUMNS}
              rows={rows}
              keyOf={(task) => task.id}
              total={search.task === undefined ? total : undefined}
              onEnd={found.more}
              order={order}
              onOrder={({ by, direction }) => change({ sort: by, direction })}
              onOpen={(task) => change({ task_run: task.id })}
              selected={search.task_run}
            />
          )
        }
      </Answer>
    </div>
  );
}
