import { compact, list, oneOf, type Search, text } from "../../lib/search";

export const WINDOWS = ["1h", "24h", "7d", "30d", "all"] as const;
export type Window = (typeof WINDOWS)[number];

export interface DashboardSearch {
  readonly window?: Window;
  readonly project?: string;
  /** Letters in the name of flows. */
  readonly flow?: string;
  /** A label that runs have. */
  readonly label?: string;
  /** Names of states, separated by commas. */
  readonly state?: string;
}

export function readDashboard(search: Search): DashboardSearch {
  return compact({
    window: oneOf(search, "window", WINDOWS),
    project: text(search, "project"),
    flow: text(search, "flow"),
    label: text(search, "label"),
    state: list(search, "state")?.join(","),
  }) as DashboardSearch;
}

const HOURS: Record<Exclude<Window, "all">, number> = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 };

/** When a window that ends now began; null where it has no beginning. */
export function beginning(window: Window, now: number): number | null {
  return window === "all" ? null : now - HOURS[window] * 3_600_000;
}
