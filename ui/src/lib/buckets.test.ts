import { expect, test } from "vitest";
import { bucketLabel, bucketsBetween, roundUp } from "./buckets";

const at = (...parts: [number, number, number, number?, number?]) =>
  new Date(parts[0], parts[1] - 1, ...parts.slice(2)).getTime();

const HOUR = 3_600_000;

test("a day is cut at whole hours and holds both ends", () => {
  const found = bucketsBetween(at(2026, 11, 28, 14, 25), at(2026, 11, 29, 14, 25));
  expect(found).toHaveLength(25);
  expect(found[0]?.from).toBe(at(2026, 11, 28, 14));
  expect(found.at(-1)?.to).toBe(at(2026, 11, 29, 15));
});

test("stretches touch and none is missing", () => {
  for (const hours of [0, 1, 5, 24, 168, 720, 24 * 365, 24 * 365 * 20]) {
    const from = at(2026, 1, 31, 3, 3);
    const found = bucketsBetween(from, from + hours * HOUR);
    expect(found.length).toBeLessThanOrEqual(33);
    expect(found[0]?.from).toBeLessThanOrEqual(from);
    expect(found.at(-1)?.to).toBeGreaterThan(from + hours * HOUR);
    found.slice(1).forEach((bucket, index) => {
      expect(bucket.from).toBe(found[index]?.to);
    });
  }
});

test("a month is cut at midnight, whatever the clocks do", () => {
  const found = bucketsBetween(at(2026, 3, 10, 12), at(2026, 4, 9, 12));
  for (const { from } of found) expect(new Date(from).getHours()).toBe(0);
});

test("labels say the hour, and the day where one begins", () => {
  expect(bucketLabel({ from: at(2026, 11, 28, 14), to: at(2026, 11, 28, 15) })).toBe("14:00");
  expect(bucketLabel({ from: at(2026, 11, 29), to: at(2026, 11, 29, 1) })).toBe("Nov 29");
});

test("axes end at round numbers", () => {
  expect([0, 1, 3, 7, 11, 99, 101, 4000].map(roundUp)).toEqual([1, 1, 5, 10, 20, 100, 200, 5000]);
});
