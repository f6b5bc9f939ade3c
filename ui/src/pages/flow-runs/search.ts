import { compact, list, oneOf, type Search, text } from "../../lib/search";

export const SORTS = ["scheduled", "started", "ended", "name"] as const;
export type Sort = (typeof SORTS)[number];

export interface FlowRunsSearch {
  /** Names of states, separated by commas. */
  readonly state?: string;
  readonly name?: string;
  readonly flow?: string;
  readonly project?: string;
  /** A label that runs have. */
  readonly label?: string;
  /** Moments between which runs were due; `until` is no longer among them. */
  readonly since?: string;
  readonly until?: string;
  readonly sort?: Sort;
  readonly direction?: "asc" | "desc";
}

export function readFlowRuns(search: Search): FlowRunsSearch {
  return compact({
    state: list(search, "state")?.join(","),
    name: text(search, "name"),
    flow: text(search, "flow"),
    project: text(search, "project"),
    label: text(search, "label"),
    since: moment(search, "since"),
    until: moment(search, "until"),
    sort: oneOf(search, "sort", SORTS),
    direction: oneOf(search, "direction", ["asc", "desc"]),
  }) as FlowRunsSearch;
}

/** A moment, as an address says it: what is none is left out. */
function moment(search: Search, name: string): string | undefined {
  const value = text(search, name);
  if (value === undefined || Number.isNaN(Date.parse(value))) return undefined;
  return new Date(Date.parse(value)).toISOString();
}
