"""A process that executed a run has ended, and whoever saw it says so: the run is not left to be found silent."""

from __future__ import annotations

from prefect.server import states
from prefect.server.errors import NotFound
from prefect.server.operations.base import Caller, Input, Payload
from prefect.server.operations.states import plain_state, propose_one, rescue_flow_run
from prefect.server.operations.values import UUID, canonical_id, clean_text
from prefect.server.store.interface import Transaction
from prefect.server.store.statements import statement
from prefect.server.transitions import FLOW

# What a message takes over of what the process said last.
MOST_CHARACTERS = 2_000


class ReportFlowRunProcessExitInput(Input):
    """How the process ended: by itself with an exit code, or by a signal, whose name is given; both unknown where it
    was only found to be gone.

    `host` and `pid` are those of the process as its machine knows it, `message` what it said last.
    """

    flow_run_id: UUID
    exit_code: int | None = None
    signal: str | None = None
    host: str | None = None
    pid: int | None = None
    message: str | None = None


class ReportFlowRunProcessExitPayload(Payload):
    """The run's state after the report, and whether the report has moved it."""

    graphql = "report_flow_run_process_exit_payload"
    state: str | None = None
    moved: bool | None = None


def report_flow_run_process_exit(
    transaction: Transaction, input: ReportFlowRunProcessExitInput, caller: Caller
) -> ReportFlowRunProcessExitPayload:
    """Move a run whose process has ended without ending the run: cancelled if it was asked to, else rescued.

    Nothing happens to a run that has ended, waits, or has passed to another process meanwhile.
    """
    run_id = canonical_id(input.flow_run_id, "flow_run_id")
    transaction.lock_flow_runs((run_id,))
    if transaction.fetch_one(statement("flow_run_facts"), (run_id,)) is None:
        raise NotFound(f"There is no flow run {run_id}; it may have been deleted.", id=run_id)
    if not _is_its_process(transaction, run_id, input, caller):
        moved = False
    elif _state(transaction, run_id) in states.RUNNING - states.STARTS:
        cancelled = plain_state("Cancelled", f"The flow run was cancelled. {_how(input, asked=True)}")
        propose_one(transaction, FLOW, cancelled._replace(run_id=run_id), caller)
        moved = True
    else:
        moved = rescue_flow_run(transaction, run_id, caller, reason=_how(input))
    return ReportFlowRunProcessExitPayload(_state(transaction, run_id), moved)


def _state(transaction: Transaction, run_id: str) -> str:
    row = transaction.fetch_one(statement("flow_run_owner"), (run_id,))
    assert row is not None
    state: str = row[0]
    return state


def _is_its_process(
    transaction: Transaction, run_id: str, input: ReportFlowRunProcessExitInput, caller: Caller
) -> bool:
    """Whether the run is, as far as is known, still in the hands of the process that has ended."""
    owner = transaction.fetch_one(statement("flow_run_owner"), (run_id,))
    agent = transaction.fetch_one(statement("agent_of_flow_run"), (run_id,))
    assert owner is not None
    assert agent is not None
    state, host, pid = owner[:3]
    if state in states.SUBMITTED:
        # It has not begun: whoever was told to begin it is the one who knows.
        return caller.agent_id is not None and bool(caller.agent_id == agent[0])
    if state not in states.RUNNING:
        return False
    if input.pid is not None and host is not None:
        return bool((host, pid) == (input.host, input.pid))
    free = transaction.fetch_one(statement("is_flow_run_free"), (run_id,))
    if free is not None and free[0]:
        # It was taken from the process that has ended, and waits for another one.
        return False
    # A container has names of its own for its host and process, and who runs 1.x does not tell.
    return caller.agent_id is None or agent[0] is None or bool(caller.agent_id == agent[0])


def _how(input: ReportFlowRunProcessExitInput, *, asked: bool = False) -> str:
    """The end of the process, in a sentence; `asked` where it was to end."""
    where = f" on {clean_text(input.host)}" if input.host else ""
    which = "The process that executed this run"
    if input.pid is not None:
        which = f"Process {input.pid}, which executed this run,"
    if input.signal:
        ended = f"was ended by {clean_text(input.signal)}"
        if input.signal == "SIGKILL" and not asked:
            ended += ", which is also what a machine without memory does"
    elif input.exit_code is not None:
        ended = f"ended with exit code {input.exit_code} before the run had ended"
    else:
        ended = "is gone"
    said = clean_text(input.message)[-MOST_CHARACTERS:].strip() if input.message else ""
    return f"{which}{where} {ended}." if not said else f"{which}{where} {ended}. It said last: {said}"
