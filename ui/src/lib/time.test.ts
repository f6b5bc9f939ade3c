import { expect, test } from "vitest";
import { duration, relative, utc } from "./time";

test.each([
  [0, "0 s"],
  [420, "0.42 s"],
  [9_940, "9.9 s"],
  [12_300, "12 s"],
  [200_000, "3 min 20 s"],
  [180_000, "3 min"],
  [18_120_000, "5 h 2 min"],
  [273_600_000, "3 d 4 h"],
  [-5, "0 s"],
])("%d ms are %s", (length, said) => {
  expect(duration(length)).toBe(said);
});

test("moments before and after now", () => {
  const now = Date.parse("2026-11-28T12:00:00Z");
  expect(relative(now - 2_000, now)).toBe("just now");
  expect(relative(now - 240_000, now)).toBe("4 min ago");
  expect(relative(now + 7_200_000, now)).toBe("in 2 h");
});

test("UTC is told to the millisecond", () => {
  expect(utc(Date.parse("2026-11-28T12:00:00.5Z"))).toBe("2026-11-28 12:00:00.500 UTC");
});
