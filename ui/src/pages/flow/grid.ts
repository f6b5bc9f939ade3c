/** Runs beside each other and tasks beneath each other: what became of each task in each run. Pure. */

import { compareStates } from "../../lib/states";
import type { StateCount } from "../../parts/State";

export interface GridTask {
  readonly id: string;
  readonly slug: string | null;
}

export interface GridTaskRun {
  readonly id: string;
  readonly flow_run_id: string;
  readonly task_id: string;
  readonly state: string | null;
}

export interface GridGroup {
  readonly key: { readonly flow_run_id: string; readonly task_id: string; readonly state: string | null };
  readonly aggregate: { readonly count: number };
}

export interface Cell {
  /** The task run, or that of which the mapped ones are children. */
  readonly id: string | null;
  /** The state that is shown: of mapped task runs the one that people want to hear of first. */
  readonly state: string | null;
  /** Of mapped task runs, how many are in which state. */
  readonly children: readonly StateCount[];
}

/**
 * The cells by run and slug. Versions of a flow have tasks of their own, which are the same where their slugs are.
 */
export function cellsOf(
  tasks: readonly GridTask[],
  single: readonly GridTaskRun[],
  mapped: readonly GridGroup[],
): ReadonlyMap<string, ReadonlyMap<string, Cell>> {
  const slugs = new Map(tasks.map(({ id, slug }) => [id, slug ?? id]));
  const found = new Map<string, Map<string, Cell>>();
  const put = (run: string, task: string, change: (cell: Cell) => Cell) => {
    const slug = slugs.get(task);
    if (slug === undefined) return;
    const row = found.get(run) ?? new Map<string, Cell>();
    row.set(slug, change(row.get(slug) ?? { id: null, state: null, children: [] }));
    found.set(run, row);
  };
  for (const run of single) put(run.flow_run_id, run.task_id, (cell) => ({ ...cell, id: run.id, state: run.state }));
  for (const { key, aggregate } of mapped) {
    put(key.flow_run_id, key.task_id, (cell) => {
      const children = [...cell.children, { state: key.state, count: aggregate.count }];
      const [first] = children.toSorted((one, other) => compareStates(one.state ?? "", other.state ?? ""));
      return { ...cell, state: first?.state ?? cell.state, children };
    });
  }
  return found;
}

/** A cell in words. */
export function cellWords(task: string, run: string, cell: Cell | undefined): string {
  if (cell === undefined) return `${task} in ${run}: no task run`;
  if (cell.children.length === 0) return `${task} in ${run}: ${cell.state ?? "no state"}`;
  const counts = cell.children
    .toSorted((one, other) => compareStates(one.state ?? "", other.state ?? ""))
    .map(({ state, count }) => `${count.toLocaleString("en")} ${state}`);
  return `${task} in ${run}: mapped, ${counts.join(", ")}`;
}
