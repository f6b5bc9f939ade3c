import { expect, test } from "vitest";
import { durationTicks } from "./ticks";

test("an axis holds what it is made for, with few marks at round lengths", () => {
  for (const longest of [0, 1, 37, 900, 61_000, 3_599_000, 90_000_000, 1e11]) {
    const { top, ticks } = durationTicks(longest);
    expect(top).toBeGreaterThanOrEqual(longest);
    expect(ticks.length).toBeLessThanOrEqual(5);
    expect(ticks.at(-1)).toBe(top);
  }
  expect(durationTicks(61_000).ticks).toEqual([0, 30_000, 60_000, 90_000]);
});
