import { LISTED, type ListedRun } from "../../api/runs";
import type { FlowGroupRow, FlowRow, FlowRunRow, ProjectRow, TaskRow } from "../../api/tables";
import type { GridGroup, GridTask, GridTaskRun } from "./grid";

const VERSION = `
id name version archived created description core_version parameters schedule is_schedule_active run_config
flow_group_id project { id name }
flow_group { id description labels schedule settings default_parameters }
tasks_aggregate { aggregate { count } }`;

/** By the id of a version, or of the flow, whose newest version is then shown. */
export const FLOW = `
query flow_page($id: uuid!) {
  flow_by_pk(id: $id) { ${VERSION} }
  newest: flow(where: {flow_group_id: {_eq: $id}}, order_by: [{archived: asc}, {version: desc}], limit: 1) { ${VERSION} }
}`;

export interface Flow
  extends Pick<
    FlowRow,
    | "id"
    | "name"
    | "version"
    | "archived"
    | "created"
    | "description"
    | "core_version"
    | "parameters"
    | "schedule"
    | "is_schedule_active"
    | "run_config"
    | "flow_group_id"
  > {
  readonly project: Pick<ProjectRow, "id" | "name"> | null;
  readonly flow_group: Pick<
    FlowGroupRow,
    "id" | "description" | "labels" | "schedule" | "settings" | "default_parameters"
  > | null;
  readonly tasks_aggregate: { readonly aggregate: { readonly count: number } };
}

export interface FlowAnswer {
  readonly flow_by_pk: Flow | null;
  readonly newest: readonly Flow[];
}

/** Tells of every change of the newest runs of a flow. */
export const CHANGES = `
subscription flow_changes($group: uuid!) {
  flow_run(where: {flow: {flow_group_id: {_eq: $group}}}, order_by: [{scheduled_start_time: desc}], limit: 100) {
    id version sequence name
  }
}`;

export const OVERVIEW = `
query flow_overview($runs: flow_run_bool_exp!, $next: flow_run_bool_exp!) {
  by_state: flow_run_aggregate(where: $runs, group_by: [state]) { groups { key { state } aggregate { count } } }
  runs: flow_run(where: $runs, order_by: [{scheduled_start_time: desc}], limit: 90) { ${LISTED} }
  next: flow_run(where: $next, order_by: [{scheduled_start_time: asc}], limit: 5) { ${LISTED} }
}`;

export interface Overview {
  readonly by_state: {
    readonly groups: readonly {
      readonly key: { readonly state: string | null };
      readonly aggregate: { readonly count: number };
    }[];
  };
  readonly runs: readonly ListedRun[];
  readonly next: readonly ListedRun[];
}

export const VERSIONS = `
query flow_versions($group: uuid!) {
  flow(where: {flow_group_id: {_eq: $group}}, order_by: [{version: desc}], limit: 500) {
    id version archived created core_version
    tasks_aggregate { aggregate { count } }
    flow_runs_aggregate(group_by: [state]) { groups { key { state } aggregate { count } } }
  }
}`;

export interface Version extends Pick<FlowRow, "id" | "version" | "archived" | "created" | "core_version"> {
  readonly tasks_aggregate: { readonly aggregate: { readonly count: number } };
  readonly flow_runs_aggregate: Overview["by_state"];
}

export const GRID_RUNS = `
query flow_grid_runs($runs: flow_run_bool_exp!, $count: Int!, $tasks: task_bool_exp!, $shown: Int!) {
  flow_run(where: $runs, order_by: [{scheduled_start_time: desc}], limit: $count) {
    id name state scheduled_start_time start_time end_time flow_id
  }
  task(where: $tasks, order_by: [{id: asc}], limit: $shown) { id name slug mapped }
  task_aggregate(where: $tasks) { aggregate { count } }
}`;

export type GridRun = Pick<
  FlowRunRow,
  "id" | "name" | "state" | "scheduled_start_time" | "start_time" | "end_time" | "flow_id"
>;

export interface GridRuns {
  readonly flow_run: readonly GridRun[];
  readonly task: readonly Pick<TaskRow, "id" | "name" | "slug" | "mapped">[];
  readonly task_aggregate: { readonly aggregate: { readonly count: number } };
}

export const GRID_CELLS = `
query flow_grid_cells($runs: [uuid!]!, $flows: [uuid!]!, $slugs: [String!]!, $most: Int!) {
  task(where: {flow_id: {_in: $flows}, slug: {_in: $slugs}}, limit: $most) { id slug }
  single: task_run(where: {flow_run_id: {_in: $runs}, map_index: {_lt: 0}, task: {slug: {_in: $slugs}}}, limit: $most) {
    id flow_run_id task_id state
  }
  mapped: task_run_aggregate(where: {flow_run_id: {_in: $runs}, map_index: {_gte: 0}, task: {slug: {_in: $slugs}}},
      group_by: [flow_run_id, task_id, state]) {
    groups { key { flow_run_id task_id state } aggregate { count } }
  }
}`;

export interface GridCells {
  readonly task: readonly GridTask[];
  readonly single: readonly GridTaskRun[];
  readonly mapped: { readonly groups: readonly GridGroup[] };
}

export const LIKE = `
query run_like($id: uuid!) { flow_run_by_pk(id: $id) { name parameters context labels } }`;

export interface Like {
  readonly flow_run_by_pk: Pick<FlowRunRow, "name" | "parameters" | "context" | "labels"> | null;
}

export const CREATE_RUN = `
mutation create_flow_run($input: create_flow_run_input!) { create_flow_run(input: $input) { id } }`;

export const SCHEDULE_ON = `
mutation set_schedule_active($id: UUID!) { set_schedule_active(input: {flow_id: $id}) { success } }`;
export const SCHEDULE_OFF = `
mutation set_schedule_inactive($id: UUID!) { set_schedule_inactive(input: {flow_id: $id}) { success } }`;
export const SET_SCHEDULE = `
mutation set_flow_group_schedule($input: set_flow_group_schedule_input!) {
  set_flow_group_schedule(input: $input) { success }
}`;
export const OWN_SCHEDULE = `
mutation delete_flow_group_schedule($group: UUID!) {
  delete_flow_group_schedule(input: {flow_group_id: $group}) { success }
}`;

export const ARCHIVE = `
mutation archive_flow($id: UUID!) { archive_flow(input: {flow_id: $id}) { success } }`;
export const DELETE_VERSION = `
mutation delete_flow($id: UUID!) { delete_flow(input: {flow_id: $id}) { success } }`;
export const DELETE_FLOW = `
mutation delete_flow_group($group: UUID!) { delete_flow_group(input: {flow_group_id: $group}) { success } }`;

export const SET_LABELS = `
mutation set_flow_group_labels($group: UUID!, $labels: [String!]) {
  set_flow_group_labels(input: {flow_group_id: $group, labels: $labels}) { success }
}`;
export const SET_DESCRIPTION = `
mutation set_flow_group_description($group: UUID!, $description: String) {
  set_flow_group_description(input: {flow_group_id: $group, description: $description}) { success }
}`;
export const SET_DEFAULTS = `
mutation set_flow_group_default_parameters($group: UUID!, $parameters: JSON!) {
  set_flow_group_default_parameters(input: {flow_group_id: $group, parameters: $parameters}) { success }
}`;
export const SET_PROJECT = `
mutation update_flow_project($id: UUID!, $project: UUID!) {
  update_flow_project(input: {flow_id: $id, project_id: $project}) { id }
}`;

export const SWITCHES = {
  heartbeat: {
    on: `mutation enable_flow_heartbeat($id: UUID!) { enable_flow_heartbeat(input: {flow_id: $id}) { success } }`,
    off: `mutation disable_flow_heartbeat($id: UUID!) { disable_flow_heartbeat(input: {flow_id: $id}) { success } }`,
  },
  lazarus: {
    on: `mutation enable_flow_lazarus_process($id: UUID!) {
      enable_flow_lazarus_process(input: {flow_id: $id}) { success }
    }`,
    off: `mutation disable_flow_lazarus_process($id: UUID!) {
      disable_flow_lazarus_process(input: {flow_id: $id}) { success }
    }`,
  },
} as const;

export const PROJECTS = `query project_names { project(order_by: [{name: asc}]) { id name } }`;
