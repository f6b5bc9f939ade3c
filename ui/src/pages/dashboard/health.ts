/** How those who do the work are doing: agents, and the services of the server. Pure. */

import type { Agent, Service } from "./questions";

export type Condition = "well" | "silent" | "failing" | "idle";

// An agent asks for runs every ten seconds or so; the server counts it as looking for so long.
const LOOKING_MILLISECONDS = 60_000;

export function conditionOfAgent(agent: Pick<Agent, "last_queried">, now: number): Condition {
  if (agent.last_queried === null) return "idle";
  return now - Date.parse(agent.last_queried) <= LOOKING_MILLISECONDS ? "well" : "silent";
}

// No service rests longer than this between two passes.
const SILENT_MILLISECONDS = 3 * 3_600_000;

/** Failing: the last pass went wrong. Silent: no pass has begun for hours, so that no server may be running. */
export function conditionOfService(service: Service, now: number): Condition {
  if (service.started === null) return "idle";
  const { last_error_at: wrong, finished } = service;
  if (wrong !== null && (finished === null || Date.parse(wrong) > Date.parse(finished))) return "failing";
  return now - Date.parse(service.started) > SILENT_MILLISECONDS ? "silent" : "well";
}

const SERVICES: Readonly<Record<string, string>> = {
  scheduler: "plans the runs of schedules",
  dead_runs: "ends runs whose process is gone",
  silent_runs: "looks after runs that have fallen silent",
  deletion: "clears away what was deleted",
  log_words: "makes logs searchable",
  retention: "forgets what is older than it is to be kept",
  hooks: "tells others what happens",
  automations: "does what is to be done when something happens",
};

/** What a service does, in words; nothing for one that this page does not know. */
export function serviceDoes(name: string): string {
  return SERVICES[name] ?? "";
}
