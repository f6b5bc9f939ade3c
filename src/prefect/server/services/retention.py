"""What is kept no longer: finished runs of projects that say so, old rows of the audit, old messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from prefect.server import states
from prefect.server.identifiers import stamp
from prefect.server.operations.runs import in_states
from prefect.server.services.service import Clock, Service, Settings, Work
from prefect.server.store.interface import Store
from prefect.server.store.statements import statement

_BATCH: Final = 1000


def forget_audit(store: Store, days: int, moment: datetime | None = None) -> None:
    """Delete what is told of who changed what so many days ago; 0 keeps all of it."""
    _forget(store, "oldest_audit", "forget_audit", days, moment)


def forget_messages(store: Store, days: int, moment: datetime | None = None) -> None:
    """Delete the messages of hooks and automations that are so many days old, read or not; 0 keeps all of them."""
    _forget(store, "oldest_message", "forget_messages", days, moment)


def _forget(store: Store, oldest: str, forget: str, days: int, moment: datetime | None) -> None:
    if days <= 0:
        return
    before = stamp((moment or datetime.now(UTC)) - timedelta(days=days))
    with store.snapshot() as snapshot:
        first = snapshot.fetch_one(statement(oldest))
    while first is not None and first[0] < before:
        with store.transaction() as transaction:
            if transaction.execute(statement(forget), (before, _BATCH)).rowcount < _BATCH:
                return


def apply_retention(store: Store, moment: datetime | None = None) -> int:
    """Delete the finished runs that their projects keep no longer; how many were hidden for it."""
    with store.snapshot() as snapshot:
        projects = snapshot.fetch_all(statement("projects_with_retention"))
    hidden = 0
    moment = moment or datetime.now(UTC)
    for project_id, days in projects:
        with store.transaction() as transaction:
            hidden += transaction.execute(
                statement("hide_outlived_flow_runs"),
                (project_id, stamp(moment - timedelta(days=days)), stamp(moment), in_states(states.CLOSED)),
            ).rowcount
    return hidden


def service(settings: Settings) -> Service:
    """Hides them; their rows are removed by the deletion."""

    def work(store: Store, clock: Clock) -> Work:
        from prefect.configuration import config

        forget_audit(store, int(config.server.audit.retention_days), clock())
        forget_messages(store, int(config.server.messages.retention_days), clock())
        return Work.of(apply_retention(store, clock()), "run", "older than its project keeps: deleted")

    return Service("retention", settings.seconds, work)
