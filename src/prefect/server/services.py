"""What has to be done without anybody asking: loops over operations, each in bounded steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from prefect.server import states
from prefect.server.identifiers import stamp
from prefect.server.operations import audit
from prefect.server.operations.base import Caller
from prefect.server.operations.runs import in_states
from prefect.server.operations.states import RESCUE, rescue_flow_run
from prefect.server.store.interface import Store, Transaction
from prefect.server.store.statements import statement
from prefect.utilities.processes import is_alive, this_host

# Rows removed in one transaction: about 10 ms, the longest that a deletion holds writers up.
DELETION_BATCH = 1000

# Log lines indexed in one transaction: about 10 ms.
INDEXING_BATCH = 1000

_PARTS = ("delete_logs", "delete_artifacts", "delete_task_run_states", "delete_task_runs", "delete_flow_run_states")
_ENDS = ("delete_log_clients", "delete_feed", "delete_flow_run", "finish_deletion")


def rescue_dead_runs(store: Store) -> list[str]:
    """Fail the runs that processes of this host executed and that are gone; the ids of those runs."""
    host = this_host()
    with store.snapshot() as snapshot:
        owned = snapshot.fetch_all(statement("owned_flow_runs"), (in_states(states.RUNNING | states.SUBMITTED), host))
    rescued = []
    caller = Caller(author=RESCUE)
    for run_id, pid, started in owned:
        if is_alive(pid, started):
            continue
        with store.transaction() as transaction:
            # Somebody else may have resumed or rescued it since we looked.
            owner = transaction.fetch_one(statement("flow_run_owner"), (run_id,))
            if owner is None or owner[1:4] != (host, pid, started):
                continue
            if rescue_flow_run(transaction, run_id, caller):
                rescued.append(run_id)
    tell(caller)
    return rescued


def tell(caller: Caller) -> None:
    """Tell hooks what has been kept."""
    if caller.notifications:
        from prefect.server.delivery import DELIVERY

        DELIVERY.deliver(caller.notifications)


def remove_deleted_runs(
    store: Store,
    *,
    batch: int = DELETION_BATCH,
    at_most_seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Remove the rows of runs that were deleted, a bounded number at a time; False when time ran out before the end.

    Other writers take their turn between two steps. Whoever comes next goes on where this one stopped.
    """
    end = None if at_most_seconds is None else clock() + at_most_seconds
    while end is None or clock() < end:
        with store.transaction() as transaction:
            if not _remove_some(transaction, batch):
                return True
        store.give_back(batch)
    return False


def _remove_some(transaction: Transaction, batch: int) -> bool:
    row = transaction.fetch_one(statement("next_deletion"))
    if row is None:
        return False
    run_id, left = row[0], batch
    # Whoever was writing to the run when it was hidden has ended; whoever comes later finds it hidden.
    transaction.lock_flow_runs((run_id,))
    for part in _PARTS:
        left -= transaction.execute(statement(part), (run_id, left)).rowcount
        if left <= 0:
            break
    else:
        for end in _ENDS:
            transaction.execute(statement(end), (run_id,))
    return True


def index_log_words(
    store: Store,
    *,
    batch: int = INDEXING_BATCH,
    at_most_seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Make the lines that were written since last time found by their words; False when time ran out before the end."""
    end = None if at_most_seconds is None else clock() + at_most_seconds
    while end is None or clock() < end:
        if store.index_words(batch) < batch:
            return True
    return False


def forget_audit(store: Store, days: int, moment: datetime | None = None) -> None:
    """Delete what is told of who changed what so many days ago; 0 keeps all of it."""
    audit.forget(store, days, moment or datetime.now(UTC))


def apply_retention(store: Store, moment: datetime | None = None) -> None:
    """Delete the finished runs that their projects keep no longer."""
    with store.snapshot() as snapshot:
        projects = snapshot.fetch_all(statement("projects_with_retention"))
    if not projects:
        return
    moment = moment or datetime.now(UTC)
    for project_id, days in projects:
        with store.transaction() as transaction:
            transaction.execute(
                statement("hide_outlived_flow_runs"),
                (project_id, stamp(moment - timedelta(days=days)), stamp(moment), in_states(states.CLOSED)),
            )
