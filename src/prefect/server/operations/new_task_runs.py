"""Task runs begin: waiting, and numbered in the feed of their flow run."""

from __future__ import annotations

from collections.abc import Sequence

from prefect.server.identifiers import new_ids
from prefect.server.operations.values import encode_json
from prefect.server.store.interface import Transaction
from prefect.server.store.statements import statement

# The first state of every task run, as 1.x writes it.
PENDING_STATE = "Pending"
PENDING_MESSAGE = "Task run created"
PENDING_TEXT = encode_json({"type": PENDING_STATE, "message": PENDING_MESSAGE}, "a state")

_INSERT_TASK_RUN = statement("insert_task_run")
_INSERT_FIRST_STATE = statement("insert_first_task_run_state")


def insert_task_runs(
    transaction: Transaction,
    flow_run_id: str,
    tenant_id: str | None,
    tasks: Sequence[tuple[str, int, str | None]],
    sequence: int,
    moment: str,
    run_ids: Sequence[str] | None = None,
) -> list[str]:
    """Waiting task runs for (task id, map index, cache key); they take the numbers behind `sequence`. Their ids."""
    count = len(tasks)
    state_ids = new_ids(count)
    run_ids = new_ids(count) if run_ids is None else list(run_ids)
    numbers = range(sequence + 1, sequence + 1 + count)
    transaction.execute_many(
        _INSERT_TASK_RUN,
        [
            (
                run_id,
                tenant_id,
                moment,
                flow_run_id,
                task_id,
                map_index,
                PENDING_STATE,
                PENDING_MESSAGE,
                PENDING_TEXT,
                cache_key,
                number,
            )
            for run_id, (task_id, map_index, cache_key), number in zip(run_ids, tasks, numbers, strict=True)
        ],
    )
    transaction.execute_many(
        _INSERT_FIRST_STATE,
        [
            (state_id, tenant_id, flow_run_id, run_id, number, moment, PENDING_STATE, PENDING_MESSAGE, PENDING_TEXT)
            for state_id, run_id, number in zip(state_ids, run_ids, numbers, strict=True)
        ],
    )
    return run_ids
