import { expect, test } from "vitest";
import { criticalPath, Gatherer, histogramOf, KINDS, moment, rowsOf, STATE_NAMES, type TimelineData } from "./model";
import { lengthOf, momentOf, placeOf, scaleOf, ticksOf } from "./scale";

const T0 = Date.parse("2026-11-28T12:00:00Z");
const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();

type Story = Readonly<Record<string, readonly (readonly [seconds: number, state: string])[]>>;

/** Runs told as "task" or "task[3]", with what became of them. */
function gathered(story: Story, asOf?: number): TimelineData {
  const gatherer = new Gatherer();
  let sequence = 0;
  for (const [name, states] of Object.entries(story)) {
    const [, task = name, index = "-1"] = /^(.*?)(?:\[(\d+)\])?$/.exec(name) ?? [];
    sequence += 1;
    gatherer.addRuns([{ id: name, name: null, map_index: Number(index), task_id: task, first_sequence: sequence }]);
    gatherer.addStates(
      states.map(([seconds, state]) => ({ task_run_id: name, state, timestamp: at(seconds), sequence: ++sequence })),
    );
  }
  return gatherer.data(asOf === undefined ? undefined : T0 + asOf * 1000);
}

const RAN = (from: number, to: number, end = "Success") =>
  [
    [0, "Pending"],
    [from, "Running"],
    [to, end],
  ] as const;

test("microseconds are not lost", () => {
  expect(moment("2026-11-28T12:00:00.000250+00:00") - T0).toBeCloseTo(0.25, 3);
  expect(moment("2026-11-28T12:00:00Z")).toBe(T0);
});

test("waiting, queued, running and retrying are told apart, and attempts are counted", () => {
  const data = gathered({
    flaky: [
      [0, "Pending"],
      [1, "Queued"],
      [2, "Running"],
      [3, "Failed"],
      [3, "Retrying"],
      [8, "Running"],
      [9, "Success"],
    ],
  });
  const kinds = [...data.kind].map((kind) => KINDS[kind]);
  expect(kinds).toEqual(["waiting", "queued", "running", "ended", "retrying", "running", "ended"]);
  expect(data.attempts[0]).toBe(2);
  expect([...data.became].map((state) => STATE_NAMES[state])[2]).toBe("Failed");
  expect((data.started[0] as number) - T0).toBe(2000);
  expect((data.ended[0] as number) - T0).toBe(9000);
});

test("a run is shown as it stood at a moment", () => {
  const data = gathered({ first: RAN(1, 4), second: [[6, "Pending"]] }, 3);
  expect(data.ids).toEqual(["first"]);
  expect(STATE_NAMES[data.state[0] as number]).toBe("Running");
  expect(data.ended[0]).toBeNaN();
  expect(data.isOpen).toBe(true);
});

test("states that come before their run wait for it", () => {
  const gatherer = new Gatherer();
  gatherer.addStates([{ task_run_id: "late", state: "Running", timestamp: at(1), sequence: 2 }]);
  expect(gatherer.data().ids).toEqual([]);
  gatherer.addRuns([{ id: "late", name: null, map_index: -1, task_id: "task", first_sequence: 1 }]);
  expect(gatherer.data().attempts[0]).toBe(1);
});

test("children of a mapped task are one line, which opens", () => {
  const data = gathered({
    second: RAN(5, 6),
    many: [[0, "Mapped"]],
    "many[1]": RAN(2, 3),
    "many[0]": RAN(1, 2, "Failed"),
  });
  const closed = rowsOf(data, new Set(), new Set());
  expect(closed.map(({ kind }) => kind)).toEqual(["group", "run"]);
  const opened = rowsOf(data, new Set(), new Set(["many"]));
  expect(opened.map(({ kind, run }) => [kind, data.ids[run]])).toEqual([
    ["group", "many"],
    ["child", "many[0]"],
    ["child", "many[1]"],
    ["run", "second"],
  ]);
  const failed = rowsOf(data, new Set(["Failed"]), new Set());
  expect(failed.map(({ members }) => [...members].map((run) => data.ids[run]))).toEqual([["many[0]"]]);
});

test("a histogram counts who ran when, by what came of it", () => {
  const data = gathered({ "many[0]": RAN(0, 10), "many[1]": RAN(5, 10, "Failed"), "many[2]": [[9, "Skipped"]] });
  const found = histogramOf(data, [0, 1, 2], 10, T0 + 10_000, (moment) => (moment - T0) / 10_000);
  const of = (name: string) => [...(found.counts.get(STATE_NAMES.indexOf(name as never)) ?? [])].slice(0, 10);
  expect(of("Success")).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
  expect(of("Failed")).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
  expect(of("Skipped")).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  expect(found.most).toBe(3);
});

test("the critical path is what the end waited for", () => {
  const data = gathered({
    load: RAN(0, 2),
    other: RAN(0, 5),
    many: [[2, "Mapped"]],
    "many[0]": RAN(2, 3),
    "many[1]": RAN(2, 7),
    twice: [[7, "Mapped"]],
    "twice[0]": RAN(3, 4),
    "twice[1]": RAN(7, 8),
    sum: RAN(8, 9),
  });
  const edge = (upstream_task_id: string, downstream_task_id: string, mapped = false) => ({
    upstream_task_id,
    downstream_task_id,
    mapped,
  });
  const edges = [edge("load", "many", true), edge("many", "twice", true), edge("twice", "sum"), edge("other", "sum")];
  expect(criticalPath(data, edges).map((run) => data.ids[run])).toEqual(["sum", "twice[1]", "many[1]", "load"]);
});

test("a path is found in ten thousand task runs", () => {
  const story: Record<string, ReturnType<typeof RAN>> = {};
  for (let index = 0; index < 5000; index += 1) {
    story[`one[${index}]`] = RAN(index, index + 1);
    story[`two[${index}]`] = RAN(index + 2, index + 3);
  }
  const data = gathered(story);
  expect(criticalPath(data, [{ upstream_task_id: "one", downstream_task_id: "two", mapped: true }])).toHaveLength(2);
});

test("idle time is shown short, and moments are found again", () => {
  const data = gathered({ early: RAN(0, 10), late: RAN(1000, 1010) });
  const scale = scaleOf(data, T0 + 1010_000, true);
  expect(scale.idle).toEqual([{ from: T0 + 10_000, to: T0 + 1000_000 }]);
  expect(lengthOf(scale)).toBeCloseTo(20_000 + 0.02 * 20_000, 0);
  for (const seconds of [0, 5, 10, 500, 1000, 1007]) {
    const moment = T0 + seconds * 1000;
    expect(momentOf(scale, placeOf(scale, moment))).toBeCloseTo(moment, 3);
  }
  const whole = scaleOf(data, T0 + 1010_000, false);
  expect(lengthOf(whole)).toBe(1010_000);
});

test("moments are marked where time passes, at round ones", () => {
  const data = gathered({ early: RAN(0, 10), late: RAN(1000, 1010) });
  const scale = scaleOf(data, T0 + 1010_000, true);
  const { moments, step } = ticksOf(scale, 0, lengthOf(scale), 10);
  expect(step).toBe(5000);
  expect(moments.map((tick) => (tick - T0) / 1000)).toEqual([0, 5, 10, 1000, 1005, 1010]);
});

test("a run that has only begun has a scale too", () => {
  const data = gathered({ one: [[0, "Pending"]] });
  const scale = scaleOf(data, T0, true);
  expect(lengthOf(scale)).toBeGreaterThan(0);
  expect(Number.isFinite(placeOf(scale, T0))).toBe(true);
});
