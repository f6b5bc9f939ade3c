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

/** Something that can be chosen, by its id. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** The choices, and what was chosen before although it is gone since. */
export function withGone(choices: readonly Choice[], chosen: readonly string[]): Choice[] {
  const known = new Set(choices.map(({ value }) => value));
  return [
    ...choices,
    ...chosen
      .filter((value) => !known.has(value))
      .map((value) => ({ value, label: `one that is gone (${value.slice(0, 8)})` })),
  ];
}

/** What falls down from a field of a dialog belongs to the dialog. */
export const IN_DIALOG = { comboboxProps: { withinPortal: false } } as const;

export type Health = "looking" | "silent" | "never";

// The longest wait of an agent for a run, twice: the server takes no other for one that looks for runs.
const LOOKING_MILLISECONDS = 60_000;

/** Whether an agent looks for runs, going by when it last asked for some. */
export function healthOf(lastQueried: string | null, now: number): Health {
  if (lastQueried === null) return "never";
  return now - Date.parse(lastQueried) <= LOOKING_MILLISECONDS ? "looking" : "silent";
}
