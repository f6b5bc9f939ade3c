import { expect, test } from "vitest";
import { bucketsOf, histogram, questions, stretches } from "./questions";

const MINUTE = Date.parse("2026-11-29T12:34:00Z");

test("the stretches begin where the lists begin, and the last one has no end", () => {
  const buckets = bucketsOf({ window: "24h" }, undefined, MINUTE);
  const asked = stretches({}, buckets, MINUTE) as Record<string, { _and: { scheduled_start_time?: object }[] }>;
  const { window } = questions({ window: "24h" }, MINUTE) as { window: { _and: { scheduled_start_time: object }[] } };
  const since = new Date(buckets[0]?.from ?? 0).toISOString();
  expect(window._and[0]?.scheduled_start_time).toEqual({ _gte: since });
  expect(asked.b0?._and[0]?.scheduled_start_time).toEqual({
    _gte: since,
    _lt: new Date(buckets[0]?.to ?? 0).toISOString(),
  });
  expect(Object.keys(asked[`b${buckets.length - 1}`]?._and[0]?.scheduled_start_time ?? {})).toEqual(["_gte"]);
});

test("all of time begins with the oldest run", () => {
  expect(bucketsOf({ window: "all" }, undefined, MINUTE)).toEqual([]);
  const [first] = bucketsOf({ window: "all" }, "2020-05-05T05:05:00Z", MINUTE);
  expect(first?.from).toBeLessThanOrEqual(Date.parse("2020-05-05T05:05:00Z"));
});

test("a document names each stretch once, and values are variables", () => {
  const document = histogram(3);
  for (const name of ["b0", "b1", "b2"]) expect(document.split(`${name}:`).length).toBe(3);
});

test("states narrow what is listed and not what is counted", () => {
  const asked = questions({ state: "Failed" }, MINUTE);
  expect(JSON.stringify(asked.failures)).toContain('{"state":{"_in":["Failed"]}}');
  expect(JSON.stringify(asked.window)).not.toContain('"Failed"');
});
