import type { JSX } from "react";
import { countsOf, firstCause, taskRunName } from "../../api/runs";
import { isOneOf } from "../../lib/states";
import { Time } from "../../parts/Time";
import type { Run } from "./questions";

interface HeadlineProps {
  readonly run: Run;
  readonly onSelect: (taskRunId: string) => void;
}

/** In a sentence: why it is in this state. */
export function Headline({ run, onSelect }: HeadlineProps): JSX.Element | null {
  const counts = countsOf(run.task_runs_aggregate);
  const of = (...states: string[]) =>
    counts.filter(({ state }) => states.includes(state ?? "")).reduce((sum, { count }) => sum + count, 0);
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const ended = counts.filter(({ state }) => isOneOf(state, "CLOSED")).reduce((sum, { count }) => sum + count, 0);
  const [reason] = run.reason;
  const others = run.root_failures.aggregate.count - 1;
  const blocked = of("TriggerFailed");
  const isFailed = isOneOf(run.state, "FAILED");
  return (
    <div className="headline" data-failed={isFailed || undefined}>
      {isFailed && reason === undefined && <p className="headline-cause">{run.state_message}</p>}
      {!isFailed && isOneOf(run.state, "SCHEDULED") && (
        <p>
          Waits for its time: <Time at={run.scheduled_start_time} />. {run.state_message}
        </p>
      )}
      {isOneOf(run.state, "RUNNING") && (
        <p>
          {said(ended)} of {said(total)} task runs that are recorded so far have ended.
        </p>
      )}
      {!isFailed && !isOneOf(run.state, "RUNNING") && !isOneOf(run.state, "SCHEDULED") && <p>{run.state_message}</p>}
      {reason !== undefined && (
        <p>
          <button type="button" className="headline-task" onClick={() => onSelect(reason.id)}>
            {taskRunName(reason)}
          </button>{" "}
          {reason.state === "TimedOut" ? "timed out" : "failed"}
          {run.root_failures.aggregate.count > 1 && " first"}:{" "}
          <span className="headline-cause">{firstCause(reason.state_message)}</span>
          {others > 0 && ` ${said(others)} more failed after it.`}
          {blocked > 0 && ` ${blocked === 1 ? "One task run was" : `${said(blocked)} task runs were`} not run for it.`}
        </p>
      )}
    </div>
  );
}

const said = (count: number): string => count.toLocaleString("en");
