import { compact, oneOf, type Search, text } from "../../lib/search";

export const SORTS = ["name", "created"] as const;
export type Sort = (typeof SORTS)[number];

export const SCHEDULES = ["active", "paused", "none"] as const;
export type ScheduleFilter = (typeof SCHEDULES)[number];

export interface FlowsSearch {
  readonly name?: string;
  readonly project?: string;
  readonly schedule?: ScheduleFilter;
  readonly archived?: "yes";
  readonly sort?: Sort;
  readonly direction?: "asc" | "desc";
}

export function readFlows(search: Search): FlowsSearch {
  return compact({
    name: text(search, "name"),
    project: text(search, "project"),
    schedule: oneOf(search, "schedule", SCHEDULES),
    archived: oneOf(search, "archived", ["yes"]),
    sort: oneOf(search, "sort", SORTS),
    direction: oneOf(search, "direction", ["asc", "desc"]),
  }) as FlowsSearch;
}
