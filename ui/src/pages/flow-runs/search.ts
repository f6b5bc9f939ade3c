import { compact, list, oneOf, type Search, text } from "../../lib/search";

export const SORTS = ["scheduled", "started", "ended", "name"] as const;
export type Sort = (typeof SORTS)[number];

export interface FlowRunsSearch {
  /** Names of states, separated by commas. */
  readonly state?: string;
  readonly name?: string;
  readonly flow?: string;
  readonly project?: string;
  readonly sort?: Sort;
  readonly direction?: "asc" | "desc";
}

export function readFlowRuns(search: Search): FlowRunsSearch {
  return compact({
    state: list(search, "state")?.join(","),
    name: text(search, "name"),
    flow: text(search, "flow"),
    project: text(search, "project"),
    sort: oneOf(search, "sort", SORTS),
    direction: oneOf(search, "direction", ["asc", "desc"]),
  }) as FlowRunsSearch;
}
