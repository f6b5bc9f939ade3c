import type { Json } from "../api/tables";

export interface ResultAddress {
  /** The kind of result: "LocalResult", "S3Result". */
  readonly kind: string;
  /** Where it is kept, as far as the state tells. */
  readonly location: string | null;
  /** The value itself, where the state holds it. */
  readonly value: string | null;
  /** What else is known of the place: a bucket, a directory. */
  readonly more: Readonly<Record<string, string>>;
}

/** Where the result of a state is, as its serialized form tells; null where there is none. The server never reads it. */
export function resultOf(serialized: Json | undefined): ResultAddress | null {
  const result = field(serialized, "_result");
  const kind = field(result, "type");
  if (typeof kind !== "string" || kind === "NoResultType") return null;
  const location = field(result, "location");
  // A result of no kind in particular was only in the memory of its run.
  if (kind === "Result" && location === undefined) return null;
  const said = typeof location === "string" ? location : null;
  const isValue = kind === "PrefectResult" || kind === "ConstantResult";
  const more: Record<string, string> = {};
  for (const [name, value] of Object.entries(result as Record<string, Json>)) {
    if (["type", "location", "__version__", "value"].includes(name) || value === null) continue;
    more[name] = typeof value === "string" ? value : JSON.stringify(value);
  }
  const constant = field(result, "value");
  return {
    kind,
    location: isValue ? null : said,
    value: isValue ? (said ?? (constant === undefined ? null : JSON.stringify(constant))) : null,
    more,
  };
}

function field(of: Json | undefined, name: string): Json | undefined {
  if (of === null || of === undefined || typeof of !== "object" || Array.isArray(of)) return undefined;
  return (of as Record<string, Json>)[name];
}
