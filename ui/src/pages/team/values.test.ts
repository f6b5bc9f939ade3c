import { expect, test } from "vitest";
import { healthOf, readValue, shortValue, withGone } from "./values";

test("a value is JSON, and who writes none is told how", () => {
  expect(readValue('{"a": [1, null]}')).toEqual({ a: [1, null] });
  expect(() => readValue("plain words")).toThrow(/quotation marks/);
  expect(shortValue({ a: "b" })).toBe('{"a":"b"}');
});

test("what was chosen and is gone can still be seen", () => {
  const choices = [{ value: "a", label: "one" }];
  expect(withGone(choices, ["a"])).toEqual(choices);
  expect(withGone(choices, ["0123456789"])).toEqual([
    ...choices,
    { value: "0123456789", label: "one that is gone (01234567)" },
  ]);
});

test("an agent that has not asked for a minute is silent", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  expect(healthOf("2026-01-01T11:59:30Z", now)).toBe("looking");
  expect(healthOf("2026-01-01T11:58:00Z", now)).toBe("silent");
  expect(healthOf(null, now)).toBe("never");
});
