/** What can be done to a flow run now, and why not where it cannot. */

import { FLOW_RUN_MOVES } from "../api/moves";
import { GROUPS, type StateName } from "../api/states";
import { isKnown, isOneOf } from "./states";

export type Action = "cancel" | "restart" | "start" | "mark" | "delete";

export interface Facts {
  readonly state: string | null;
  /** How many of its task runs failed, were held back by a failure, or were cancelled. */
  readonly unfinishedBusiness: number;
}

/** Why an action is not to be had; null where it is. */
export function reasonAgainst(action: Action, facts: Facts): string | null {
  const { state } = facts;
  const ended = isOneOf(state, "CLOSED");
  switch (action) {
    case "cancel":
      if (ended) return `It has ended: ${state}.`;
      return mayBecome(state, "Cancelled") ? null : `A run that is ${state} cannot be cancelled.`;
    case "restart":
      if (!ended) return "It has not ended yet. Cancel it first.";
      if (facts.unfinishedBusiness === 0 && isOneOf(state, "SUCCESSFUL")) return "Nothing in it failed.";
      return mayBecome(state, "Scheduled") ? null : `A run that is ${state} cannot be scheduled again.`;
    case "start":
      return isOneOf(state, "SCHEDULED") ? null : "Only a run that waits for its time can be told to start now.";
    case "mark":
      return outcomesOf(state).length > 0 ? null : `What has ended stays as it ended. Restart it instead.`;
    case "delete":
      return isOneOf(state, "RUNNING") ? "It is running. Cancel it first." : null;
  }
}

/** The states that a person may say a run is in. */
export function outcomesOf(state: string | null): StateName[] {
  const wanted: readonly StateName[] = ["Success", "Failed", "Skipped", "Cancelled"];
  return wanted.filter((outcome) => mayBecome(state, outcome));
}

export function mayBecome(state: string | null, next: StateName): boolean {
  return isKnown(state) && (FLOW_RUN_MOVES[state] ?? []).includes(next);
}

/** The states of task runs that a restart runs again. */
export const RESTARTED: readonly StateName[] = [...GROUPS.FAILED, "Cancelled"];
