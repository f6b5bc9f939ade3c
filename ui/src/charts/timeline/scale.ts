/** From moments to places: a scale of time on which stretches where nothing runs may be short. */

import { KINDS, type TimelineData } from "./model";

/** Between two knots, time passes evenly. `at` are moments, `place` how far along they are, in milliseconds shown. */
export interface Scale {
  readonly at: readonly number[];
  readonly place: readonly number[];
  /** The stretches that are shown short. */
  readonly idle: readonly { readonly from: number; readonly to: number }[];
}

// Idle is shown short where it is longer than this share of the time in which something runs.
const LEAST_SHARE = 0.05;
const SHOWN_SHARE = 0.02;

/** The stretches in which something runs, one after the other. */
export function busyOf(data: TimelineData, now: number): { from: number; to: number }[] {
  const running = KINDS.indexOf("running");
  const found: number[] = [];
  for (let at = 0; at < data.begin.length; at += 1) if (data.kind[at] === running) found.push(at);
  found.sort((one, other) => (data.begin[one] as number) - (data.begin[other] as number));
  const busy: { from: number; to: number }[] = [];
  for (const at of found) {
    const from = data.begin[at] as number;
    const to = Math.min(data.end[at] as number, now);
    const last = busy.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else busy.push({ from, to: Math.max(from, to) });
  }
  return busy;
}

export function scaleOf(data: TimelineData, now: number, compress: boolean): Scale {
  const from = Math.min(data.from, now);
  const to = Math.max(data.isOpen ? now : data.to, from + 1);
  const busy = busyOf(data, now);
  const length = busy.reduce((sum, stretch) => sum + stretch.to - stretch.from, 0);
  const idle: { from: number; to: number }[] = [];
  if (compress && length > 0) {
    let last = from;
    for (const stretch of [...busy, { from: to, to }]) {
      if (stretch.from - last > length * LEAST_SHARE) idle.push({ from: last, to: stretch.from });
      last = Math.max(last, stretch.to);
    }
  }
  const at = [from];
  const place = [0];
  let passed = 0;
  let last = from;
  for (const stretch of idle) {
    if (stretch.from > last) {
      passed += stretch.from - last;
      at.push(stretch.from);
      place.push(passed);
    }
    // Longer is never shown longer than it is.
    passed += Math.min(length * SHOWN_SHARE, stretch.to - stretch.from);
    at.push(stretch.to);
    place.push(passed);
    last = stretch.to;
  }
  if (last < to) {
    at.push(to);
    place.push(passed + to - last);
  }
  return { at, place, idle };
}

/** How long the whole scale is. */
export function lengthOf(scale: Scale): number {
  return scale.place.at(-1) ?? 1;
}

function between(known: readonly number[], wanted: readonly number[], value: number): number {
  let low = 0;
  let high = known.length - 1;
  while (high - low > 1) {
    const half = (low + high) >> 1;
    if ((known[half] as number) <= value) low = half;
    else high = half;
  }
  const width = (known[high] as number) - (known[low] as number);
  const share = width === 0 ? 0 : (value - (known[low] as number)) / width;
  return (wanted[low] as number) + share * ((wanted[high] as number) - (wanted[low] as number));
}

export const placeOf = (scale: Scale, moment: number): number => between(scale.at, scale.place, moment);
export const momentOf = (scale: Scale, place: number): number => between(scale.place, scale.at, place);

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000,
];

/** Round moments to be marked, at most about so many, and how far apart they are. */
export function ticksOf(
  scale: Scale,
  from: number,
  to: number,
  most: number,
): { readonly moments: number[]; readonly step: number } {
  const step = STEPS.find((candidate) => (to - from) / candidate <= most) ?? (STEPS.at(-1) as number);
  const moments: number[] = [];
  for (let index = 0; index + 1 < scale.at.length; index += 1) {
    const begin = scale.at[index] as number;
    const end = scale.at[index + 1] as number;
    if (scale.idle.some((stretch) => stretch.from === begin)) continue;
    const low = Math.max(begin, momentOf(scale, from));
    const high = Math.min(end, momentOf(scale, to));
    for (let tick = Math.ceil(low / step) * step; tick <= high && moments.length < 4 * most; tick += step)
      moments.push(tick);
  }
  return { moments, step };
}
