"""Finished runs that their projects keep no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prefect.server import states
from prefect.server.identifiers import stamp
from prefect.server.operations import audit
from prefect.server.operations.runs import in_states
from prefect.server.services.service import Clock, Service, Settings, Work
from prefect.server.store.interface import Store
from prefect.server.store.statements import statement


def forget_audit(store: Store, days: int, moment: datetime | None = None) -> None:
    """Delete what is told of who changed what so many days ago; 0 keeps all of it."""
    audit.forget(store, days, moment or datetime.now(UTC))


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
        return Work.of(apply_retention(store, clock()), "run", "older than its project keeps: deleted")

    return Service("retention", settings.seconds, work)
