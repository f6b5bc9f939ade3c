import { Button } from "@mantine/core";
import { type JSX, useState } from "react";
import { useChange } from "../../api/hooks";
import { useReasonAgainst } from "../../api/session";
import { isOneOf } from "../../lib/states";
import { Dialog } from "../../parts/Dialog";
import { Wrong } from "../../parts/Notice";

const RESTART = `
mutation restart_flow_run($id: UUID!, $task_runs: [UUID!]) {
  restart_flow_run(input: {flow_run_id: $id, task_run_ids: $task_runs}) { id task_run_ids }
}`;

interface RestartFromHereProps {
  readonly flowRun: { readonly id: string; readonly name: string | null; readonly state: string | null };
  readonly taskRun: { readonly id: string; readonly name: string; readonly state: string | null };
  readonly onRestarted?: () => void;
}

/** Have a task run, and everything that depends on it, run again. */
export function RestartFromHere({ flowRun, taskRun, onRestarted }: RestartFromHereProps): JSX.Element {
  const [isAsked, setAsked] = useState(false);
  const restart = useChange<unknown>(RESTART);
  const role = useReasonAgainst("user");
  const against =
    role ?? (isOneOf(flowRun.state, "CLOSED") ? null : "The flow run has not ended yet. Cancel it first.");
  return (
    <>
      <Button
        disabled={against !== null}
        title={against ?? "Run this task run again, and everything that depends on it"}
        onClick={() => setAsked(true)}
      >
        Restart from here …
      </Button>
      {isAsked && (
        <Dialog title="Restart from here" size="md" onClose={() => setAsked(false)}>
          <form
            className="doing"
            onSubmit={(event) => {
              event.preventDefault();
              restart.mutate(
                { id: flowRun.id, task_runs: [taskRun.id] },
                {
                  onSuccess: () => {
                    setAsked(false);
                    onRestarted?.();
                  },
                },
              );
            }}
          >
            <p className="clip" title={taskRun.name}>
              <b>{taskRun.name}</b> <span className="soft">of {flowRun.name}</span>
            </p>
            <p className="soft">
              This task run and everything that depends on it run again, whatever became of them; all else stays as it
              is. The run is scheduled for now: an agent takes it up, or: prefect run --id … --execute
            </p>
            {restart.error !== null && <Wrong error={restart.error} />}
            <div className="doing-buttons">
              <Button onClick={() => setAsked(false)}>Leave it</Button>
              <Button type="submit" variant="filled" loading={restart.isPending}>
                Restart from here
              </Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
