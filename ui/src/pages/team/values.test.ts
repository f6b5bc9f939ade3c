import { expect, test } from "vitest";
import { healthOf, placeOf, readValue, shortValue } from "./values";

test("a value is JSON, and who writes none is told how", () => {
  expect(readValue('{"a": [1, null]}')).toEqual({ a: [1, null] });
  expect(() => readValue("plain words")).toThrow(/quotation marks/);
  expect(shortValue({ a: "b" })).toBe('{"a":"b"}');
});

test("an address shows where it leads and nothing of its path", () => {
  expect(placeOf("https://hooks.slack.com/services/T0/B0/secret?x=1")).toBe("https://hooks.slack.com/…");
  expect(placeOf("https://user:secret@host.example:8443/a")).toBe("https://host.example:8443/…");
  expect(placeOf("not an address")).toBe("an address that cannot be read");
  expect(placeOf(undefined)).toBe("");
});

test("an agent that has not asked for a minute is silent", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  expect(healthOf("2026-01-01T11:59:30Z", now)).toBe("looking");
  expect(healthOf("2026-01-01T11:58:00Z", now)).toBe("silent");
  expect(healthOf(null, now)).toBe("never");
});
