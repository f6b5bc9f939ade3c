import { expect, test } from "vitest";
import { partsOf, plain } from "./ansi";

test("colours become classes, and the rest goes", () => {
  expect(partsOf("a \x1b[1;31mred\x1b[0m b")).toEqual([
    { text: "a ", classes: "" },
    { text: "red", classes: "ansi-bold ansi-1" },
    { text: " b", classes: "" },
  ]);
  expect(plain("\x1b]0;title\x07x\x1b[2Ky\x1b[38;5;200mz")).toBe("xyz");
});

test("markup is only text, and breaks of line stay", () => {
  expect(plain("<b>\nTraceback\n\t1")).toBe("<b>\nTraceback\n\t1");
});
