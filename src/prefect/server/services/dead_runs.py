"""Runs that a process of this machine executed and that is gone."""

from __future__ import annotations

from prefect.server import states
from prefect.server.operations.base import Caller
from prefect.server.operations.runs import in_states
from prefect.server.operations.states import RESCUE, rescue_flow_run
from prefect.server.services.service import Clock, Service, Settings, Work, tell
from prefect.server.store.interface import Store
from prefect.server.store.statements import statement
from prefect.utilities.processes import is_alive, this_host


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
            # Somebody else may have resumed or rescued it since we looked, and could until it is locked.
            transaction.lock_flow_runs((run_id,))
            owner = transaction.fetch_one(statement("flow_run_owner"), (run_id,))
            if owner is None or owner[1:4] != (host, pid, started):
                continue
            if rescue_flow_run(transaction, run_id, caller):
                rescued.append(run_id)
    tell(store, caller)
    return rescued


def service(settings: Settings) -> Service:
    """Looks for them now and then: whoever opens the database does it once."""

    def work(store: Store, clock: Clock) -> Work:
        return Work.of(len(rescue_dead_runs(store)), "run", "whose process is gone: failed")

    # On every machine its own: only there can anybody see whether a process lives.
    return Service(f"dead runs on {this_host()}", settings.seconds, work)
