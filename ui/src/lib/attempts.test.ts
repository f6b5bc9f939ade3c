import { expect, test } from "vitest";
import { attemptsOf } from "./attempts";

const passed = (...states: readonly string[]) =>
  states.map((state, second) => ({ state, message: null, timestamp: `2026-11-28T12:00:0${second}Z` }));

test("each time it ran is an attempt, with what came of it", () => {
  const attempts = attemptsOf(passed("Pending", "Running", "Failed", "Retrying", "Running", "Success"));
  expect(attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
    [1, "Failed"],
    [2, "Success"],
  ]);
  expect(attempts[0]?.ended).toBe("2026-11-28T12:00:02Z");
});

test("what goes on has no end, and what never ran no attempt", () => {
  expect(attemptsOf(passed("Pending", "Running"))[0]?.outcome).toBeNull();
  expect(attemptsOf(passed("Pending", "TriggerFailed"))).toEqual([]);
});
