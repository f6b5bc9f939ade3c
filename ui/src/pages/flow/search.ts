import { compact, oneOf, type Search, text } from "../../lib/search";

export const TABS = ["overview", "run", "tasks", "schematic", "versions", "settings"] as const;
export type Tab = (typeof TABS)[number];

/** What the address of a flow's page says. */
export interface FlowSearch {
  readonly tab?: Tab;
  /** Letters in the names of tasks. */
  readonly task?: string;
  /** A run whose parameters the form begins with. */
  readonly like?: string;
}

export function readFlow(search: Search): FlowSearch {
  return compact({
    tab: oneOf(search, "tab", TABS),
    task: text(search, "task"),
    like: text(search, "like"),
  }) as FlowSearch;
}
