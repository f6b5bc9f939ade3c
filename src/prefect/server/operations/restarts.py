"""A run that is over runs once more, from what failed or from chosen tasks on."""

from __future__ import annotations

from typing import Any

from prefect.engine.state import Scheduled
from prefect.server import states
from prefect.server.errors import BadInput, MoveRefused, NotFound
from prefect.server.identifiers import now
from prefect.server.operations.base import Caller, Input, Payload
from prefect.server.operations.runs import in_states
from prefect.server.operations.states import plain_state, propose, propose_one
from prefect.server.operations.values import UUID, canonical_id
from prefect.server.store.interface import Transaction
from prefect.server.store.statements import statement
from prefect.server.transitions import FLOW, TASK

_EVERY = in_states(states.EVERY)


class RestartFlowRunInput(Input):
    """Without `task_run_ids` the run is restarted from what has failed or was cancelled."""

    flow_run_id: UUID
    task_run_ids: list[UUID] | None = None


class RestartFlowRunPayload(Payload):
    """`task_run_ids` are the task runs that run again; those that had not run yet are not among them."""

    graphql = "restart_flow_run_payload"
    row = "flow_run"
    id: UUID | None = None
    version: int | None = None
    task_run_ids: list[UUID] | None = None


def restart_flow_run(transaction: Transaction, input: RestartFlowRunInput, caller: Caller) -> RestartFlowRunPayload:
    """Run a finished run again: what failed, or the chosen task runs, and everything downstream of them.

    What succeeded otherwise stays. The run waits for an agent, as a new one does.
    """
    run_id = canonical_id(input.flow_run_id, "flow_run_id")
    transaction.lock_flow_runs((run_id,))
    facts = transaction.fetch_one(statement("flow_run_facts"), (run_id,))
    if facts is None:
        raise NotFound(f"There is no flow run {run_id}; it may have been deleted.", id=run_id)
    if facts[3] not in states.CLOSED:
        raise MoveRefused(
            f"The flow run {run_id} is {facts[3]}: only one that is over can be restarted. Cancel it first, or wait.",
            id=run_id,
            state=facts[3],
            version=facts[2],
        )
    task_runs = transaction.fetch_all(statement("task_runs_in_states"), (run_id, _EVERY))
    again = _chosen(run_id, task_runs, input.task_run_ids)
    inner = caller.alike(caller.author)
    ids = _downstream(transaction, run_id, task_runs, again)
    pending = plain_state("Pending", "Restarted; waits to run again.")
    propose(transaction, TASK, [pending._replace(run_id=task_run_id) for task_run_id in ids], inner)
    if inner.errors:
        raise inner.errors[0][0]
    waiting = plain_state(Scheduled.__name__, "The flow run was restarted.", start_time=now())
    answer = propose_one(transaction, FLOW, waiting._replace(run_id=run_id), caller)
    transaction.execute(statement("begin_again"), (run_id,))
    return RestartFlowRunPayload(run_id, answer.version, ids)


def _chosen(run_id: str, task_runs: list[tuple[Any, ...]], given: list[str] | None) -> list[tuple[Any, ...]]:
    if given:
        wanted = {canonical_id(each, "task_run_ids") for each in given}
        found = [row for row in task_runs if row[0] in wanted]
        unknown = wanted - {row[0] for row in found}
        if unknown:
            raise NotFound(f"The flow run {run_id} has no task run {min(unknown)}.", id=min(unknown))
        return found
    bad = states.FAILED | {"Cancelled"} | states.RUNNING | states.SUBMITTED
    found = [row for row in task_runs if row[4] in bad]
    if not found and not any(row[4] in states.UNFINISHED - states.GOES_ON for row in task_runs):
        raise BadInput(
            f"No task run of the flow run {run_id} has failed; say which ones shall run again (task_run_ids)."
        )
    return found


def _downstream(
    transaction: Transaction, run_id: str, task_runs: list[tuple[Any, ...]], again: list[tuple[Any, ...]]
) -> list[str]:
    """The ids of the task runs that must run again when these do, in the order in which they were made.

    A child of a mapped task runs again alone: its siblings stay, and the parent gathers them anew.
    """
    following: dict[str, list[str]] = {}
    for upstream, downstream in transaction.fetch_all(statement("edges_of_run"), (run_id,)):
        following.setdefault(upstream, []).append(downstream)
    children = {row[0] for row in again if row[2] >= 0}
    # What follows a task that runs again, be it one child of it, runs again as a whole.
    begun = {row[1] for row in again}
    whole = {row[1] for row in again if row[2] < 0}
    left = list(begun)
    seen = set(begun)
    while left:
        for task_id in following.get(left.pop(), ()):
            whole.add(task_id)
            if task_id not in seen:
                seen.add(task_id)
                left.append(task_id)
    ids = []
    for task_run_id, task_id, _, _, state, _ in task_runs:
        concerned = task_id in whole or task_run_id in children
        # What waits to run for the first time need not be told to wait again.
        if concerned and state not in states.PENDING:
            ids.append(task_run_id)
    return ids
