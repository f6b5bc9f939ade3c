import { expect, test } from "vitest";
import { STATES } from "../api/states";
import { colourOf, compareStates, shapeOf } from "./states";

test("what wants attention comes first", () => {
  expect(["Success", "Running", "Pending", "Failed", "Unheard"].toSorted(compareStates)).toEqual([
    "Failed",
    "Running",
    "Pending",
    "Success",
    "Unheard",
  ]);
});

test("a state that this page does not know is shown all the same", () => {
  expect(shapeOf("Unheard")).toBe("ring");
  expect(colourOf("toString")).toBe("#696969");
});

test("states of one colour have different shapes or mean the same", () => {
  const seen = new Map<string, Set<string>>();
  for (const name of Object.keys(STATES)) {
    const shapes = seen.get(colourOf(name)) ?? new Set();
    seen.set(colourOf(name), shapes.add(shapeOf(name)));
  }
  expect(seen.get(colourOf("Mapped"))?.size).toBeGreaterThan(1);
});
