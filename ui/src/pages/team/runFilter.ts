/** Of which runs a hook or an automation is. Pure. */

import type { Json } from "../../api/tables";

/** As the API takes it: those runs are meant to which everything applies that is given. */
export interface RunFilter {
  readonly flow_group_ids?: readonly string[];
  readonly project_ids?: readonly string[];
  readonly labels?: readonly string[];
  readonly flow_run_name?: string;
  readonly only_final?: boolean;
  readonly only_scheduled?: boolean;
}

/** The filter that was kept; nothing where there was none. */
export function runFilterOf(kept: Json | undefined): RunFilter {
  return kept !== null && typeof kept === "object" && !Array.isArray(kept) ? (kept as RunFilter) : {};
}

/** The filter without what says nothing, always written in one way. */
export function tidy(filter: RunFilter): RunFilter {
  const { flow_group_ids = [], project_ids = [], labels = [], flow_run_name = "" } = filter;
  return {
    ...(flow_group_ids.length > 0 ? { flow_group_ids } : {}),
    ...(project_ids.length > 0 ? { project_ids } : {}),
    ...(labels.length > 0 ? { labels: labels.toSorted() } : {}),
    ...(flow_run_name.trim() !== "" ? { flow_run_name: flow_run_name.trim() } : {}),
    ...(filter.only_final === true ? { only_final: true } : {}),
    ...(filter.only_scheduled === true ? { only_scheduled: true } : {}),
  };
}

/** Whether every run is meant. */
export function isOfEveryRun(filter: RunFilter): boolean {
  return Object.keys(tidy(filter)).length === 0;
}

export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
