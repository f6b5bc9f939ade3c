import { aMoment, compact, oneOf, type Search, text } from "../../lib/search";
import { LEVELS, type Level } from "../flow-run/search";

export const TASK_TABS = ["overview", "logs", "children", "artifacts", "snippet"] as const;
export type TaskTab = (typeof TASK_TABS)[number];

/** What the address of a task run's page says. */
export interface TaskRunSearch {
  readonly tab?: TaskTab;
  /** States of its mapped children, separated by commas. */
  readonly state?: string;
  readonly log?: string;
  readonly level?: Level;
  readonly line?: string;
  /** The moment as of which it is shown, in ISO 8601. */
  readonly as_of?: string;
}

export function readTaskRun(search: Search): TaskRunSearch {
  return compact({
    tab: oneOf(search, "tab", TASK_TABS),
    state: text(search, "state"),
    log: text(search, "log"),
    level: oneOf(search, "level", LEVELS),
    line: text(search, "line"),
    as_of: aMoment(search, "as_of"),
  }) as TaskRunSearch;
}
