import { CloseButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { JSX } from "react";
import { useAsk } from "../../api/hooks";
import { taskRunName } from "../../api/runs";
import { plain } from "../../lib/ansi";
import { Answer, Empty } from "../../parts/Notice";
import { State, StateShape } from "../../parts/State";
import { Duration, Time } from "../../parts/Time";
import type { Changed } from "./FlowRun";
import { SELECTED, type Selected } from "./questions";
import { RestartFromHere } from "./RestartFromHere";

interface SelectedProps {
  readonly id: string;
  readonly flowRunId: string;
  readonly asOf: string | undefined;
  readonly change: (changed: Changed) => void;
}

/** The task run that is selected: it holds for every tab. */
export function SelectedTaskRun({ id, flowRunId, asOf, change }: SelectedProps): JSX.Element {
  const answer = useAsk<{ readonly task_run_by_pk: Selected | null }>(SELECTED, {
    id,
    as_of: asOf ?? null,
  });
  return (
    <aside className="selected" aria-label="The selected task run">
      <CloseButton
        className="selected-close"
        aria-label="Select nothing"
        onClick={() => change({ task_run: undefined })}
      />
      <Answer of={answer} what="the task run">
        {({ task_run_by_pk: task }) =>
          task === null || task.flow_run_id !== flowRunId ? (
            <Empty title="This run has no such task run">
              {asOf === undefined ? "It may have been deleted" : "Or it did not exist yet"}: {id}
            </Empty>
          ) : (
            <Facts task={task} asOf={asOf} change={change} />
          )
        }
      </Answer>
    </aside>
  );
}

function Facts({
  task,
  asOf,
  change,
}: {
  readonly task: Selected;
  readonly asOf: string | undefined;
  readonly change: (changed: Changed) => void;
}): JSX.Element {
  const lines = task.logs_aggregate.aggregate.count;
  const message = plain(task.state_message ?? "");
  return (
    <>
      <div className="selected-head">
        <h2 className="clip" title={taskRunName(task)}>
          {taskRunName(task)}
        </h2>
        <State state={task.state} />
        <span className="soft">
          since <Time at={task.state_timestamp} />, took <Duration from={task.start_time} to={task.end_time} />
        </span>
        <button type="button" className="text-button" onClick={() => change({ tab: "logs", line: undefined })}>
          {lines.toLocaleString("en")} log {lines === 1 ? "line" : "lines"}
        </button>
        <Link to="/task-run/$id" params={{ id: task.id }} search={asOf === undefined ? {} : { as_of: asOf }}>
          Its page
        </Link>
        {asOf === undefined && task.flow_run !== null && (
          <RestartFromHere
            flowRun={task.flow_run}
            taskRun={{ id: task.id, name: taskRunName(task), state: task.state }}
          />
        )}
      </div>
      {message !== "" && <pre className="selected-message">{message}</pre>}
      <ol className="attempts" aria-label="States it went through">
        {task.states.map((state) => (
          <li key={state.id} title={state.message ?? ""}>
            <StateShape state={state.state} />
            {state.state} <Time at={state.timestamp} />
          </li>
        ))}
      </ol>
      <div className="faint clip" title={`${task.task?.type ?? ""} ${task.id}`}>
        {task.task?.type} <code>{task.id}</code>
      </div>
    </>
  );
}
