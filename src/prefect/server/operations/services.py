"""How the services of the server are doing: what it does without being asked."""

from __future__ import annotations

from prefect.server.operations.base import Caller, Payload
from prefect.server.operations.values import DateTime
from prefect.server.store.interface import Snapshot
from prefect.server.store.statements import statement


class ServiceStatus(Payload):
    """`started` and `finished` are of the last passes that began and that went well; `duration` is in seconds.

    `is_running` says that a pass is under way; `last_error` is kept after later passes went well.
    """

    graphql = "service_status"
    name: str | None = None
    host: str | None = None
    started: DateTime | None = None
    finished: DateTime | None = None
    duration: float | None = None
    passes: int | None = None
    failures: int | None = None
    last_work: str | None = None
    last_work_at: DateTime | None = None
    last_error: str | None = None
    last_error_at: DateTime | None = None
    is_running: bool | None = None


def services(snapshot: Snapshot, caller: Caller) -> list[ServiceStatus]:
    """How each service of the server is doing; none where no server has run on this database.

    What was done and what went wrong may be about anybody's runs: who asks for one tenant is told the kind of error.
    """
    found = []
    for *known, held_until in snapshot.fetch_all(statement("services")):
        status = ServiceStatus(*[*known, held_until is not None])
        if caller.tenant_id is not None:
            status.last_work = None
            status.last_error = None if status.last_error is None else status.last_error.partition(":")[0]
        found.append(status)
    return found
