/** What the page of a task run asks. */

import type { countsOf } from "../../api/runs";
import type { FlowRow, FlowRunRow, ProjectRow, TaskRow, TaskRunRow } from "../../api/tables";
import type { HistoryState } from "../flow-run/questions";

/** Tells of everything that happens in the run that the task run is part of. */
export const CHANGES = `
subscription task_run_changes($id: uuid!) { task_run_by_pk(id: $id) { id version flow_run { id sequence } } }`;

export const TASK_RUN = `
query task_run_page($id: uuid!, $as_of: moment) {
  task_run_by_pk(id: $id, as_of: $as_of) {
    id name map_index state state_message state_timestamp serialized_state start_time end_time version created
    heartbeat cache_key flow_run_id task_id
    flow_run { id name state flow { id name version project { name } } }
    task { id name slug type max_retries retry_delay trigger tags }
    states(order_by: [{sequence: asc}]) { id state message timestamp set_by sequence }
    logs_aggregate { aggregate { count } }
  }
}`;

export interface TaskRunPage
  extends Pick<
    TaskRunRow,
    | "id"
    | "name"
    | "map_index"
    | "state"
    | "state_message"
    | "state_timestamp"
    | "serialized_state"
    | "start_time"
    | "end_time"
    | "version"
    | "created"
    | "heartbeat"
    | "cache_key"
    | "flow_run_id"
    | "task_id"
  > {
  readonly flow_run:
    | (Pick<FlowRunRow, "id" | "name" | "state"> & {
        readonly flow:
          | (Pick<FlowRow, "id" | "name" | "version"> & { readonly project: Pick<ProjectRow, "name"> | null })
          | null;
      })
    | null;
  readonly task: Pick<
    TaskRow,
    "id" | "name" | "slug" | "type" | "max_retries" | "retry_delay" | "trigger" | "tags"
  > | null;
  readonly states: readonly HistoryState[];
  readonly logs_aggregate: { readonly aggregate: { readonly count: number } };
}

const RUNS_BESIDE = `id name slug
  task_runs(where: {flow_run_id: {_eq: $run}, map_index: {_in: $index}}, as_of: $as_of) {
    id name map_index state serialized_state start_time end_time
  }`;

/** The tasks before and behind, with the runs of theirs that this one has to do with, and the mapped children. */
export const RELATED = `
query task_run_related($task: uuid!, $run: uuid!, $index: [Int!]!, $beside: [Int!]!, $as_of: moment) {
  task_by_pk(id: $task) {
    upstream_edges(order_by: [{key: asc_nulls_last}]) { id key mapped upstream_task { ${RUNS_BESIDE} } }
    downstream_edges(order_by: [{key: asc_nulls_last}]) { id key mapped downstream_task { ${RUNS_BESIDE} } }
  }
  children: task_run_aggregate(where: {flow_run_id: {_eq: $run}, task_id: {_eq: $task}, map_index: {_gte: 0}},
    as_of: $as_of, group_by: [state]) { groups { key { state } aggregate { count } } }
  beside: task_run(where: {flow_run_id: {_eq: $run}, task_id: {_eq: $task}, map_index: {_in: $beside}},
    as_of: $as_of) { id map_index }
}`;

export type RunBeside = Pick<
  TaskRunRow,
  "id" | "name" | "map_index" | "state" | "serialized_state" | "start_time" | "end_time"
>;

export interface TaskBeside extends Pick<TaskRow, "id" | "name" | "slug"> {
  readonly task_runs: readonly RunBeside[];
}

interface EdgeBeside {
  readonly id: string;
  readonly key: string | null;
  readonly mapped: boolean;
}

export interface Related {
  readonly task_by_pk: {
    readonly upstream_edges: readonly (EdgeBeside & { readonly upstream_task: TaskBeside | null })[];
    readonly downstream_edges: readonly (EdgeBeside & { readonly downstream_task: TaskBeside | null })[];
  } | null;
  readonly children: Parameters<typeof countsOf>[0];
  readonly beside: readonly Pick<TaskRunRow, "id" | "map_index">[];
}
