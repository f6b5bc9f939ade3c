/** What the console makes of a document and its variables. Pure. */

import { type FieldNode, Kind, type OperationDefinitionNode, parse, print, separateOperations, visit } from "graphql";
import type { Json } from "../../api/tables";

export interface Operation {
  readonly name: string | undefined;
  readonly kind: "query" | "mutation" | "subscription";
  readonly from: number;
  readonly to: number;
}

/** The operations of a document; none where it cannot be read, which the server explains. */
export function operationsOf(text: string): Operation[] {
  let definitions: readonly { readonly kind: string }[];
  try {
    definitions = parse(text).definitions;
  } catch {
    return [];
  }
  return definitions
    .filter((definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION)
    .map((definition) => ({
      name: definition.name?.value,
      kind: definition.operation,
      from: definition.loc?.start ?? 0,
      to: definition.loc?.end ?? text.length,
    }));
}

/** The operation at a place of the text, else the last one before it, else the first. */
export function operationAt(operations: readonly Operation[], place: number): Operation | undefined {
  return operations.findLast(({ from }) => from <= place) ?? operations[0];
}

/** One operation by itself, with the fragments that it uses. */
export function alone(text: string, name: string | undefined): string {
  const apart = separateOperations(parse(text));
  const found = apart[name ?? ""];
  return found === undefined ? text : print(found);
}

/** The text, set out anew; as it is where it cannot be read. Comments would be lost, so a text with one stays. */
export function pretty(text: string): string {
  if (/^[^"\n]*#/m.test(text)) return text;
  try {
    return print(parse(text));
  } catch {
    return text;
  }
}

export interface Kept {
  readonly text: string;
  readonly variables: string;
}

const KEY = /q[ks]_[0-9a-f]{8,}_[A-Za-z0-9_-]+/g;

/**
 * What of a document may be kept or shared. What a mutation is given may be a secret, so its texts and variables are
 * left out; a key of the API is left out wherever it stands.
 */
export function keepable(text: string, variables: string): Kept {
  const isChange = /\bmutation\b/.test(text);
  if (!isChange) return { text: text.replace(KEY, "(key)"), variables: variables.replace(KEY, "(key)") };
  return { text: withoutTexts(text).replace(KEY, "(key)"), variables: "" };
}

function withoutTexts(text: string): string {
  try {
    const emptied = visit(parse(text), {
      enter: (node) => {
        if (node.kind === Kind.STRING) return { ...node, value: "", block: false };
        return node.kind === Kind.INT || node.kind === Kind.FLOAT ? { ...node, value: "0" } : undefined;
      },
    });
    return print(emptied);
  } catch {
    // What cannot be read may hold anything between quotation marks, open ones too.
    return text.replace(/"[\s\S]*/, '""');
  }
}

/** What an address says after its #, which no server is sent. */
export function toFragment({ text, variables }: Kept): string {
  const said = new URLSearchParams({ query: text });
  if (variables.trim() !== "" && variables.trim() !== "{}") said.set("variables", variables);
  return said.toString();
}

export function fromFragment(fragment: string): Kept | null {
  const said = new URLSearchParams(fragment.replace(/^#/, ""));
  const text = said.get("query");
  return text === null ? null : { text, variables: said.get("variables") ?? "" };
}

/** The variables that a text means. Throws an Error where it is no object. */
export function readVariables(written: string): Record<string, Json> {
  if (written.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch (error) {
    throw new Error(`The variables are no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Error('The variables are an object of names and values: {"name": "value"}.');
  }
  return value as Record<string, Json>;
}

export interface Fault {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly extensions?: { readonly code?: string };
}

/** Which part of a text an error of the server is about; null where it does not say. */
export function placeOfFault(text: string, fault: Fault): { readonly from: number; readonly to: number } | null {
  const [location] = fault.locations ?? [];
  if (location !== undefined) {
    const lines = text.split("\n");
    const before = lines.slice(0, location.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    const from = Math.min(text.length, before + location.column - 1);
    const word = /^[\w$]+/.exec(text.slice(from));
    return { from, to: Math.min(text.length, from + Math.max(1, word?.[0].length ?? 1)) };
  }
  return fieldAt(text, fault.path ?? []);
}

function fieldAt(text: string, path: readonly (string | number)[]): { from: number; to: number } | null {
  const keys = path.filter((step) => typeof step === "string");
  let found: FieldNode | null = null;
  let nodes: readonly { readonly selectionSet?: { readonly selections: readonly unknown[] } | undefined }[];
  try {
    nodes = parse(text).definitions as typeof nodes;
  } catch {
    return null;
  }
  for (const key of keys) {
    const next = nodes
      .flatMap((node) => (node.selectionSet?.selections ?? []) as readonly FieldNode[])
      .find((node) => node.kind === Kind.FIELD && (node.alias ?? node.name).value === key);
    if (next === undefined) break;
    found = next;
    nodes = [next];
  }
  const place = found === null ? undefined : (found.alias ?? found.name).loc;
  return place === undefined ? null : { from: place.start, to: place.end };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same question as a command of a shell. */
export function asCurl(url: string, text: string, variables: Record<string, Json>, needsKey: boolean): string {
  const asked = Object.keys(variables).length === 0 ? { query: text } : { query: text, variables };
  const lines = [`curl ${quoted(url)}`, `  -H 'content-type: application/json'`];
  if (needsKey) lines.push(`  -H "authorization: Bearer $PREFECT__CLOUD__API_KEY"`);
  lines.push(`  -d ${quoted(JSON.stringify(asked))}`);
  return lines.join(" \\\n");
}

/** The same question as a program. */
export function asPython(text: string, variables: Record<string, Json>): string {
  const written = `"""\n${text.trim().replaceAll("\\", "\\\\").replaceAll('"""', '\\"\\"\\"')}\n"""`;
  const given = Object.keys(variables).length === 0 ? "" : `, variables=${literal(variables)}`;
  return `from prefect import Client\n\nquery = ${written}\n\nprint(Client().graphql(query${given})["data"])\n`;
}

function literal(value: Json): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "number") return String(value);
  // A text of JSON means the same in Python, half surrogates apart.
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, part]) => `${JSON.stringify(key)}: ${literal(part as Json)}`)
    .join(", ")}}`;
}

export interface Entry extends Kept {
  readonly at: number;
}

export const MOST_ENTRIES = 60;

/** A history with one more question at its head; the same asked again only moves there. */
export function remembering(history: readonly Entry[], entry: Entry): Entry[] {
  const others = history.filter(({ text, variables }) => text !== entry.text || variables !== entry.variables);
  return [entry, ...others].slice(0, MOST_ENTRIES);
}

/** A history as it was kept, read with care: whatever is not ours is left out. */
export function readHistory(written: string | null): Entry[] {
  try {
    const found: unknown = JSON.parse(written ?? "[]");
    if (!Array.isArray(found)) return [];
    return found.filter(
      (entry): entry is Entry =>
        typeof entry?.text === "string" && typeof entry?.variables === "string" && typeof entry?.at === "number",
    );
  } catch {
    return [];
  }
}
