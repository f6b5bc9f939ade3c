/** Stretches of time side by side, cut where a clock on the wall would cut them. */

export interface Bucket {
  /** Milliseconds of the epoch; `to` is no longer in it. */
  readonly from: number;
  readonly to: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// Widths that people count in.
const WIDTHS: readonly number[] = [
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
];
const MOST_BUCKETS = 32;

/** The stretches that hold everything between two moments: at most 32, the last of which holds `to`. */
export function bucketsBetween(from: number, to: number): Bucket[] {
  const span = Math.max(0, to - from);
  const width = WIDTHS.find((candidate) => span / candidate <= MOST_BUCKETS - 2) ?? wholeDays(span);
  return width < DAY ? ofClock(from, to, width) : ofDays(from, to, Math.round(width / DAY));
}

function wholeDays(span: number): number {
  return Math.ceil(span / DAY / (MOST_BUCKETS - 2)) * DAY;
}

function ofClock(from: number, to: number, width: number): Bucket[] {
  const midnight = dayOf(from, 0);
  let start = midnight + Math.floor((from - midnight) / width) * width;
  const found: Bucket[] = [];
  do {
    found.push({ from: start, to: start + width });
    start += width;
  } while (start <= to);
  return found;
}

function ofDays(from: number, to: number, days: number): Bucket[] {
  const found: Bucket[] = [];
  let at = 0;
  do {
    // By the calendar: a day on which clocks are changed is shorter or longer than others.
    found.push({ from: dayOf(from, at), to: dayOf(from, at + days) });
    at += days;
  } while (dayOf(from, at) <= to);
  return found;
}

function dayOf(moment: number, later: number): number {
  const day = new Date(moment);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + later).getTime();
}

/** The least round number that is not less: 1, 2, 5, 10, 20, 50 ... */
export function roundUp(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((round) => round >= value) ?? value;
}

const pad = (value: number): string => String(value).padStart(2, "0");

/** What stands beneath a stretch: the hour, or the day where it begins one. */
export function bucketLabel({ from, to }: Bucket): string {
  const at = new Date(from);
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0;
  if (to - from >= 20 * HOUR || isMidnight) return at.toLocaleDateString("en", { month: "short", day: "numeric" });
  return `${pad(at.getHours())}:${pad(at.getMinutes())}`;
}
