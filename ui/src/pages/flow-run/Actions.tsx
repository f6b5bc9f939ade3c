import { Button, Menu, Select, TagsInput, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type JSX, type ReactNode, useState } from "react";
import { ask } from "../../api/client";
import { queryClient } from "../../api/hooks";
import { countsOf } from "../../api/runs";
import { type Action, outcomesOf, RESTARTED, reasonAgainst } from "../../lib/actions";
import { useKeys } from "../../lib/keys";
import { isOneOf } from "../../lib/states";
import { Dialog } from "../../parts/Dialog";
import { Wrong } from "../../parts/Notice";
import { CANCEL, DELETE, RELABEL, RENAME, type Run, SET_FLOW_RUN_STATE, SET_TASK_RUN_STATES } from "./questions";

type Asked = Action | "rename" | "labels";

const SAYS: Record<Asked, string> = {
  cancel: "Cancel",
  restart: "Restart from what failed",
  start: "Start now",
  mark: "Mark as …",
  rename: "Rename …",
  labels: "Labels …",
  delete: "Delete …",
};

/** What can be done to the run; what cannot says why. */
export function Actions({ run }: { readonly run: Run }): JSX.Element {
  const [opened, setOpened] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  useKeys("Flow run", [{ keys: ".", says: "what can be done", run: () => setOpened(true) }]);
  const unfinishedBusiness = countsOf(run.task_runs_aggregate)
    .filter(({ state }) => (RESTARTED as readonly (string | null)[]).includes(state))
    .reduce((sum, { count }) => sum + count, 0);
  const against = (action: Asked) =>
    action === "rename" || action === "labels" ? null : reasonAgainst(action, { state: run.state, unfinishedBusiness });
  // What a person who looks at the run most likely came for; nobody restarts what succeeded without looking twice.
  const likely: readonly Action[] = isOneOf(run.state, "SUCCESSFUL") ? [] : ["cancel", "restart", "start"];
  const first = likely.find((action) => against(action) === null);
  return (
    <>
      {first !== undefined && <Button onClick={() => setAsked(first)}>{SAYS[first]}</Button>}
      <Menu
        opened={opened}
        onChange={setOpened}
        position="bottom-end"
        width={300}
        withinPortal={false}
        withInitialFocusPlaceholder={false}
      >
        <Menu.Target>
          <Button rightSection={<span aria-hidden="true">▾</span>}>Actions</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(Object.keys(SAYS) as Asked[]).map((action) => {
            const reason = against(action);
            return (
              <Menu.Item
                key={action}
                disabled={reason !== null}
                onClick={() => setAsked(action)}
                data-danger={(action === "delete" && reason === null) || undefined}
              >
                {SAYS[action]}
                {reason !== null && <div className="action-reason">{reason}</div>}
              </Menu.Item>
            );
          })}
        </Menu.Dropdown>
      </Menu>
      {asked !== null && <Doing key={asked} action={asked} run={run} onClose={() => setAsked(null)} />}
    </>
  );
}

interface DoingProps {
  readonly action: Asked;
  readonly run: Run;
  readonly onClose: () => void;
}

/** One action: what it will do, what has to be said first, and what went wrong. */
function Doing({ action, run, onClose }: DoingProps): JSX.Element {
  const navigate = useNavigate();
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const [name, setName] = useState(run.name ?? "");
  const [labels, setLabels] = useState<string[]>([...run.labels]);
  const outcomes = outcomesOf(run.state);
  const [outcome, setOutcome] = useState<string>(outcomes[0] ?? "");
  const [why, setWhy] = useState("");
  const done: Record<Asked, () => Promise<unknown>> = {
    cancel: () => ask(CANCEL, { id: run.id }),
    restart: () => restart(run),
    start: () =>
      propose(run, { type: "Scheduled", message: "Told to start now.", start_time: new Date().toISOString() }),
    mark: () => propose(run, { type: outcome, message: why === "" ? `Marked as ${outcome} by hand.` : why }),
    rename: () => ask(RENAME, { id: run.id, name }),
    labels: () => ask(RELABEL, { id: run.id, labels }),
    delete: () => ask(DELETE, { id: run.id }),
  };
  const explained: Record<Asked, ReactNode> = {
    cancel: "Task runs that have not ended are cancelled with it. What they did already stays done.",
    restart:
      "Task runs that failed, were held back by a failure or were cancelled wait again, and the run is scheduled for now. What succeeded is not run again. An agent takes it up, or: prefect run --id … --execute",
    start: "It is scheduled for now.",
    mark: "The state is set by hand, and the history says so.",
    rename: "",
    labels: "Agents take up a run that has only labels which they have too.",
    delete: "The run, its task runs, logs and artifacts are deleted. This cannot be undone.",
  };
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await done[action]();
    } catch (wrong) {
      setError(wrong instanceof Error ? wrong : new Error(String(wrong)));
      setBusy(false);
      void queryClient.invalidateQueries();
      return;
    }
    onClose();
    if (action === "delete") void navigate({ to: "/flow-runs" });
    void queryClient.invalidateQueries();
  };
  return (
    <Dialog title={SAYS[action].replace(" …", "")} size="md" onClose={onClose}>
      <form
        className="doing"
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <p className="clip" title={run.name ?? run.id}>
          <b>{run.name}</b> <span className="soft">{run.flow?.name}</span>
        </p>
        {action === "mark" && (
          <>
            <Select
              label="State"
              data={outcomes}
              value={outcome}
              onChange={(value) => setOutcome(value ?? "")}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
            />
            <TextInput label="Why" value={why} onChange={(event) => setWhy(event.currentTarget.value)} data-autofocus />
          </>
        )}
        {action === "rename" && (
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
        )}
        {action === "labels" && (
          <TagsInput
            label="Labels"
            size="xs"
            value={labels}
            onChange={setLabels}
            comboboxProps={{ withinPortal: false }}
          />
        )}
        <p className="soft">{explained[action]}</p>
        {error !== null && <Wrong error={error} />}
        <div className="doing-buttons">
          <Button onClick={onClose}>Leave it</Button>
          <Button
            type="submit"
            variant="filled"
            {...(action === "delete" ? { color: "red.9" } : {})}
            loading={busy}
            disabled={action === "rename" && name.trim() === ""}
          >
            {SAYS[action].replace(" …", "")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface Proposed {
  readonly states: readonly { readonly status: string | null; readonly message: string | null }[];
}

function refusal(proposed: Proposed): void {
  const refused = proposed.states.find(({ status }) => status !== null && status !== "SUCCESS");
  if (refused !== undefined) throw new Error(refused.message ?? `The server answered ${refused.status}.`);
}

async function propose(run: Run, state: Record<string, unknown>): Promise<void> {
  const answer = await ask<{ readonly set_flow_run_states: Proposed }>(SET_FLOW_RUN_STATE, {
    id: run.id,
    version: run.version,
    state,
  });
  refusal(answer.set_flow_run_states);
}

const RESTARTED_AT_ONCE = 500;

const TO_RESTART = `
query to_restart($id: uuid!, $states: [String!]!, $limit: Int) {
  task_run(where: {flow_run_id: {_eq: $id}, state: {_in: $states}}, limit: $limit) { id version }
}`;

/** Let what failed wait again, and then the run itself, so that nobody takes it up before. */
async function restart(run: Run): Promise<void> {
  for (;;) {
    const found = await ask<{ readonly task_run: readonly { readonly id: string; readonly version: number }[] }>(
      TO_RESTART,
      {
        id: run.id,
        states: RESTARTED,
        limit: RESTARTED_AT_ONCE,
      },
    );
    if (found.task_run.length === 0) break;
    const states = found.task_run.map(({ id, version }) => ({
      task_run_id: id,
      version,
      state: { type: "Pending", message: "Waits to be run again." },
    }));
    const answer = await ask<{ readonly set_task_run_states: Proposed }>(SET_TASK_RUN_STATES, { states });
    refusal(answer.set_task_run_states);
  }
  await propose(run, {
    type: "Scheduled",
    message: "Restarted from what failed.",
    start_time: new Date().toISOString(),
  });
}
