/** A schedule in words, as far as words are known for its parts; the rest by its name. Pure. */

import cronstrue from "cronstrue";
import type { Json } from "../api/tables";
import { duration } from "./time";

interface Moment {
  readonly dt?: string;
  readonly tz?: string;
}

interface Clock {
  readonly type?: string;
  readonly cron?: string;
  readonly interval?: number;
  readonly dates?: readonly Moment[];
  readonly start_date?: Moment | null;
  readonly end_date?: Moment | null;
  readonly labels?: readonly string[] | null;
  readonly parameter_defaults?: Readonly<Record<string, Json>>;
}

interface Named {
  readonly fn?: string;
  readonly kwargs?: Readonly<Record<string, Json>>;
}

interface Schedule {
  readonly clocks?: readonly Clock[];
  readonly filters?: readonly Named[];
  readonly or_filters?: readonly Named[];
  readonly not_filters?: readonly Named[];
  readonly adjustments?: readonly Named[];
}

/** One sentence for each clock, and one for each rule that leaves out or moves its events. Empty without a schedule. */
export function scheduleWords(schedule: Json): string[] {
  if (schedule === null || typeof schedule !== "object" || Array.isArray(schedule)) return [];
  const known = schedule as Schedule;
  const either = known.or_filters ?? [];
  return [
    ...(known.clocks ?? []).map(clockWords),
    ...(known.filters ?? []).map((filter) => `Only ${ruleWords(filter)}`),
    ...(either.length > 0 ? [`Only ${either.map(ruleWords).join(" or ")}`] : []),
    ...(known.not_filters ?? []).map((filter) => `Not ${ruleWords(filter)}`),
    ...(known.adjustments ?? []).map((adjustment) => `Moved: ${ruleWords(adjustment)}`),
  ];
}

function clockWords(clock: Clock): string {
  const zone = clock.start_date?.tz ?? "UTC";
  const labels = clock.labels?.length ? `, with the labels ${clock.labels.join(", ")}` : "";
  const defaults = Object.entries(clock.parameter_defaults ?? {});
  const given =
    defaults.length > 0
      ? `, with ${defaults.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(", ")}`
      : "";
  const end = clock.end_date?.dt ? `, until ${clock.end_date.dt.replace("T", " ")}` : "";
  return `${timing(clock, zone)}${end}${labels}${given}`;
}

function timing(clock: Clock, zone: string): string {
  if (clock.cron !== undefined) return `${cronWords(clock.cron) ?? `Cron ${clock.cron}`} (${zone})`;
  // On the wire an interval is in microseconds.
  if (clock.interval !== undefined) return `Every ${duration(clock.interval / 1000)}`;
  if (clock.dates !== undefined) {
    const listed = clock.dates.slice(0, 3).map(({ dt, tz }) => `${dt?.replace("T", " ")} ${tz ?? ""}`.trim());
    const more = clock.dates.length - listed.length;
    return `On ${listed.join(", ")}${more > 0 ? ` and ${more} other dates` : ""}`;
  }
  return clock.type === "RRuleClock" ? "By a rule of recurrence" : `By a ${clock.type ?? "clock"}`;
}

/** A cron expression in words; null where it is none. */
export function cronWords(cron: string): string | null {
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true });
  } catch {
    return null;
  }
}

const RULES: Readonly<Record<string, string>> = {
  is_weekday: "on weekdays",
  is_weekend: "on weekends",
  is_month_end: "at the end of a month",
  is_month_start: "at the start of a month",
  is_day_of_week: "on a day of the week",
  at_time: "at a time",
  between_times: "between",
  between_dates: "between the dates",
  on_datetime: "at",
  on_date: "on a date",
  between_datetimes: "between",
  next_weekday: "to the next weekday",
  add: "by",
};

function ruleWords({ fn, kwargs }: Named): string {
  const name = (fn ?? "").split(".").at(-1) ?? "";
  const values = Object.values(kwargs ?? {}).map((value) =>
    String(typeof value === "object" && value !== null ? JSON.stringify(value) : value).replace(/^\/\/\w+:/, ""),
  );
  const said = RULES[name] ?? name.replaceAll("_", " ");
  return `${said} ${values.join(" and ")}`.trim();
}
