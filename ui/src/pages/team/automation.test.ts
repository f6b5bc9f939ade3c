import { expect, test } from "vitest";
import {
  type ActionDraft,
  type Automation,
  actionsOf,
  changes,
  conflictOf,
  creation,
  draftOf,
  isActionReady,
  isReady,
  MOST_ACTIONS,
  moved,
  newAction,
  problemOfObject,
  triggerOf,
  withOneMore,
} from "./automation";

const LATE: Automation = {
  id: "a1",
  name: "late",
  active: true,
  trigger: {
    type: "LATE_FINISH",
    seconds: 90.5,
    from_schedule: true,
    run_filter: {
      flow_group_ids: ["g1"],
      project_ids: ["p1"],
      labels: ["x"],
      flow_run_name: "n*",
      only_scheduled: true,
    },
  },
  actions: [
    { type: "NOTIFY", cloud_hook_id: "h1" },
    { type: "CANCEL_FLOW_RUN" },
    { type: "PAUSE_SCHEDULE" },
    { type: "PAUSE_SCHEDULE", flow_group_id: "g2" },
    {
      type: "START_FLOW_RUN",
      flow_group_id: "g3",
      flow_run_name: "{flow_run.name} again",
      parameters: { n: [1, null] },
      context: { who: "{flow.name}" },
    },
  ],
};
const SILENT: Automation = {
  ...LATE,
  trigger: { type: "AGENT_UNHEALTHY", seconds: 60, agent_name: "gpu-*" },
  actions: [{ type: "NOTIFY", cloud_hook_id: "h1" }],
};
const FAILED: Automation = { ...LATE, trigger: { type: "STATE_CHANGE", states: ["Failed", "Cancelled"] } };

const keys = (actions: readonly ActionDraft[]) => actions.map(({ key }) => key);

test("whatever an automation holds, the form holds, and sends nothing of it that stays", () => {
  for (const automation of [LATE, SILENT, FAILED]) {
    const draft = draftOf(automation);
    expect(triggerOf(draft)).toEqual(automation.trigger);
    expect(actionsOf(draft)).toEqual(automation.actions);
    expect(isReady(draft)).toBe(true);
    expect(changes(draft, automation)).toEqual({ automation_id: "a1" });
  }
});

test("what is changed is sent, and a trigger only then: it begins anew", () => {
  const draft = draftOf(LATE);
  expect(changes({ ...draft, name: " later " }, LATE)).toEqual({ automation_id: "a1", name: "later" });
  expect(changes({ ...draft, actions: moved(draft.actions, 0, 1) }, LATE)).toEqual({
    automation_id: "a1",
    actions: [LATE.actions[1], LATE.actions[0], ...LATE.actions.slice(2)],
  });
  expect(changes({ ...draft, minutes: 1.1 }, LATE).trigger).toEqual({ ...LATE.trigger, seconds: 66 });
});

test("of another kind of trigger nothing is left that it does not take", () => {
  const draft = draftOf(LATE);
  expect(triggerOf({ ...draft, kind: "AGENT_UNHEALTHY", agent: " one " })).toEqual({
    type: "AGENT_UNHEALTHY",
    seconds: 90.5,
    agent_name: "one",
  });
  expect(triggerOf({ ...draft, kind: "STATE_CHANGE", filter: {} })).toEqual({
    type: "STATE_CHANGE",
    states: ["Failed"],
  });
});

test("actions are moved within their list, and keep what tells them apart", () => {
  const { actions } = draftOf(LATE);
  expect(keys(moved(actions, 2, -1))).toEqual([0, 2, 1, 3, 4]);
  expect(keys(moved(actions, 4, -1))).toEqual([0, 1, 2, 4, 3]);
  expect(moved(actions, 0, -1)).toBe(actions);
  expect(moved(actions, 4, 1)).toBe(actions);
  expect(moved(actions, 9, 1)).toBe(actions);
});

test("actions are added up to what the server takes, each with a key of its own", () => {
  let actions: readonly ActionDraft[] = [];
  for (let count = 0; count < MOST_ACTIONS + 2; count++) actions = withOneMore(actions, "LATE_START");
  expect(actions.length).toBe(MOST_ACTIONS);
  expect(new Set(keys(actions)).size).toBe(MOST_ACTIONS);
  expect(actions[0]?.type).toBe("CANCEL_FLOW_RUN");
  const fewer = actions.filter(({ key }) => key !== 3);
  expect(new Set(keys(withOneMore(fewer, "LATE_START"))).size).toBe(MOST_ACTIONS);
  expect(withOneMore([], "AGENT_UNHEALTHY")[0]?.type).toBe("NOTIFY");
});

test("each action says what it needs", () => {
  const ready = (part: Partial<ActionDraft>, kind: Parameters<typeof isActionReady>[1] = "LATE_FINISH") =>
    isActionReady({ ...newAction(0, "NOTIFY"), ...part }, kind);
  expect(ready({})).toBe(false);
  expect(ready({ hook: "h" })).toBe(true);
  expect(ready({ type: "CANCEL_FLOW_RUN" })).toBe(true);
  expect(ready({ type: "CANCEL_FLOW_RUN" }, "AGENT_UNHEALTHY")).toBe(false);
  expect(conflictOf(newAction(0, "CANCEL_FLOW_RUN"), "AGENT_UNHEALTHY")).toMatch(/names no run/);
  expect(ready({ type: "PAUSE_SCHEDULE" })).toBe(true);
  expect(ready({ type: "PAUSE_SCHEDULE" }, "AGENT_UNHEALTHY")).toBe(false);
  expect(ready({ type: "PAUSE_SCHEDULE", group: "g" }, "AGENT_UNHEALTHY")).toBe(true);
  expect(ready({ type: "START_FLOW_RUN" })).toBe(false);
  expect(ready({ type: "START_FLOW_RUN", group: "g", parameters: '{"a": 1}' })).toBe(true);
  expect(ready({ type: "START_FLOW_RUN", group: "g", parameters: "[1]" })).toBe(false);
});

test("parameters are an object or nothing", () => {
  expect(problemOfObject(" ")).toBeNull();
  expect(problemOfObject('{"a": [1]}')).toBeNull();
  expect(problemOfObject("null")).toMatch(/An object/);
  expect(problemOfObject("{a: 1}")).toMatch(/no JSON/);
});

test("a draft is ready when everything is said", () => {
  const draft = { ...draftOf(null), name: "n" };
  expect(isReady(draft)).toBe(true);
  expect(isReady({ ...draft, name: " " })).toBe(false);
  expect(isReady({ ...draft, minutes: "" })).toBe(false);
  expect(isReady({ ...draft, minutes: 0 })).toBe(true);
  expect(isReady({ ...draft, kind: "STATE_CHANGE", states: [] })).toBe(false);
  expect(isReady({ ...draft, actions: [] })).toBe(false);
  expect(creation(draft, "t")).toEqual({
    tenant_id: "t",
    name: "n",
    trigger: { type: "LATE_FINISH", seconds: 3600 },
    actions: [{ type: "CANCEL_FLOW_RUN" }],
  });
});
