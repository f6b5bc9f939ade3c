import { expect, test } from "vitest";
import { cronWords, scheduleWords } from "./schedule";

test("clocks are told in words", () => {
  const schedule = {
    clocks: [
      { type: "CronClock", cron: "0 9 * * 1-5", start_date: { dt: "2026-01-01T00:00:00", tz: "Europe/Rome" } },
      { type: "IntervalClock", interval: 21_600_000_000, labels: ["a"], parameter_defaults: { x: 1 } },
      { type: "DatesClock", dates: [{ dt: "2027-01-01T00:00:00", tz: "UTC" }] },
      { type: "RRuleClock" },
    ],
  };
  expect(scheduleWords(schedule)).toEqual([
    "At 09:00, Monday through Friday (Europe/Rome)",
    "Every 6 h, with the labels a, with x = 1",
    "On 2027-01-01 00:00:00 UTC",
    "By a rule of recurrence",
  ]);
});

test("filters and adjustments are told in words, unknown ones by name", () => {
  const schedule = {
    clocks: [],
    filters: [{ fn: "prefect.schedules.filters.is_weekday", kwargs: {} }],
    not_filters: [
      { fn: "prefect.schedules.filters.between_times", kwargs: { start: "//time:00:00:00", end: "//time:03:00:00" } },
    ],
    adjustments: [{ fn: "mine.to_the_next_tide", kwargs: {} }],
  };
  expect(scheduleWords(schedule)).toEqual([
    "Only on weekdays",
    "Not between 00:00:00 and 03:00:00",
    "Moved: to the next tide",
  ]);
});

test("what is no schedule has no words", () => {
  expect(scheduleWords(null)).toEqual([]);
  expect(scheduleWords("0 9 * * *")).toEqual([]);
  expect(cronWords("nonsense")).toBeNull();
});
