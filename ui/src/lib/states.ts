/** What the page makes of a state: its shape, so that colour is never the only sign, and its place in an order. */

import { GROUPS, STATES, type StateName } from "../api/states";

export type Shape =
  | "blocked"
  | "late"
  | "clock"
  | "ring"
  | "half"
  | "arrow"
  | "pause"
  | "check"
  | "cross"
  | "bar"
  | "stack"
  | "bolt"
  | "skip";

const SHAPES: Record<StateName, Shape> = {
  Cached: "bolt",
  Cancelled: "bar",
  Cancelling: "bar",
  ClientFailed: "cross",
  Failed: "cross",
  Finished: "check",
  Looped: "arrow",
  Mapped: "stack",
  Paused: "pause",
  Pending: "ring",
  Queued: "clock",
  Resume: "arrow",
  Retrying: "arrow",
  Running: "half",
  Scheduled: "clock",
  Skipped: "skip",
  Submitted: "ring",
  Success: "check",
  TimedOut: "late",
  TriggerFailed: "blocked",
  ValidationFailed: "cross",
};

// What wants attention comes first.
const ORDER: readonly StateName[] = [
  ...GROUPS.FAILED,
  ...GROUPS.RUNNING,
  "Mapped",
  "Retrying",
  "Looped",
  "Paused",
  "Resume",
  "Submitted",
  "Queued",
  "Scheduled",
  "Pending",
  "Cancelled",
  "Success",
  "Cached",
  "Skipped",
  "Finished",
];

/** A state that a server of another version may know, and this page not. */
export function isKnown(name: string | null | undefined): name is StateName {
  return name !== null && name !== undefined && Object.hasOwn(STATES, name);
}

export function colourOf(name: string | null | undefined): string {
  return isKnown(name) ? STATES[name].colour : "#696969";
}

export function shapeOf(name: string | null | undefined): Shape {
  return isKnown(name) ? SHAPES[name] : "ring";
}

export function isOneOf(name: string | null | undefined, group: keyof typeof GROUPS): boolean {
  return (GROUPS[group] as readonly string[]).includes(name ?? "");
}

/** States in the order in which people want to hear of them. */
export function compareStates(one: string, other: string): number {
  return place(one) - place(other) || one.localeCompare(other);
}

function place(name: string): number {
  const found = ORDER.indexOf(name as StateName);
  return found < 0 ? ORDER.length : found;
}
