/** What the form of an automation holds, and what is sent of it. Pure. */

import type { AutomationRow, Json } from "../../api/tables";
import { isSame, type RunFilter, tidy } from "./runFilter";
import { readValue } from "./values";

export type Kind = "STATE_CHANGE" | "LATE_START" | "LATE_FINISH" | "AGENT_UNHEALTHY";
export type Does = "NOTIFY" | "CANCEL_FLOW_RUN" | "PAUSE_SCHEDULE" | "START_FLOW_RUN";

export interface Trigger {
  readonly type: Kind;
  readonly states?: readonly string[] | null;
  readonly seconds?: number | null;
  readonly from_schedule?: boolean;
  readonly agent_name?: string | null;
  readonly run_filter?: RunFilter | null;
}

export interface Action {
  readonly type: Does;
  readonly cloud_hook_id?: string | null;
  readonly flow_group_id?: string | null;
  readonly flow_run_name?: string | null;
  readonly parameters?: Json;
  readonly context?: Json;
}

export type Automation = Pick<AutomationRow, "id" | "name" | "active"> & {
  readonly trigger: Trigger;
  readonly actions: readonly Action[];
};

export const KINDS: Readonly<Record<Kind, string>> = {
  STATE_CHANGE: "a run enters a state",
  LATE_START: "a run does not start in time",
  LATE_FINISH: "a run does not end in time",
  AGENT_UNHEALTHY: "an agent goes silent",
};

export const DOES: Readonly<Record<Does, string>> = {
  NOTIFY: "let a hook tell",
  CANCEL_FLOW_RUN: "cancel the run",
  PAUSE_SCHEDULE: "pause the schedule of a flow",
  START_FLOW_RUN: "start a flow",
};

/** As many as the server takes. */
export const MOST_ACTIONS = 10;

export interface ActionDraft {
  /** Tells it from the others, wherever it is moved. */
  readonly key: number;
  readonly type: Does;
  readonly hook: string | null;
  readonly group: string | null;
  readonly runName: string;
  /** JSON, as it is written. */
  readonly parameters: string;
  readonly context: string;
}

export interface AutomationDraft {
  readonly name: string;
  readonly kind: Kind;
  readonly states: readonly string[];
  readonly minutes: number | string;
  readonly isFromSchedule: boolean;
  readonly agent: string;
  readonly filter: RunFilter;
  readonly actions: readonly ActionDraft[];
}

/** What the form holds at first: an automation as it is, or what a new one usually is. */
export function draftOf(automation: Automation | null): AutomationDraft {
  const trigger = automation?.trigger;
  return {
    name: automation?.name ?? "",
    kind: trigger?.type ?? "LATE_FINISH",
    states: trigger?.states ?? ["Failed"],
    minutes: trigger?.seconds === undefined || trigger.seconds === null ? 60 : trigger.seconds / 60,
    isFromSchedule: trigger?.from_schedule ?? false,
    agent: trigger?.agent_name ?? "",
    filter: trigger?.run_filter ?? {},
    actions:
      automation === null
        ? [newAction(0, "CANCEL_FLOW_RUN")]
        : automation.actions.map((action, key) => written(action, key)),
  };
}

/** An action about which nothing is said yet. */
export function newAction(key: number, type: Does): ActionDraft {
  return { key, type, hook: null, group: null, runName: "", parameters: "", context: "" };
}

function written(action: Action, key: number): ActionDraft {
  const text = (value: Json | undefined) =>
    value === undefined || value === null ? "" : JSON.stringify(value, null, 2);
  return {
    key,
    type: action.type,
    hook: action.cloud_hook_id ?? null,
    group: action.flow_group_id ?? null,
    runName: action.flow_run_name ?? "",
    parameters: text(action.parameters),
    context: text(action.context),
  };
}

/** The actions with one more, or as they are where the server takes no more. */
export function withOneMore(actions: readonly ActionDraft[], kind: Kind): readonly ActionDraft[] {
  if (actions.length >= MOST_ACTIONS) return actions;
  const key = Math.max(-1, ...actions.map((action) => action.key)) + 1;
  return [...actions, newAction(key, kind === "AGENT_UNHEALTHY" || actions.length > 0 ? "NOTIFY" : "CANCEL_FLOW_RUN")];
}

/** The actions with one of them so many places further down; as they are where it would leave them. */
export function moved(actions: readonly ActionDraft[], key: number, by: -1 | 1): readonly ActionDraft[] {
  const from = actions.findIndex((action) => action.key === key);
  const other = actions[from + by];
  const one = actions[from];
  if (one === undefined || other === undefined) return actions;
  return actions.map((action, index) => (index === from ? other : index === from + by ? one : action));
}

/** Why a text is no JSON object; null where it is one, or empty. */
export function problemOfObject(text: string): string | null {
  if (text.trim() === "") return null;
  try {
    const value = readValue(text);
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? null
      : 'An object is wanted: {"name": "value"}.';
  } catch {
    return 'This is no JSON: {"name": "value"}.';
  }
}

/** Why an action does not go with what sets the automation off; null where it does. */
export function conflictOf({ type }: ActionDraft, kind: Kind): string | null {
  return kind === "AGENT_UNHEALTHY" && type === "CANCEL_FLOW_RUN"
    ? "An agent names no run that could be cancelled."
    : null;
}

/** Whether an action says all that is needed. */
export function isActionReady(action: ActionDraft, kind: Kind): boolean {
  if (conflictOf(action, kind) !== null) return false;
  switch (action.type) {
    case "NOTIFY":
      return action.hook !== null;
    case "CANCEL_FLOW_RUN":
      return true;
    case "PAUSE_SCHEDULE":
      return action.group !== null || kind !== "AGENT_UNHEALTHY";
    case "START_FLOW_RUN":
      return (
        action.group !== null && problemOfObject(action.parameters) === null && problemOfObject(action.context) === null
      );
  }
}

/** Whether the draft says all that is needed. */
export function isReady(draft: AutomationDraft): boolean {
  return (
    draft.name.trim() !== "" &&
    (draft.kind === "STATE_CHANGE"
      ? draft.states.length > 0
      : typeof draft.minutes === "number" && Number.isFinite(draft.minutes) && draft.minutes >= 0) &&
    draft.actions.length > 0 &&
    draft.actions.every((action) => isActionReady(action, draft.kind))
  );
}

export function triggerOf(draft: AutomationDraft): Trigger {
  const isOfAgent = draft.kind === "AGENT_UNHEALTHY";
  const filter = tidy(draft.filter);
  return {
    type: draft.kind,
    // Whole milliseconds: sixty times a tenth is not six in every machine.
    ...(draft.kind === "STATE_CHANGE"
      ? { states: draft.states }
      : { seconds: Math.round(Number(draft.minutes) * 60_000) / 1000 }),
    ...(draft.kind === "LATE_FINISH" && draft.isFromSchedule ? { from_schedule: true } : {}),
    ...(isOfAgent && draft.agent.trim() !== "" ? { agent_name: draft.agent.trim() } : {}),
    ...(isOfAgent || isSame(filter, {}) ? {} : { run_filter: filter }),
  };
}

export function actionsOf({ actions }: AutomationDraft): readonly Action[] {
  return actions.map(actionOf);
}

function actionOf({ type, hook, group, runName, parameters, context }: ActionDraft): Action {
  switch (type) {
    case "NOTIFY":
      return { type, cloud_hook_id: hook };
    case "CANCEL_FLOW_RUN":
      return { type };
    case "PAUSE_SCHEDULE":
      return { type, ...(group === null ? {} : { flow_group_id: group }) };
    case "START_FLOW_RUN":
      return {
        type,
        flow_group_id: group,
        ...(runName.trim() === "" ? {} : { flow_run_name: runName.trim() }),
        ...(parameters.trim() === "" ? {} : { parameters: readValue(parameters) }),
        ...(context.trim() === "" ? {} : { context: readValue(context) }),
      };
  }
}

/** What makes a new automation. */
export function creation(draft: AutomationDraft, tenant: string | undefined): Record<string, unknown> {
  return { tenant_id: tenant, name: draft.name.trim(), trigger: triggerOf(draft), actions: actionsOf(draft) };
}

/** What changes an automation that is there. A trigger that is sent begins anew, so one that stays is left out. */
export function changes(draft: AutomationDraft, automation: Automation): Record<string, unknown> {
  const before = draftOf(automation);
  return {
    automation_id: automation.id,
    ...(draft.name.trim() === automation.name ? {} : { name: draft.name.trim() }),
    ...(isSame(triggerOf(draft), triggerOf(before)) ? {} : { trigger: triggerOf(draft) }),
    ...(isSame(actionsOf(draft), actionsOf(before)) ? {} : { actions: actionsOf(draft) }),
  };
}
