/** Values as people write and read them. Pure. */

import type { Json } from "../../api/tables";

/** The value that a text means: JSON. Throws an Error that says how to write a plain text. */
export function readValue(written: string): Json {
  try {
    return JSON.parse(written) as Json;
  } catch {
    throw new Error(
      'This is no JSON. A text is written in quotation marks, "like this"; a number, true, false, null, a list [1, 2] or an object {"a": 1} without.',
    );
  }
}

/** A value on one line. */
export function shortValue(value: Json): string {
  return JSON.stringify(value);
}

/** Where an address leads, without what may be secret in it: hooks of chat services carry their key in the path. */
export function placeOf(address: unknown): string {
  if (typeof address !== "string") return "";
  try {
    const { protocol, host } = new URL(address);
    return `${protocol}//${host}/…`;
  } catch {
    return "an address that cannot be read";
  }
}

export type Health = "looking" | "silent" | "never";

// The longest wait of an agent for a run, twice: the server takes no other for one that looks for runs.
const LOOKING_MILLISECONDS = 60_000;

/** Whether an agent looks for runs, going by when it last asked for some. */
export function healthOf(lastQueried: string | null, now: number): Health {
  if (lastQueried === null) return "never";
  return now - Date.parse(lastQueried) <= LOOKING_MILLISECONDS ? "looking" : "silent";
}
