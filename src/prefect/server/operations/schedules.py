"""What a schedule has planned, and where it stands: kept up to date by whoever changes a flow or its group.

Runs are planned by `services/scheduler.py`. It and what is here exclude each other by the lock of definitions.
"""

from __future__ import annotations

from prefect.server import states
from prefect.server.identifiers import new_id
from prefect.server.operations.runs import in_states
from prefect.server.store.interface import Transaction
from prefect.server.store.statements import statement

_WAITING = in_states(states.SCHEDULED)


def begin_schedule(
    transaction: Transaction, flow_id: str, tenant_id: str | None, moment: str, former: str | None = None
) -> None:
    """Let the schedule of a flow plan runs from now on, in place of what was planned before.

    Events whose runs have been taken already, ahead of their time, are not planned again; `former` is the version of
    the flow whose place it takes.
    """
    forget_planned(transaction, flow_id, moment)
    taken = transaction.fetch_one(statement("last_taken_event"), (former or flow_id, moment))
    since = moment if taken is None or taken[0] is None else max(taken[0], moment)
    transaction.execute(statement("begin_schedule"), (flow_id, tenant_id, new_id(), since, moment))


def end_schedule(transaction: Transaction, flow_id: str, moment: str) -> None:
    """Let it plan nothing any more; what it has planned goes."""
    forget_planned(transaction, flow_id, moment)
    transaction.execute(statement("end_schedule"), (flow_id,))


def forget_planned(transaction: Transaction, flow_id: str, moment: str) -> None:
    """What a schedule has planned and nobody has taken yet disappears."""
    planned = [row[0] for row in transaction.fetch_all(statement("planned_flow_runs"), (flow_id, _WAITING))]
    if not planned:
        return
    # An agent may be taking one of them at this moment: then it stays.
    transaction.lock_flow_runs(planned)
    transaction.execute_many(statement("hide_planned_flow_run"), [(run_id, moment, _WAITING) for run_id in planned])
    transaction.execute_many(statement("release_idempotency_key"), [(run_id,) for run_id in planned])
