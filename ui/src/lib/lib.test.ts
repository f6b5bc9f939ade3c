import { expect, test } from "vitest";
import { pressed } from "./keys";
import { containing, howWell, isId } from "./match";
import { compact, list, oneOf, text } from "./search";

const none = { ctrlKey: false, metaKey: false, altKey: false };

test("keys are spelled as shortcuts spell them", () => {
  expect(pressed({ ...none, key: "Enter" })).toBe("enter");
  expect(pressed({ ...none, key: "?" })).toBe("?");
  expect(pressed({ ...none, key: " " })).toBe("space");
  expect(pressed({ ...none, key: "K", metaKey: true })).toBe("mod+k");
  expect(pressed({ ...none, key: "Shift" })).toBe("");
  expect(pressed({ ...none, key: "x", altKey: true })).toBe("");
});

test("letters that mean something to LIKE are only letters", () => {
  expect(containing("50%_\\")).toBe("%50\\%\\_\\\\%");
});

test("an id is told from a name", () => {
  expect(isId(" 0f3d0b9e-6f0a-4a83-9a2e-0a1b2c3d4e5f ")).toBe(true);
  expect(isId("0f3d0b9e")).toBe(false);
});

test("addresses that people edited are read with care", () => {
  const search = { state: "Failed,, Running", sort: "sideways", name: "" };
  expect(list(search, "state")).toEqual(["Failed", "Running"]);
  expect(oneOf(search, "sort", ["name"])).toBeUndefined();
  expect(text(search, "name")).toBeUndefined();
  expect(compact({ a: undefined, b: 1 })).toEqual({ b: 1 });
});

test("what is typed fits words that begin so, then those that have it, then its first letters", () => {
  expect(howWell("Flow runs", "flow")).toBe(0);
  expect(howWell("Flow runs", "runs")).toBe(1);
  expect(howWell("Flow runs", "low")).toBe(2);
  expect(howWell("Concurrency limits", "cl")).toBe(3);
  expect(howWell("Dashboard", "zebra")).toBeNull();
  expect(howWell("pause or go on", "pgn")).not.toBe(0);
  expect(howWell("Settings", "")).toBe(0);
});
