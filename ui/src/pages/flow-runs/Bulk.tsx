import { Button, Select, TextInput } from "@mantine/core";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { queryClient } from "../../api/hooks";
import { useReasonAgainst } from "../../api/session";
import type { StateName } from "../../api/states";
import { type BulkAction, type Chosen, each, part } from "../../lib/bulk";
import { Dialog } from "../../parts/Dialog";
import { CANCEL, DELETE, SET_FLOW_RUN_STATE } from "../flow-run/questions";

const SAYS: Record<BulkAction, string> = { cancel: "Cancel", mark: "Mark as", delete: "Delete" };
const OUTCOMES: readonly StateName[] = ["Success", "Failed", "Skipped", "Cancelled"];

interface BulkProps {
  readonly runs: readonly Chosen[];
  readonly onNone: () => void;
}

/** What can be done to the runs that are chosen. */
export function Bulk({ runs, onNone }: BulkProps): JSX.Element {
  const [asked, setAsked] = useState<BulkAction | null>(null);
  const reason = useReasonAgainst("user");
  return (
    <div className="bulk" role="group" aria-label="Chosen runs">
      <b>{runs.length.toLocaleString("en")} chosen</b>
      {(Object.keys(SAYS) as BulkAction[]).map((action) => (
        <Button key={action} disabled={reason !== null} onClick={() => setAsked(action)}>
          {SAYS[action]} …
        </Button>
      ))}
      {reason !== null && <span className="soft">{reason}</span>}
      <Button variant="subtle" onClick={onNone}>
        Choose none
      </Button>
      {asked !== null && <Doing action={asked} runs={runs} onClose={() => setAsked(null)} onNone={onNone} />}
    </div>
  );
}

interface DoingProps extends BulkProps {
  readonly action: BulkAction;
  readonly onClose: () => void;
}

/** One action on many runs: how many it is for, why not for the others, how far it is, and what went wrong. */
function Doing({ action, runs, onClose, onNone }: DoingProps): JSX.Element {
  // What the page asks again meanwhile does not change what was confirmed.
  const [chosen] = useState(runs);
  const [outcome, setOutcome] = useState<StateName>("Failed");
  const [why, setWhy] = useState("");
  const [done, setDone] = useState<number | null>(null);
  const [wrong, setWrong] = useState<ReadonlyMap<string, number> | null>(null);
  const { able, reasons } = part(action, chosen, outcome);
  const count = able.length === 1 ? "1 run" : `${able.length.toLocaleString("en")} runs`;
  const work: Record<BulkAction, (run: Chosen) => Promise<unknown>> = {
    cancel: ({ id }) => ask(CANCEL, { id }),
    delete: ({ id }) => ask(DELETE, { id }),
    mark: (run) => mark(run, outcome, why === "" ? `Marked as ${outcome} by hand.` : why),
  };
  const go = async () => {
    setDone(0);
    const failed = await each(able, work[action], setDone);
    void queryClient.invalidateQueries();
    if (failed.size > 0) {
      setWrong(failed);
      return;
    }
    onClose();
    onNone();
  };
  const explained: Record<BulkAction, string> = {
    cancel: "Task runs that have not ended are cancelled with them. What they did already stays done.",
    mark: "The state is set by hand, and the history of each says so.",
    delete: "The runs, their task runs, logs and artifacts are deleted. This cannot be undone.",
  };
  return (
    <Dialog title={`${SAYS[action]} ${action === "mark" ? `${outcome}: ` : ""}${count}`} size="md" onClose={onClose}>
      <form
        className="doing"
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        {action === "mark" && (
          <>
            <Select
              label="State"
              data={[...OUTCOMES]}
              value={outcome}
              onChange={(value) => setOutcome((value as StateName | null) ?? "Failed")}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
            />
            <TextInput label="Why" value={why} onChange={(event) => setWhy(event.currentTarget.value)} data-autofocus />
          </>
        )}
        <p className="soft">{explained[action]}</p>
        {reasons.size > 0 && <Counted title="Left out" of={reasons} />}
        {done !== null && wrong === null && (
          <p role="status">
            {done.toLocaleString("en")} of {able.length.toLocaleString("en")} done
          </p>
        )}
        {wrong !== null && (
          <div className="notice" data-kind="error" role="alert">
            <Counted title="Not done" of={wrong} />
          </div>
        )}
        <div className="doing-buttons">
          <Button onClick={onClose}>{wrong === null ? "Leave it" : "Close"}</Button>
          {wrong === null && (
            <Button
              type="submit"
              variant="filled"
              {...(action === "delete" ? { color: "red.9" } : {})}
              loading={done !== null}
              disabled={able.length === 0}
            >
              {SAYS[action]} {action === "mark" ? outcome : count}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

/** Reasons, the most frequent first, and how often each. */
function Counted({ title, of }: { readonly title: string; readonly of: ReadonlyMap<string, number> }): JSX.Element {
  return (
    <div>
      <div className="notice-title">{title}</div>
      <ul className="counted">
        {[...of]
          .toSorted(([, one], [, other]) => other - one)
          .map(([reason, count]) => (
            <li key={reason}>
              {count.toLocaleString("en")}: {reason}
            </li>
          ))}
      </ul>
    </div>
  );
}

interface Proposed {
  readonly set_flow_run_states: {
    readonly states: readonly { readonly status: string | null; readonly message: string | null }[];
  };
}

async function mark(run: Chosen, outcome: StateName, message: string): Promise<void> {
  const answer = await ask<Proposed>(SET_FLOW_RUN_STATE, {
    id: run.id,
    version: run.version,
    state: { type: outcome, message },
  });
  const refused = answer.set_flow_run_states.states.find(({ status }) => status !== null && status !== "SUCCESS");
  if (refused !== undefined) throw new Error(refused.message ?? `The server answered ${refused.status}.`);
}
