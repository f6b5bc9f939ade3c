// Made by `make generate`; change what it is made from.

import type { StateName } from "./states";

type Moves = Readonly<Partial<Record<StateName, readonly StateName[]>>>;

export const FLOW_RUN_MOVES: Moves = {
  Cached: ["Pending", "Resume", "Scheduled"],
  Cancelled: ["Pending", "Resume", "Scheduled"],
  Cancelling: ["Cached", "Cancelled", "Failed", "Finished", "Paused", "Pending", "Resume", "Scheduled", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Failed: ["Pending", "Resume", "Scheduled"],
  Finished: ["Pending", "Resume", "Scheduled"],
  Looped: ["Cached", "Cancelled", "Failed", "Finished", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Mapped: ["Cached", "Cancelled", "Failed", "Finished", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Paused: ["Cached", "Cancelled", "Cancelling", "Failed", "Finished", "Paused", "Pending", "Queued", "Resume", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Pending: ["Cached", "Cancelled", "Cancelling", "Failed", "Finished", "Paused", "Pending", "Queued", "Resume", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Queued: ["Cached", "Cancelled", "Cancelling", "Failed", "Finished", "Paused", "Pending", "Queued", "Resume", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Resume: ["Cached", "Cancelled", "Cancelling", "Failed", "Finished", "Paused", "Pending", "Queued", "Resume", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Retrying: ["Cached", "Cancelled", "Cancelling", "Failed", "Finished", "Paused", "Pending", "Queued", "Resume", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Running: ["Cached", "Cancelled", "Cancelling", "Failed", "Finished", "Paused", "Pending", "Resume", "Scheduled", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Scheduled: ["Cached", "Cancelled", "Cancelling", "Failed", "Finished", "Paused", "Pending", "Queued", "Resume", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Skipped: ["Pending", "Resume", "Scheduled"],
  Submitted: ["Cached", "Cancelled", "Cancelling", "Failed", "Finished", "Paused", "Pending", "Queued", "Resume", "Running", "Scheduled", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Success: ["Pending", "Resume", "Scheduled"],
  TimedOut: ["Pending", "Resume", "Scheduled"],
  TriggerFailed: ["Pending", "Resume", "Scheduled"],
  ValidationFailed: ["Pending", "Resume", "Scheduled"],
};

export const TASK_RUN_MOVES: Moves = {
  Cached: ["Pending", "Resume", "Scheduled"],
  Cancelled: ["Pending", "Resume", "Scheduled"],
  Cancelling: ["Cached", "Cancelled", "Failed", "Finished", "Looped", "Mapped", "Paused", "Pending", "Resume", "Retrying", "Scheduled", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Failed: ["Pending", "Resume", "Retrying", "Scheduled"],
  Finished: ["Pending", "Resume", "Scheduled"],
  Looped: ["Cached", "Cancelled", "Failed", "Finished", "Pending", "Resume", "Running", "Scheduled", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Mapped: ["Cached", "Cancelled", "Failed", "Finished", "Mapped", "Pending", "Resume", "Scheduled", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Paused: ["Cached", "Cancelled", "Failed", "Finished", "Mapped", "Paused", "Pending", "Queued", "Resume", "Retrying", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Pending: ["Cached", "Cancelled", "Failed", "Finished", "Mapped", "Paused", "Pending", "Queued", "Resume", "Retrying", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Queued: ["Cached", "Cancelled", "Failed", "Finished", "Mapped", "Paused", "Pending", "Queued", "Resume", "Retrying", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Resume: ["Cached", "Cancelled", "Failed", "Finished", "Mapped", "Paused", "Pending", "Queued", "Resume", "Retrying", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Retrying: ["Cached", "Cancelled", "Failed", "Finished", "Mapped", "Paused", "Pending", "Queued", "Resume", "Retrying", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Running: ["Cached", "Cancelled", "Cancelling", "Failed", "Finished", "Looped", "Mapped", "Paused", "Pending", "Resume", "Retrying", "Scheduled", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Scheduled: ["Cached", "Cancelled", "Failed", "Finished", "Mapped", "Paused", "Pending", "Queued", "Resume", "Retrying", "Running", "Scheduled", "Skipped", "Submitted", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Skipped: ["Pending", "Resume", "Scheduled"],
  Submitted: ["Cached", "Cancelled", "Failed", "Finished", "Mapped", "Paused", "Pending", "Queued", "Resume", "Retrying", "Running", "Scheduled", "Skipped", "Success", "TimedOut", "TriggerFailed", "ValidationFailed"],
  Success: ["Cached", "Pending", "Resume", "Scheduled"],
  TimedOut: ["Pending", "Resume", "Retrying", "Scheduled"],
  TriggerFailed: ["Pending", "Resume", "Retrying", "Scheduled"],
  ValidationFailed: ["Pending", "Resume", "Retrying", "Scheduled"],
};
