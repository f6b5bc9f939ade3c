"""Rows of runs that were deleted: hidden already, removed in bounded steps."""

from __future__ import annotations

import time
from collections.abc import Callable

from prefect.server.services.service import Clock, Service, Settings, Work
from prefect.server.store.interface import Snapshot, Store, Transaction
from prefect.server.store.statements import statement

# Rows removed in one transaction: about 10 ms, the longest that a deletion holds writers up.
DELETION_BATCH = 1000
# A pass of the service ends after so long, so that a server that is told to stop need not wait for it.
PASS_SECONDS = 0.5

_PARTS = ("delete_logs", "delete_artifacts", "delete_task_run_states", "delete_task_runs", "delete_flow_run_states")
_ENDS = (
    *("delete_log_clients", "delete_feed", "delete_deliveries_of_run", "delete_events_of_run"),
    *("delete_automation_run", "delete_flow_run", "finish_deletion"),
)


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


def service(settings: Settings) -> Service:
    """Removes what was hidden: by deletions that were too large to be done at once, schedules, and retention."""

    def work(store: Store, clock: Clock) -> Work:
        finished = remove_deleted_runs(store, at_most_seconds=PASS_SECONDS)
        return Work("" if finished else "removed rows of deleted runs", more=not finished)

    def is_needed(snapshot: Snapshot, moment: str) -> bool:
        return snapshot.fetch_one(statement("any_deletion")) is not None

    return Service("deletion", settings.seconds, work, is_needed)
