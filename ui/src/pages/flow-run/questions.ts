/** What the page of a flow run asks. */

import { type countsOf, REASON, type Reason } from "../../api/runs";
import type {
  AgentRow,
  FlowRow,
  FlowRunRow,
  FlowRunStateRow,
  LogRow,
  ProjectRow,
  TaskRow,
  TaskRunRow,
} from "../../api/tables";

/** Tells of everything that happens in a run. */
export const CHANGES = `
subscription flow_run_changes($id: uuid!) { flow_run_by_pk(id: $id) { id version sequence name labels } }`;

export const RUN = `
query flow_run_page($id: uuid!, $failed: [String!]!, $as_of: moment) {
  flow_run_by_pk(id: $id, as_of: $as_of) {
    id name state state_message state_timestamp version scheduled_start_time start_time end_time created heartbeat
    parameters context labels run_config auto_scheduled idempotency_key flow_id times_resurrected
    agent { id name }
    flow { id name version project { name } }
    ${REASON}
    root_failures: task_runs_aggregate(where: {state: {_in: $failed}}) { aggregate { count } }
    task_runs_aggregate(group_by: [state]) { groups { key { state } aggregate { count } } }
  }
}`;

export interface Run
  extends Pick<
    FlowRunRow,
    | "id"
    | "name"
    | "state"
    | "state_message"
    | "state_timestamp"
    | "version"
    | "scheduled_start_time"
    | "start_time"
    | "end_time"
    | "created"
    | "heartbeat"
    | "parameters"
    | "context"
    | "run_config"
    | "auto_scheduled"
    | "idempotency_key"
    | "flow_id"
    | "times_resurrected"
  > {
  readonly labels: readonly string[];
  readonly agent: Pick<AgentRow, "id" | "name"> | null;
  readonly flow:
    | (Pick<FlowRow, "id" | "name" | "version"> & { readonly project: Pick<ProjectRow, "name"> | null })
    | null;
  readonly reason: readonly Reason[];
  readonly root_failures: { readonly aggregate: { readonly count: number } };
  readonly task_runs_aggregate: Parameters<typeof countsOf>[0];
}

export const TASK_RUNS = `
query flow_run_tasks($where: task_run_bool_exp!, $order: [task_run_order_by!], $after: String, $limit: Int, $as_of: moment) {
  rows: task_run(where: $where, order_by: $order, after: $after, limit: $limit, as_of: $as_of) {
    cursor id name map_index state state_message start_time end_time task { name slug }
  }
}`;

export interface TaskRun
  extends Pick<TaskRunRow, "id" | "name" | "map_index" | "state" | "state_message" | "start_time" | "end_time"> {
  readonly cursor: string;
  readonly task: Pick<TaskRow, "name" | "slug"> | null;
}

export const SELECTED = `
query flow_run_selected($id: uuid!, $as_of: moment) {
  task_run_by_pk(id: $id, as_of: $as_of) {
    id flow_run_id name map_index state state_message state_timestamp state_result start_time end_time version
    flow_run { id name state }
    task { name slug type max_retries }
    states(order_by: [{sequence: asc}]) { id state message timestamp set_by sequence }
    logs_aggregate { aggregate { count } }
  }
}`;

export interface Selected
  extends Pick<
    TaskRunRow,
    | "id"
    | "flow_run_id"
    | "name"
    | "map_index"
    | "state"
    | "state_message"
    | "state_timestamp"
    | "state_result"
    | "start_time"
    | "end_time"
    | "version"
  > {
  readonly flow_run: Pick<FlowRunRow, "id" | "name" | "state"> | null;
  readonly task: Pick<TaskRow, "name" | "slug" | "type" | "max_retries"> | null;
  readonly states: readonly HistoryState[];
  readonly logs_aggregate: { readonly aggregate: { readonly count: number } };
}

export type HistoryState = Pick<FlowRunStateRow, "id" | "state" | "message" | "timestamp" | "set_by" | "sequence">;

export const HISTORY = `
query flow_run_history($id: uuid!, $as_of: moment) {
  flow_run_state(where: {flow_run_id: {_eq: $id}}, order_by: [{sequence: asc}], as_of: $as_of) {
    id state message timestamp set_by sequence
  }
}`;

export const TASK_RUNS_IN = `
query flow_run_tasks_in($id: uuid!, $states: [String!]!, $limit: Int, $as_of: moment) {
  task_run(where: {flow_run_id: {_eq: $id}, state: {_in: $states}}, order_by: [{id: asc}], limit: $limit,
    as_of: $as_of) { id }
}`;

/** The task runs that failed by themselves, in the order in which they did. */
export const FAILED = `
query flow_run_failed($id: uuid!, $states: [String!]!, $limit: Int, $as_of: moment) {
  task_run(where: {flow_run_id: {_eq: $id}, state: {_in: $states}},
    order_by: [{end_time: asc_nulls_last}, {id: asc}], limit: $limit, as_of: $as_of) { id }
}`;

export const LOG_COUNT = `
query flow_run_log_count($where: log_bool_exp!, $search: String, $before: log_bool_exp!, $as_of: moment) {
  log_aggregate(where: $where, search: $search, as_of: $as_of) { aggregate { count } }
  before: log_aggregate(where: $before, search: $search, as_of: $as_of) { aggregate { count } }
}`;

export const LOGS = `
query flow_run_logs($where: log_bool_exp!, $search: String, $offset: Int, $limit: Int, $as_of: moment) {
  rows: log(where: $where, search: $search, order_by: [{sequence: asc}], offset: $offset, limit: $limit, as_of: $as_of) {
    id sequence timestamp level name message task_run_id
  }
}`;

export type LogLine = Pick<LogRow, "id" | "sequence" | "timestamp" | "level" | "name" | "message" | "task_run_id">;

/** The runs of a flow on either side of one. */
export const NEIGHBOURS = `
query flow_run_neighbours($flow: uuid!, $at: timestamptz!) {
  before: flow_run(where: {flow_id: {_eq: $flow}, scheduled_start_time: {_lt: $at}},
    order_by: [{scheduled_start_time: desc}], limit: 1) { id }
  after: flow_run(where: {flow_id: {_eq: $flow}, scheduled_start_time: {_gt: $at}},
    order_by: [{scheduled_start_time: asc}], limit: 1) { id }
}`;

export interface Neighbours {
  readonly before: readonly { readonly id: string }[];
  readonly after: readonly { readonly id: string }[];
}

export const CANCEL = `
mutation cancel_flow_run($id: UUID!) { cancel_flow_run(input: {flow_run_id: $id}) { state } }`;

export const SET_FLOW_RUN_STATE = `
mutation set_flow_run_state($id: UUID!, $version: Int, $state: JSON!) {
  set_flow_run_states(input: {states: [{flow_run_id: $id, version: $version, state: $state}]}) {
    states { id status message }
  }
}`;

export const SET_TASK_RUN_STATES = `
mutation set_task_run_states($states: [set_task_run_state_input!]!) {
  set_task_run_states(input: {states: $states}) { states { id status message } }
}`;

export const RENAME = `
mutation set_flow_run_name($id: UUID!, $name: String!) {
  set_flow_run_name(input: {flow_run_id: $id, name: $name}) { success }
}`;

export const RELABEL = `
mutation set_flow_run_labels($id: UUID!, $labels: [String!]!) {
  set_flow_run_labels(input: {flow_run_id: $id, labels: $labels}) { success }
}`;

export const DELETE = `
mutation delete_flow_run($id: UUID!) { delete_flow_run(input: {flow_run_id: $id}) { success } }`;
