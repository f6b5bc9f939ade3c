import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type JSX, type KeyboardEvent, useMemo, useRef, useState } from "react";
import { useAsk } from "../../api/hooks";
import { containing } from "../../lib/match";
import { useNow } from "../../lib/now";
import { duration, local } from "../../lib/time";
import { Answer, Empty } from "../../parts/Notice";
import { SearchField } from "../../parts/SearchField";
import { StateShape } from "../../parts/State";
import type { Changed } from "./Flow";
import { type Cell, cellsOf, cellWords } from "./grid";
import { happened } from "./Overview";
import { type Flow, GRID_CELLS, GRID_RUNS, type GridCells, type GridRun, type GridRuns } from "./questions";
import type { FlowSearch } from "./search";

const RUNS_SHOWN = 30;
const TASKS_AT_ONCE = 100;
const MOST_ROWS = 100_000;

interface GridProps {
  readonly flow: Flow;
  readonly search: FlowSearch;
  readonly change: (changed: Changed) => void;
}

/** What each task did in each of the newest runs: the oldest at the left, tasks in the order in which they run. */
export function Grid({ flow, search, change }: GridProps): JSX.Element {
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const [shown, setShown] = useState(TASKS_AT_ONCE);
  const variables = useMemo(
    () => ({
      runs: happened(flow.flow_group_id, minute),
      count: RUNS_SHOWN,
      tasks: {
        flow_id: { _eq: flow.id },
        ...(search.task === undefined ? {} : { name: { _ilike: containing(search.task) } }),
      },
      shown,
    }),
    [flow.flow_group_id, flow.id, minute, search.task, shown],
  );
  const answer = useAsk<GridRuns>(GRID_RUNS, variables);
  return (
    <>
      <div className="filters">
        <SearchField label="Task contains" value={search.task} onChange={(task) => change({ task })} />
      </div>
      <Answer of={answer} what="tasks and runs">
        {(data) =>
          data.flow_run.length === 0 ? (
            <Empty title="It has not run yet">What its tasks do in each run is shown here.</Empty>
          ) : data.task.length === 0 ? (
            <Empty title={search.task === undefined ? "It has no tasks" : "No task is called so"} />
          ) : (
            <>
              <Cells data={data} />
              {data.task_aggregate.aggregate.count > data.task.length && (
                <p className="soft">
                  {data.task.length.toLocaleString("en")} of {data.task_aggregate.aggregate.count.toLocaleString("en")}{" "}
                  tasks.{" "}
                  <Button size="compact-xs" onClick={() => setShown(shown + TASKS_AT_ONCE)}>
                    Show more
                  </Button>
                </p>
              )}
            </>
          )
        }
      </Answer>
    </>
  );
}

function Cells({ data }: { readonly data: GridRuns }): JSX.Element {
  const runs = data.flow_run.toReversed();
  const slugs = data.task.map(({ slug, id }) => slug ?? id);
  const answer = useAsk<GridCells>(GRID_CELLS, {
    runs: runs.map(({ id }) => id),
    flows: [...new Set(runs.map(({ flow_id }) => flow_id))],
    slugs,
    most: MOST_ROWS,
  });
  const cells = useMemo(
    () =>
      answer.data === undefined
        ? new Map<string, ReadonlyMap<string, Cell>>()
        : cellsOf(answer.data.task, answer.data.single, answer.data.mapped.groups),
    [answer.data],
  );
  const table = useRef<HTMLTableElement>(null);
  return (
    <Answer of={answer} what="task runs">
      {() => (
        <div className="grid-scroll">
          <table
            className="grid"
            ref={table}
            onKeyDown={(event) => go(event, table.current)}
            aria-label="Tasks by runs"
          >
            <thead>
              <tr>
                <th scope="col">
                  <span className="faint">The run</span>
                </th>
                {runs.map((run, index) => (
                  <th key={run.id} scope="col">
                    <Link
                      to="/flow-run/$id"
                      params={{ id: run.id }}
                      className="grid-cell"
                      title={runWords(run)}
                      aria-label={runWords(run)}
                      tabIndex={index === runs.length - 1 ? 0 : -1}
                    >
                      <StateShape state={run.state} />
                    </Link>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.task.map((task, row) => (
                <tr key={task.id}>
                  <th scope="row" className="clip" title={task.name ?? ""}>
                    {task.name}
                  </th>
                  {runs.map((run) => {
                    const cell = cells.get(run.id)?.get(slugs[row] ?? "");
                    return (
                      <td key={run.id}>
                        <GridCell words={cellWords(task.name ?? "", run.name ?? run.id, cell)} run={run} cell={cell} />
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Answer>
  );
}

interface GridCellProps {
  readonly words: string;
  readonly run: GridRun;
  readonly cell: Cell | undefined;
}

function GridCell({ words, run, cell }: GridCellProps): JSX.Element {
  if (cell === undefined) return <span className="grid-none" role="img" aria-label={words} title={words} />;
  const inside = (
    <>
      <StateShape state={cell.state} />
      {cell.children.length > 0 && <span className="grid-mapped" aria-hidden="true" />}
    </>
  );
  return (
    <Link
      to="/flow-run/$id"
      params={{ id: run.id }}
      search={cell.id === null ? {} : { task_run: cell.id }}
      className="grid-cell"
      title={words}
      aria-label={words}
      tabIndex={-1}
      preload={false}
    >
      {inside}
    </Link>
  );
}

function runWords(run: GridRun): string {
  const now = Date.now();
  const took =
    run.start_time === null || run.end_time === null
      ? ""
      : `, took ${duration(Date.parse(run.end_time) - Date.parse(run.start_time))}`;
  return `${run.name}: ${run.state}, ${local(Date.parse(run.scheduled_start_time), now)}${took}`;
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/** The arrows go from cell to cell, over those where there is nothing. */
function go(event: KeyboardEvent, table: HTMLTableElement | null): void {
  const step = STEPS[event.key];
  const here = (event.target as HTMLElement).closest<HTMLTableCellElement>("td, th");
  if (step === undefined || table === null || here === null) return;
  event.preventDefault();
  let row = (here.parentElement as HTMLTableRowElement).rowIndex + step[0];
  let column = here.cellIndex + step[1];
  for (;;) {
    const cell = table.rows[row]?.cells[column];
    if (cell === undefined || column < 1) return;
    const link = cell.querySelector("a");
    if (link !== null) {
      link.focus();
      return;
    }
    row += step[0];
    column += step[1];
  }
}
