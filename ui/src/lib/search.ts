/** What an address says after its `?`, read with care: people edit addresses. */

export type Search = Record<string, unknown>;

export function text(search: Search, name: string): string | undefined {
  const value = search[name];
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Words separated by commas. */
export function list(search: Search, name: string): string[] | undefined {
  const value = text(search, name);
  const words = value
    ?.split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  return words !== undefined && words.length > 0 ? words : undefined;
}

export function oneOf<Value extends string>(
  search: Search,
  name: string,
  allowed: readonly Value[],
): Value | undefined {
  const value = text(search, name);
  return allowed.find((candidate) => candidate === value);
}

/** A moment in ISO 8601. */
export function aMoment(search: Search, name: string): string | undefined {
  const value = text(search, name);
  return value === undefined || Number.isNaN(Date.parse(value)) ? undefined : value;
}

/** Without what is not set, so that addresses stay short. */
export function compact<Values extends Record<string, unknown>>(values: Values): Partial<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Values>;
}
