import { aMoment, compact, list, oneOf, type Search, text } from "../../lib/search";

export const TABS = ["timeline", "schematic", "tasks", "logs", "artifacts", "history", "details", "snippet"] as const;
export type Tab = (typeof TABS)[number];

export const TASK_SORTS = ["started", "ended", "name", "state"] as const;
export type TaskSort = (typeof TASK_SORTS)[number];

export const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;
export type Level = (typeof LEVELS)[number];

/** How much of a schematic is shown around the selected task, in steps. */
export const NEARS = ["1", "2", "all"] as const;
export type Near = (typeof NEARS)[number];

/** What the address of a run's page says. State and task run hold for every tab. */
export interface FlowRunSearch {
  readonly tab?: Tab;
  /** States of task runs, separated by commas. */
  readonly state?: string;
  /** The task run that is selected. */
  readonly task_run?: string;
  /** Letters in the names of task runs. */
  readonly task?: string;
  readonly sort?: TaskSort;
  readonly direction?: "asc" | "desc";
  /** Words in log lines. */
  readonly log?: string;
  /** The lowest level of log lines. */
  readonly level?: Level;
  /** The sequence of the log line that a link leads to. */
  readonly line?: string;
  /** The moment as of which the run is shown, in ISO 8601. */
  readonly as_of?: string;
  /** What is in view of the timeline, in ISO 8601. */
  readonly from?: string;
  readonly to?: string;
  readonly view?: "table";
  readonly idle?: "shown";
  readonly path?: "hidden";
  /** The ids of the mapped tasks whose children have lines of their own in the timeline. */
  readonly opened?: string;
  readonly near?: Near;
}

export function readFlowRun(search: Search): FlowRunSearch {
  return compact({
    tab: oneOf(search, "tab", TABS),
    state: list(search, "state")?.join(","),
    task_run: text(search, "task_run"),
    task: text(search, "task"),
    sort: oneOf(search, "sort", TASK_SORTS),
    direction: oneOf(search, "direction", ["asc", "desc"]),
    log: text(search, "log"),
    level: oneOf(search, "level", LEVELS),
    line: text(search, "line"),
    as_of: aMoment(search, "as_of"),
    from: aMoment(search, "from"),
    to: aMoment(search, "to"),
    view: oneOf(search, "view", ["table"]),
    idle: oneOf(search, "idle", ["shown"]),
    path: oneOf(search, "path", ["hidden"]),
    opened: list(search, "opened")?.join(","),
    near: oneOf(search, "near", NEARS),
  }) as FlowRunSearch;
}
