/** What several pages ask about flow runs. */

import type { StateCount } from "../parts/State";
import { GROUPS } from "./states";
import type { FlowRow, FlowRunRow, ProjectRow, TaskRow, TaskRunRow } from "./tables";

/** The failed task runs that nothing before them explains. */
export const ROOT_FAILURES = GROUPS.FAILED.filter((state) => state !== "TriggerFailed");

/** Why a flow run failed: the first of its task runs that failed by itself. Takes $failed, ROOT_FAILURES. */
export const REASON = `
reason: task_runs(where: {state: {_in: $failed}}, order_by: [{end_time: asc_nulls_last}], limit: 1) {
  id name map_index state state_message task { name slug }
}`;

export interface Reason extends Pick<TaskRunRow, "id" | "name" | "map_index" | "state" | "state_message"> {
  readonly task: Pick<TaskRow, "name" | "slug"> | null;
}

export interface ListedRun
  extends Pick<
    FlowRunRow,
    "id" | "name" | "state" | "state_message" | "scheduled_start_time" | "start_time" | "end_time" | "state_timestamp"
  > {
  readonly flow: (Pick<FlowRow, "id" | "name"> & { readonly project: Pick<ProjectRow, "name"> | null }) | null;
}

export const LISTED = `
id name state state_message scheduled_start_time start_time end_time state_timestamp flow { id name project { name } }`;

/** Tells of every change of the newest runs: in a run itself, or in a task or log line of it. */
export const NEWEST = `
subscription newest_runs {
  flow_run(order_by: [{scheduled_start_time: desc}], limit: 100) { id version sequence name }
}`;

/** What a task run is called: its own name, else the task's, with the place in its map. */
export function taskRunName(run: {
  readonly name: string | null;
  readonly map_index: number;
  readonly task: Pick<TaskRow, "name"> | null;
}): string {
  if (run.name !== null && run.name !== "") return run.name;
  const name = run.task?.name ?? "a task";
  return run.map_index >= 0 ? `${name}[${run.map_index}]` : name;
}

/** The first line of what went wrong, without the words that every failure begins with. */
export function firstCause(message: string | null): string {
  const line = (message ?? "").trim().split("\n")[0] ?? "";
  return line.replace(/^(Error during execution of task|Unexpected error): /, "");
}

interface Groups {
  readonly groups: readonly {
    readonly key: { readonly state: string | null };
    readonly aggregate: { readonly count: number };
  }[];
}

/** Counts by state, of an aggregate with `group_by: [state]`. */
export function countsOf(aggregate: Groups | undefined): StateCount[] {
  return (aggregate?.groups ?? []).map(({ key, aggregate: { count } }) => ({ state: key.state, count }));
}
