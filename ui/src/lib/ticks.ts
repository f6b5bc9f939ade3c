/** Where an axis of durations is marked: at lengths that people say. Pure. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28].map((days) => days * DAY),
];
const MOST_TICKS = 4;

export interface Ticks {
  /** The length at the top of the axis. */
  readonly top: number;
  readonly ticks: readonly number[];
}

/** The marks of an axis that holds a length in milliseconds. */
export function durationTicks(longest: number): Ticks {
  const step =
    STEPS.find((candidate) => longest / candidate <= MOST_TICKS) ?? Math.ceil(longest / MOST_TICKS / DAY) * DAY;
  const count = Math.max(1, Math.ceil(longest / step));
  return { top: count * step, ticks: Array.from({ length: count + 1 }, (_, index) => index * step) };
}
