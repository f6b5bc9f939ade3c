/** The form that a run is made from: a field for each parameter, by its type or else that of its default. Pure. */

import type { Json } from "../../api/tables";

export type Kind = "text" | "number" | "boolean" | "datetime" | "json";

export const KINDS: Readonly<Record<Kind, string>> = {
  text: "Text",
  number: "Number",
  boolean: "Yes or no",
  datetime: "Date and time",
  json: "JSON",
};

/** A parameter as a flow declares it. */
export interface Parameter {
  readonly name: string;
  readonly required?: boolean;
  readonly default?: Json;
  readonly type?: string;
}

export interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  readonly default: Json;
  /** What it is taken for as long as nobody says otherwise, and what stands in it then. */
  readonly kind: Kind;
  readonly text: string;
}

/** What somebody has written. */
export interface Entry {
  readonly kind: Kind;
  readonly text: string;
}

/** A field for each parameter, the required ones first; `defaults` are those of the flow's settings. */
export function fieldsOf(parameters: readonly Parameter[], defaults: Readonly<Record<string, Json>>): Field[] {
  return parameters
    .map((parameter) => {
      const isGiven = Object.hasOwn(defaults, parameter.name);
      const usual = (isGiven ? defaults[parameter.name] : parameter.default) ?? null;
      const kind = kindOf(parameter, usual);
      return {
        name: parameter.name,
        isRequired: parameter.required === true && !isGiven,
        default: usual,
        kind,
        text: textOf(usual, kind),
      };
    })
    .toSorted((one, other) => Number(other.isRequired) - Number(one.isRequired));
}

export function kindOf(parameter: Parameter, usual: Json): Kind {
  if (parameter.type?.split(".").at(-1) === "DateTimeParameter") return "datetime";
  switch (typeof usual) {
    case "string":
      return "text";
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    default:
      // Of what has no default the type is not known. Most of them are written in letters.
      return usual === null ? "text" : "json";
  }
}

/** A value as it stands in a field. */
export function textOf(value: Json, kind: Kind): string {
  if (kind === "json") return JSON.stringify(value, null, 2);
  if (value === null) return "";
  if (kind === "datetime") return localInput(String(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const pad = (value: number): string => String(value).padStart(2, "0");

/** A moment as a field for dates and times has it: in the viewer's zone. */
export function localInput(moment: string): string {
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return "";
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  return `${day}T${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

export type Reading = { readonly value: Json } | { readonly error: string };

/** The value that an entry means, or why it means none. */
export function read({ kind, text }: Entry): Reading {
  switch (kind) {
    case "text":
      return { value: text };
    case "number":
      return readNumber(text.trim());
    case "boolean":
      return text === "true" || text === "false" ? { value: text === "true" } : { error: "Choose yes or no." };
    case "datetime":
      return Number.isNaN(Date.parse(text))
        ? { error: "This is no date and time." }
        : { value: new Date(text).toISOString() };
    case "json":
      return readJson(text);
  }
}

function readNumber(text: string): Reading {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) return { error: "This is no number." };
  if (/^[-+]?\d+$/.test(text) && !Number.isSafeInteger(value)) {
    return { error: "This number is too large to be kept exactly. Give it as text." };
  }
  return { value };
}

function readJson(text: string): Reading {
  if (text.trim() === "") return { error: 'There is nothing here: null, or "", is JSON.' };
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { error: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** An object, or why it is none; of nothing, an empty one. */
export function readObject(
  text: string,
): { readonly value: Readonly<Record<string, Json>> } | { readonly error: string } {
  if (text.trim() === "") return { value: {} };
  const reading = readJson(text);
  if ("error" in reading) return reading;
  const { value } = reading;
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return { error: 'It has to be an object: {"name": "value"}.' };
  }
  return { value: value as Readonly<Record<string, Json>> };
}

export interface Filled {
  /** What differs from the defaults, which the server knows. */
  readonly parameters: Readonly<Record<string, Json>>;
  readonly errors: Readonly<Record<string, string>>;
}

/** What was written, as parameters of a run. */
export function filled(fields: readonly Field[], entries: Readonly<Record<string, Entry>>): Filled {
  const parameters: Record<string, Json> = {};
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const entry = entries[field.name];
    const isUntouched = entry === undefined || (entry.kind === field.kind && entry.text === field.text);
    if (isUntouched) {
      if (field.isRequired) errors[field.name] = "This one has to be given.";
      continue;
    }
    // A field for a moment that is emptied is one that nobody filled in.
    if (entry.kind === "datetime" && entry.text === "" && !field.isRequired) {
      parameters[field.name] = null;
      continue;
    }
    const reading = read(entry);
    if ("error" in reading) errors[field.name] = reading.error;
    else parameters[field.name] = reading.value;
  }
  return { parameters, errors };
}

/** Entries that repeat the parameters of an earlier run. */
export function entriesOf(
  fields: readonly Field[],
  parameters: Readonly<Record<string, Json>>,
): Readonly<Record<string, Entry>> {
  return Object.fromEntries(
    fields
      .filter(({ name }) => Object.hasOwn(parameters, name))
      .map((field) => {
        const value = parameters[field.name] ?? null;
        const kind = fits(value, field.kind) ? field.kind : kindOf({ name: field.name }, value);
        const shown = value === null && kind === "text" ? "json" : kind;
        return [field.name, { kind: shown, text: textOf(value, shown) }];
      }),
  );
}

function fits(value: Json, kind: Kind): boolean {
  if (kind === "json") return true;
  if (kind === "datetime") return typeof value === "string" || value === null;
  return typeof value === { text: "string", number: "number", boolean: "boolean" }[kind];
}
