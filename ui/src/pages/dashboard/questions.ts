import { type countsOf, LISTED, type ListedRun, REASON, type Reason, ROOT_FAILURES } from "../../api/runs";
import { GROUPS } from "../../api/states";
import type { AgentRow } from "../../api/tables";
import { type Bucket, bucketsBetween } from "../../lib/buckets";
import { containing } from "../../lib/match";
import { beginning, type DashboardSearch } from "./search";

export const SHOWN = 8;
// A run that is not begun this long after its time is late.
const GRACE_SECONDS = 15;

export const DASHBOARD = `
query dashboard($window: flow_run_bool_exp!, $failures: flow_run_bool_exp!, $running: flow_run_bool_exp!,
    $late: flow_run_bool_exp!, $upcoming: flow_run_bool_exp!, $failed: [String!]!, $shown: Int!) {
  by_state: flow_run_aggregate(where: $window, group_by: [state]) { groups { key { state } aggregate { count } } }
  failures: flow_run(where: $failures, order_by: [{scheduled_start_time: desc}], limit: $shown) { ${LISTED} ${REASON} }
  failures_count: flow_run_aggregate(where: $failures) { aggregate { count } }
  running: flow_run(where: $running, order_by: [{start_time: desc}], limit: $shown) {
    ${LISTED}
    task_runs_aggregate(group_by: [state]) { groups { key { state } aggregate { count } } }
  }
  running_count: flow_run_aggregate(where: $running) { aggregate { count } }
  late: flow_run(where: $late, order_by: [{scheduled_start_time: asc}], limit: $shown) { ${LISTED} labels }
  late_count: flow_run_aggregate(where: $late) { aggregate { count } }
  upcoming: flow_run(where: $upcoming, order_by: [{scheduled_start_time: asc}], limit: $shown) { ${LISTED} }
  upcoming_count: flow_run_aggregate(where: $upcoming) { aggregate { count } }
  oldest: flow_run(order_by: [{scheduled_start_time: asc}], limit: 1) { scheduled_start_time }
  project(order_by: [{name: asc}]) { name }
}`;

interface Count {
  readonly aggregate: { readonly count: number };
}

type Groups = NonNullable<Parameters<typeof countsOf>[0]>;

export type Waiting = ListedRun & { readonly labels?: readonly string[] };

export interface Answered {
  readonly by_state: Groups;
  readonly failures: readonly (ListedRun & { readonly reason: readonly Reason[] })[];
  readonly failures_count: Count;
  readonly running: readonly (ListedRun & { readonly task_runs_aggregate: Groups })[];
  readonly running_count: Count;
  readonly late: readonly Waiting[];
  readonly late_count: Count;
  readonly upcoming: readonly Waiting[];
  readonly upcoming_count: Count;
  readonly oldest: readonly { readonly scheduled_start_time: string }[];
  readonly project: readonly { readonly name: string }[];
}

/** What the lists are asked with; `minute` is now, to the minute. */
export function questions(search: DashboardSearch, minute: number): Record<string, unknown> {
  const within = conditions(search);
  const since = beginning(search.window ?? "24h", minute);
  const first = since === null ? undefined : bucketsBetween(since, minute)[0];
  const recent = first === undefined ? [] : [{ scheduled_start_time: { _gte: new Date(first.from).toISOString() } }];
  const chosen = chosenStates(search);
  const waiting = { state: { _in: GROUPS.SCHEDULED } };
  const overdue = new Date(minute - GRACE_SECONDS * 1000).toISOString();
  return {
    window: { _and: [...within, ...recent, hasCome(minute)] },
    failures: { _and: [...within, ...chosen, ...recent, { state: { _in: GROUPS.FAILED } }] },
    running: { _and: [...within, ...chosen, { state: { _in: GROUPS.RUNNING } }] },
    late: { _and: [...within, ...chosen, waiting, { scheduled_start_time: { _lt: overdue } }] },
    upcoming: { _and: [...within, ...chosen, waiting, { scheduled_start_time: { _gte: overdue } }] },
    failed: ROOT_FAILURES,
    shown: SHOWN,
  };
}

function conditions({ project, flow, label }: DashboardSearch): object[] {
  const found: object[] = [];
  if (project !== undefined) found.push({ flow: { project: { name: { _eq: project } } } });
  if (flow !== undefined) found.push({ flow: { name: { _ilike: containing(flow) } } });
  if (label !== undefined) found.push({ labels: { _has_key: label } });
  return found;
}

function chosenStates({ state }: DashboardSearch): object[] {
  return state === undefined ? [] : [{ state: { _in: state.split(",") } }];
}

/** What only waits for a time that has not come is not part of what happened. */
function hasCome(minute: number): object {
  const now = new Date(minute).toISOString();
  return { _or: [{ scheduled_start_time: { _lte: now } }, { state: { _nin: GROUPS.SCHEDULED } }] };
}

/** A document that counts the runs of so many stretches of time by state: `b0`, `b1` ... */
export function histogram(stretches: number): string {
  const numbers = [...Array(stretches).keys()];
  const variables = numbers.map((number) => `$b${number}: flow_run_bool_exp!`).join(", ");
  const fields = numbers.map(
    (number) =>
      `b${number}: flow_run_aggregate(where: $b${number}, group_by: [state]) { groups { key { state } aggregate { count } } }`,
  );
  return `query runs_over_time(${variables}) {\n${fields.join("\n")}\n}`;
}

export type Histogram = Readonly<Record<string, Groups>>;

/** What the stretches are asked with. The last one holds whatever comes after it, too: runs that were begun early. */
export function stretches(
  search: DashboardSearch,
  buckets: readonly Bucket[],
  minute: number,
): Record<string, unknown> {
  const within = [...conditions(search), ...chosenStates(search)];
  return Object.fromEntries(
    buckets.map(({ from, to }, index) => {
      const end = index === buckets.length - 1 ? {} : { _lt: new Date(to).toISOString() };
      const time = { scheduled_start_time: { _gte: new Date(from).toISOString(), ...end } };
      return [`b${index}`, { _and: [...within, time, hasCome(minute)] }];
    }),
  );
}

/** The stretches of a window; none where it would begin with the first run, and there is none. */
export function bucketsOf(search: DashboardSearch, oldest: string | undefined, minute: number): readonly Bucket[] {
  const since = beginning(search.window ?? "24h", minute) ?? (oldest === undefined ? null : Date.parse(oldest));
  return since === null ? [] : bucketsBetween(Math.min(since, minute), minute);
}

export const HEALTH = `
query health($running: [String!]!, $shown: Int!) {
  agent(order_by: [{last_queried: desc_nulls_last}], limit: $shown) {
    id name type labels last_queried core_version
    flow_runs_aggregate(where: {state: {_in: $running}}) { aggregate { count } }
  }
  agent_aggregate { aggregate { count } }
  services { name started finished duration failures last_work last_work_at last_error last_error_at is_running }
}`;

export interface Agent extends Pick<AgentRow, "id" | "name" | "type" | "last_queried" | "core_version"> {
  readonly labels: readonly string[];
  readonly flow_runs_aggregate: Count;
}

export interface Service {
  readonly name: string;
  readonly started: string | null;
  readonly finished: string | null;
  readonly duration: number | null;
  readonly failures: number | null;
  readonly last_work: string | null;
  readonly last_work_at: string | null;
  readonly last_error: string | null;
  readonly last_error_at: string | null;
  readonly is_running: boolean | null;
}

export interface Health {
  readonly agent: readonly Agent[];
  readonly agent_aggregate: Count;
  readonly services: readonly Service[];
}

export const WHY_LATE = `
query why_late { late_flow_runs { id reason message } }`;

export interface WhyLate {
  readonly late_flow_runs: readonly { readonly id: string; readonly message: string }[];
}
