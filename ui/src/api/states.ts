// Made by `make generate`; change what it is made from.

export const STATES = {
  Cached: { colour: "#34d058", kinds: ["Finished", "Success"] },
  Cancelled: { colour: "#bdbdbd", kinds: ["Finished"] },
  Cancelling: { colour: "#e8e8e8", kinds: ["Running"] },
  ClientFailed: { colour: "#eb0000", kinds: [] },
  Failed: { colour: "#eb0000", kinds: ["Finished"] },
  Finished: { colour: "#003ccb", kinds: [] },
  Looped: { colour: "#003ccb", kinds: ["Finished"] },
  Mapped: { colour: "#003ccb", kinds: ["Finished", "Success"] },
  Paused: { colour: "#99a8e8", kinds: ["Pending", "Scheduled"] },
  Pending: { colour: "#7ebdff", kinds: [] },
  Queued: { colour: "#ffea7f", kinds: [] },
  Resume: { colour: "#f58c0c", kinds: ["Pending", "Scheduled"] },
  Retrying: { colour: "#f66a0a", kinds: ["Pending", "Scheduled"] },
  Running: { colour: "#3d67ff", kinds: [] },
  Scheduled: { colour: "#ffab00", kinds: ["Pending"] },
  Skipped: { colour: "#62757f", kinds: ["Finished", "Success"] },
  Submitted: { colour: "#ffdf5d", kinds: [] },
  Success: { colour: "#28a745", kinds: ["Finished"] },
  TimedOut: { colour: "#ff4e33", kinds: ["Failed", "Finished"] },
  TriggerFailed: { colour: "#ff5131", kinds: ["Failed", "Finished"] },
  ValidationFailed: { colour: "#ff5131", kinds: ["Failed", "Finished"] },
} as const;

export type StateName = keyof typeof STATES;

/** Groups of states, by the ancestry of their classes. */
export const GROUPS = {
  PENDING: ["Paused", "Pending", "Resume", "Retrying", "Scheduled"],
  SCHEDULED: ["Paused", "Resume", "Retrying", "Scheduled"],
  SUBMITTED: ["Submitted"],
  QUEUED: ["Queued"],
  RUNNING: ["Cancelling", "Running"],
  FINISHED: ["Cached", "Cancelled", "Failed", "Finished", "Looped", "Mapped", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  SUCCESSFUL: ["Cached", "Mapped", "Skipped", "Success"],
  FAILED: ["Failed", "TimedOut", "TriggerFailed", "ValidationFailed"],
  CLOSED: ["Cached", "Cancelled", "Failed", "Finished", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  UNFINISHED: ["Cancelling", "Looped", "Mapped", "Paused", "Pending", "Queued", "Resume", "Retrying", "Running", "Scheduled", "Submitted"],
} as const satisfies Record<string, readonly StateName[]>;

export type Group = keyof typeof GROUPS;
