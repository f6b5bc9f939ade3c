import { expect, test } from "vitest";
import { GROUPS } from "../api/states";
import { outcomesOf, reasonAgainst } from "./actions";

const facts = (state: string, unfinishedBusiness = 0) => ({ state, unfinishedBusiness });

test("what has not ended can be cancelled and marked, and not restarted", () => {
  for (const state of ["Running", "Scheduled", "Submitted"]) {
    expect(reasonAgainst("cancel", facts(state))).toBeNull();
    expect(reasonAgainst("restart", facts(state))).toMatch(/not ended/);
    expect(outcomesOf(state)).toContain("Success");
  }
});

test("what has ended says why it cannot be cancelled, and can be restarted where something failed", () => {
  for (const state of GROUPS.FAILED) {
    expect(reasonAgainst("cancel", facts(state))).toBe(`It has ended: ${state}.`);
    expect(reasonAgainst("restart", facts(state, 1))).toBeNull();
    expect(reasonAgainst("mark", facts(state))).toMatch(/Restart/);
  }
  expect(reasonAgainst("restart", facts("Success"))).toBe("Nothing in it failed.");
  expect(reasonAgainst("restart", facts("Success", 2))).toBeNull();
});

test("only what waits for its time can be started now", () => {
  expect(reasonAgainst("start", facts("Scheduled"))).toBeNull();
  expect(reasonAgainst("start", facts("Running"))).not.toBeNull();
});

test("a state that nobody has heard of allows nothing that changes it", () => {
  expect(reasonAgainst("cancel", facts("Unheard"))).not.toBeNull();
  expect(reasonAgainst("mark", facts("Unheard"))).not.toBeNull();
});
