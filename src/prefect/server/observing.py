"""How a server is doing, for machines that look after it: `/health`, `/ready` and `/metrics`.

`/health` says that the process answers, `/ready` that it can do its work. Load balancers ask both without a key, so
neither tells more than that; `/metrics` tells what goes on, and whom it tells is said by `may_read`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from prefect.server import metrics, over_http
from prefect.server.access import database_away, headers_of
from prefect.server.errors import StoreError, Unauthenticated
from prefect.server.identifiers import stamp
from prefect.server.metrics import METRICS
from prefect.server.over_http import ADDRESS, Refused, is_loopback
from prefect.server.services import turns
from prefect.server.store.statements import statement
from prefect.utilities.version import VERSION

if TYPE_CHECKING:
    from starlette.requests import Request

    from prefect.server.app import Served
    from prefect.server.store.interface import Store

# Whoever asks whether we are ready decides by it where requests go: a late answer is as good as none.
READY_SECONDS: Final = 2.0
# Counting every run of a large database takes a while, and what is counted hardly changes meanwhile.
COUNTED_SECONDS: Final = 10.0
COUNTING_SECONDS: Final = 5.0
# Load balancers, exporters and their proxies add these to what they pass on.
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")


def routes(served: Served) -> list[Route]:
    """What those that look after the server ask."""
    counted = Counted()

    async def health(request: Request) -> Response:
        return _json({"status": "ok", "version": VERSION})

    async def gateway_health(request: Request) -> Response:
        # What the gateway of 1.x answered to its load balancers.
        return _json({"status": "pass"})

    async def ready(request: Request) -> Response:
        problems = ["stopping"] if served.stopping.is_set() else await served.read(what_is_wrong, served)
        if problems:
            return _json({"status": "not ready", "problems": problems, "version": VERSION}, 503)
        return _json({"status": "ready", "version": VERSION})

    async def measured(request: Request) -> Response:
        try:
            headers, refused = headers_of(request.scope)
            over_http.check_sender(
                headers.get("host"), headers.get("origin"), headers.get("sec-fetch-site"), served.access.names
            )
            if refused is not None:
                raise refused
            text = await served.read(exposition, served, headers, counted)
        except Refused as error:
            return Response(error.body, error.status, media_type="application/json")
        return Response(text, media_type=metrics.CONTENT_TYPE)

    return [
        Route("/health", health, methods=["GET"]),
        Route("/ready", ready, methods=["GET"]),
        Route("/.well-known/apollo/server-health", gateway_health, methods=["GET"]),
        Route("/metrics", measured, methods=["GET"]),
    ]


def _json(content: dict[str, object], status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, {"cache-control": "no-store"}, "application/json")


def what_is_wrong(served: Served) -> list[str]:
    """Why the server cannot do its work, in words that tell nobody where what is; empty where it can."""
    problems = []
    endpoint = served.endpoint
    try:
        with endpoint.store.snapshot(READY_SECONDS, single=True) as snapshot:
            snapshot.fetch_one(statement("any_tenant"))
        if endpoint.trouble is not None:
            # Somebody's request could not be written. Whether one could be now is found out by writing.
            endpoint.store.write(lambda transaction: transaction.execute(statement("touch_tenants")))
            endpoint.trouble = None
    except StoreError as error:
        problems.append(f"database: {type(error).__name__}")
    problems.extend(f"service: {name}" for name in served.ended_services())
    return problems


def may_read(served: Served, headers: Mapping[str, str]) -> bool:
    """Whether who asks may see what goes on: with a key, or from this machine, if that is not where a proxy is.

    Raises:
        StoreError: there is a key, and it cannot be looked up at the moment.
    """
    if not served.endpoint.requires_keys:
        return True
    # Whoever comes through a proxy of this machine comes from this machine.
    is_proxied = bool(served.access.names.hosts) or any(name in headers for name in _FORWARDED)
    if served.access.names.is_reachable and not is_proxied and is_loopback(headers[ADDRESS]):
        return True
    try:
        served.endpoint.role(headers)
    except Unauthenticated:
        return False
    return True


class Counted:
    """What was last counted in the database."""

    def __init__(self) -> None:
        self.store: Store | None = None
        self.at = 0.0
        self.lines: list[str] = []


def exposition(served: Served, headers: Mapping[str, str], counted: Counted) -> str:
    """The text that Prometheus reads.

    Raises:
        Refused: who asks has to show a key, or shows one that cannot be looked up at the moment.
    """
    try:
        is_allowed = may_read(served, headers)
    except StoreError as error:
        raise database_away(error) from None
    if not is_allowed:
        message = "The metrics of this server are for who has one of its keys: Authorization: Bearer KEY."
        raise Refused(401, "UNAUTHENTICATED", message)
    store = served.endpoint.store
    if counted.store is not store or time.monotonic() - counted.at > COUNTED_SECONDS or not counted.lines:
        try:
            counted.store, counted.lines, counted.at = store, list(_counted(store)), time.monotonic()
        except StoreError:
            # How many runs there are is not known; how often the database could not be used is.
            counted.lines = []
    up = metrics.series("quaestor_info", (("version", VERSION), ("database", store.kind)))
    lines = [
        *metrics.heading("quaestor_info", "gauge", "What is running."),
        f"{up} 1",
        *metrics.heading("quaestor_database_up", "gauge", "Whether the database could be read just now."),
        f"quaestor_database_up {1 if counted.lines else 0}",
        *METRICS.lines(),
        *counted.lines,
    ]
    return "\n".join(lines) + "\n"


def _counted(store: Store) -> Iterator[str]:
    """What stands in the database: how many runs wait and what they do, and how the services are."""
    moment = datetime.now(UTC)
    with store.snapshot(COUNTING_SECONDS) as snapshot:
        by_state = snapshot.fetch_all(statement("flow_runs_by_state"))
        due = snapshot.fetch_one(statement("flow_runs_due"), (stamp(moment),))
    assert due is not None
    yield from metrics.heading("quaestor_flow_runs", "gauge", "Flow runs by the state that they are in.")
    for state, count in by_state:
        yield f"{metrics.series('quaestor_flow_runs', [('state', state)])} {count}"
    count, oldest = due
    late = 0.0 if oldest is None else max(0.0, (moment - datetime.fromisoformat(oldest)).total_seconds())
    yield from metrics.heading("quaestor_queue_depth", "gauge", "Flow runs whose time has come and that no agent has.")
    yield f"quaestor_queue_depth {count}"
    yield from metrics.heading("quaestor_queue_oldest_seconds", "gauge", "For how long the first of them has waited.")
    yield f"quaestor_queue_oldest_seconds {metrics.number(round(late, 3))}"
    rows = turns.every(store)
    for name, kind, help, place in (
        ("quaestor_service_passes_total", "counter", "Passes of a service that went well, of all servers.", 5),
        ("quaestor_service_failures_total", "counter", "Passes that failed.", 6),
        ("quaestor_service_last_pass_seconds", "gauge", "How long the last pass took.", 4),
    ):
        yield from metrics.heading(name, kind, help)
        for row in rows:
            if row[place] is not None:
                yield f"{metrics.series(name, [('service', row[0])])} {metrics.number(float(row[place]))}"
    name = "quaestor_service_last_pass_timestamp_seconds"
    yield from metrics.heading(name, "gauge", "When the last pass ended.")
    for row in rows:
        if row[3] is not None:
            ended = datetime.fromisoformat(row[3]).timestamp()
            yield f"{metrics.series(name, [('service', row[0])])} {metrics.number(ended)}"
