import { expect, test } from "vitest";
import { conditionOfAgent, conditionOfService, serviceDoes } from "./health";
import type { Service } from "./questions";

const NOW = Date.parse("2026-11-29T12:00:00Z");
const SERVICE: Service = {
  name: "scheduler",
  started: "2026-11-29T11:59:50Z",
  finished: "2026-11-29T11:59:51Z",
  duration: 1,
  failures: 0,
  last_work: null,
  last_work_at: null,
  last_error: null,
  last_error_at: null,
  is_running: false,
};

test("an agent that has asked within a minute looks for runs", () => {
  expect(conditionOfAgent({ last_queried: "2026-11-29T11:59:30Z" }, NOW)).toBe("well");
  expect(conditionOfAgent({ last_queried: "2026-11-29T11:58:30Z" }, NOW)).toBe("silent");
  expect(conditionOfAgent({ last_queried: null }, NOW)).toBe("idle");
});

test("a service fails as long as no pass has gone well since", () => {
  expect(conditionOfService(SERVICE, NOW)).toBe("well");
  expect(conditionOfService({ ...SERVICE, last_error_at: "2026-11-29T11:59:55Z" }, NOW)).toBe("failing");
  expect(conditionOfService({ ...SERVICE, last_error_at: "2026-11-29T11:00:00Z" }, NOW)).toBe("well");
});

test("a service that nobody has run is idle, and silent after hours", () => {
  expect(conditionOfService({ ...SERVICE, started: null }, NOW)).toBe("idle");
  expect(conditionOfService({ ...SERVICE, started: "2026-11-28T12:00:00Z" }, NOW)).toBe("silent");
});

test("services that are not known are named and no more", () => {
  expect(serviceDoes("scheduler")).not.toBe("");
  expect(serviceDoes("of tomorrow")).toBe("");
});
