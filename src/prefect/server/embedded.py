"""The backend in this process: one endpoint for each database."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from prefect.server import services
from prefect.server.endpoint import Endpoint
from prefect.server.graphql import limits
from prefect.server.store.opening import canonical, open_store
from prefect.utilities.conversion import convert

_lock = threading.Lock()
_endpoints: dict[str, Endpoint] = {}

# Deletions that an earlier process left unfinished go on for this long when a file is opened.
DELETION_AT_OPENING_SECONDS = 0.1


def open_endpoint(path: str | os.PathLike[str] | None = None, *, synchronous: str = "NORMAL") -> Endpoint:
    """The endpoint for a database file or the URL of a database, opened once in each process; None opens the
    configured file.

    Opening creates the file where there is none, fails the runs whose process is gone, and goes on with
    deletions and with what hooks have to tell.

    Raises:
        StoreError: the database cannot be used; the message says why and what to do.
    """
    if path is None:
        from prefect.configuration import config

        path = config.embedded.database
    real = canonical(path)
    endpoint = _endpoints.get(real)
    if endpoint is not None:
        return endpoint
    with _lock:
        endpoint = _endpoints.get(real)
        if endpoint is not None:
            return endpoint
        store = open_store(real, synchronous=synchronous)
        services.rescue_dead_runs(store)
        services.apply_retention(store)
        services.remove_deleted_runs(store, at_most_seconds=DELETION_AT_OPENING_SECONDS)
        services.tell_what_is_left(store)
        from prefect.configuration import config

        services.forget_audit(store, int(config.server.audit.retention_days))
        services.forget_messages(store, int(config.server.messages.retention_days))
        endpoint = _endpoints[real] = Endpoint(store, limits=limits.read(config.server.graphql.limits))
        return endpoint


def wait(
    endpoint: Endpoint, asked: Mapping[str, Any], agent_id: str | None, is_over: Callable[[], bool]
) -> dict[str, Any]:
    """What is waited for (`prefect.server.operations.waits.Request`), as the server answers it over HTTP."""
    from prefect.server.operations.waits import Request, wait_alone

    answer = wait_alone(endpoint.store, convert(dict(asked), Request), agent_id, is_over)
    return {"due": answer.due, "stop": answer.stop}


def rescue_dead_runs(endpoint: Endpoint) -> None:
    """What opening does for the runs whose process is gone, once more."""
    services.rescue_dead_runs(endpoint.store)


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
