"""What machines that look after a server are told: /health, /ready and /metrics, over a real socket."""

import http.client
import json
import sqlite3
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest

from prefect.server import observing
from prefect.server.access import Access, access_at
from prefect.server.errors import DatabaseAway, DiskFull
from prefect.server.metrics import METRICS
from prefect.server.operations import OPERATIONS
from prefect.server.over_http import ADDRESS
from prefect.server.store.database import Store
from tests.server.conftest import Backend
from tests.server.test_app import Caller
from tests.serving import Serving


@pytest.fixture
def caller(backend: Backend, server: Serving) -> Iterator[Caller]:
    METRICS.serve(OPERATIONS)
    with server.serve(backend.endpoint), Caller(server.url) as caller:
        yield caller


def series(caller: Caller) -> dict[str, float]:
    answer = caller.send("GET", "/metrics")
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.body.decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def test_it_is_healthy_and_ready(caller: Caller) -> None:
    assert caller.send("GET", "/health").json["status"] == "ok"
    answer = caller.send("GET", "/ready")
    assert (answer.status, answer.json["status"]) == (200, "ready")
    assert answer.headers["cache-control"] == "no-store"


def test_what_was_done_can_be_read(caller: Caller, backend: Backend) -> None:
    run = backend.run(running=False)
    create = "mutation($input: {0}_input!) {{ {0}(input: $input) {{ {1} }} }}"
    moves = [{"flow_run_id": run, "state": {"type": "Running"}, "version": 1}]
    caller.ask(create.format("set_flow_run_states", "states { id }"), {"input": {"states": moves}})
    lines = [{"flow_run_id": run, "message": f"line {number}"} for number in range(3)]
    caller.ask(create.format("write_run_logs", "success"), {"input": {"logs": lines}})
    assert caller.ask("{ hello }").status == 200
    assert caller.ask("{ nothing_of_this_name }").status == 400
    found = series(caller)
    assert found['quaestor_requests_total{operation="set_flow_run_states",status="ok"}'] == 1
    assert found['quaestor_requests_total{operation="write_run_logs",status="ok"}'] == 1
    assert found['quaestor_requests_total{operation="query",status="ok"}'] == 1
    assert found['quaestor_requests_total{operation="query",status="refused"}'] == 1
    # The first of these was made by the fixture's client, before the server was asked anything.
    assert found['quaestor_transitions_total{run="flow_run",state="Running"}'] >= 1
    assert found["quaestor_log_lines_total"] == 3
    assert found['quaestor_flow_runs{state="Running"}'] == 1
    assert found['quaestor_database_uses_total{kind="write"}'] >= 2
    assert found['quaestor_request_seconds_count{kind="mutation"}'] == 2
    assert found["quaestor_database_up"] == 1
    assert found["quaestor_queue_depth"] == 0


def test_what_waits_is_told_with_how_long_it_has_waited(caller: Caller, backend: Backend) -> None:
    flow = backend.flow()
    for start in ("2020-01-01T00:00:00+00:00", "2020-01-02T00:00:00+00:00", "2999-01-01T00:00:00+00:00"):
        backend.run(flow, running=False, scheduled_start_time=start)
    found = series(caller)
    assert found["quaestor_queue_depth"] == 2
    assert found["quaestor_queue_oldest_seconds"] > 6 * 365 * 86_400
    assert found['quaestor_flow_runs{state="Scheduled"}'] == 3


def test_a_move_that_is_refused_or_undone_is_not_counted(caller: Caller, backend: Backend) -> None:
    run = backend.run()
    before = series(caller).get('quaestor_transitions_total{run="flow_run",state="Success"}', 0)
    refused = backend.reply(
        "mutation($input: set_flow_run_states_input!) { set_flow_run_states(input: $input) { states { id } } }",
        input={"states": [{"flow_run_id": run, "state": {"type": "Success"}, "version": 77}]},
    )
    assert "errors" in refused
    assert series(caller).get('quaestor_transitions_total{run="flow_run",state="Success"}', 0) == before


def test_subscribers_are_counted_as_long_as_they_listen(caller: Caller, backend: Backend, server: Serving) -> None:
    run = backend.run()
    query = f'subscription {{ flow_run_events(flow_run_id: "{run}") {{ sequence }} }}'
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    head = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    connection.request("POST", "/graphql", json.dumps({"query": query}), head)
    answer = connection.getresponse()
    answer.readline()
    assert series(caller)["quaestor_subscriptions"] == 1
    answer.close()
    connection.close()


class Full:
    """A store that reads and cannot write."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.is_full = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def write(self, work: Any) -> Any:
        if self.is_full:
            raise DiskFull("There is no room left to write to the database /secret/place.")
        return self._store.write(work)


def test_a_server_that_cannot_write_is_not_ready_until_it_can(backend_in_file: Backend, server: Serving) -> None:
    endpoint = backend_in_file.endpoint
    full = Full(endpoint.store)
    endpoint.store = full
    tenant = backend_in_file.tenant
    with server.serve(endpoint), Caller(server.url) as caller:
        assert caller.send("GET", "/ready").status == 200
        create = "mutation($input: create_project_input!) { create_project(input: $input) { id } }"
        caller.ask(create, {"input": {"tenant_id": tenant, "name": "a"}})
        answer = caller.send("GET", "/ready")
        assert answer.status == 503
        assert answer.json["problems"] == ["database: DiskFull"]
        assert caller.send("GET", "/health").status == 200
        full.is_full = False
        assert caller.send("GET", "/ready").status == 200


class Away:
    """A store that is not there."""

    kind: Literal["sqlite", "postgresql"] = "sqlite"

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def snapshot(self, *arguments: Any, **named: Any) -> Any:
        raise DatabaseAway("The server of postgresql://secret@host/runs cannot be reached.")


def test_without_its_database_it_is_not_ready_and_still_measured(backend_in_file: Backend, server: Serving) -> None:
    endpoint = backend_in_file.endpoint
    endpoint.store = Away(endpoint.store)
    with server.serve(endpoint), Caller(server.url) as caller:
        answer = caller.send("GET", "/ready")
        assert answer.status == 503
        assert answer.json["problems"] == ["database: DatabaseAway"]
        assert b"secret" not in answer.body
        found = series(caller)
        assert found["quaestor_database_up"] == 0


def test_a_service_that_has_ended_makes_it_not_ready(
    backend_in_file: Backend, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.served, "ended_services", lambda: ["scheduler"])
    with server.serve(backend_in_file.endpoint), Caller(server.url) as caller:
        answer = caller.send("GET", "/ready")
    assert (answer.status, answer.json["problems"]) == (503, ["service: scheduler"])


def test_the_metrics_are_for_this_machine_or_who_has_a_key(
    backend_in_file: Backend, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, served = backend_in_file.endpoint, server.served
    key = backend_in_file.do(
        "create_api_key", "key", name="metrics", role="read-only", default_tenant_id=backend_in_file.tenant
    )["key"]
    monkeypatch.setattr(served, "endpoint", endpoint)
    with_key = {"authorization": f"Bearer {key}"}
    here, elsewhere = {ADDRESS: "127.0.0.1"}, {ADDRESS: "10.0.0.7"}

    def may(access: Access, headers: dict[str, str]) -> bool:
        monkeypatch.setattr(served, "access", access)
        monkeypatch.setattr(endpoint, "requires_keys", access.requires_keys)
        return observing.may_read(served, headers)

    open_to_others = access_at("0.0.0.0")
    assert may(access_at("127.0.0.1"), here)
    assert may(open_to_others, here)
    assert not may(open_to_others, elsewhere)
    assert may(open_to_others, elsewhere | with_key)
    assert not may(open_to_others, elsewhere | {"authorization": "Bearer qk_0_0"})
    # A proxy on this machine brings others.
    assert not may(open_to_others, here | {"x-forwarded-for": "10.0.0.7"})
    assert not may(access_at("127.0.0.1", allowed_hosts=["runs.example.com"]), here)
    assert not may(access_at("127.0.0.1", require_keys=True), here)
    assert may(access_at("127.0.0.1", require_keys=True), here | with_key)


def test_a_page_elsewhere_cannot_read_the_metrics(backend_in_file: Backend, server: Serving) -> None:
    with server.serve(backend_in_file.endpoint), Caller(server.url) as caller:
        assert caller.send("GET", "/metrics", Origin="https://evil.example").status == 403
        assert caller.send("GET", "/metrics", Host="evil.example").status == 403


def test_whoever_must_show_a_key_is_told_so(
    backend_in_file: Backend, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend_in_file.endpoint, "requires_keys", True)
    with server.serve(backend_in_file.endpoint), Caller(server.url) as caller:
        answer = caller.send("GET", "/metrics")
        assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")


def test_a_request_has_an_id_which_is_told(caller: Caller) -> None:
    first, second = (caller.ask("{ hello }").headers["x-request-id"] for _ in range(2))
    assert first != second
    assert caller.ask("{ hello }", X_Request_ID="trace-7").headers["x-request-id"] == "trace-7"


def test_the_statement_that_tries_to_write_does(store: Store) -> None:
    from prefect.server.store.statements import statement

    pages = sqlite3.connect(store.path)
    before = store.path.with_name(store.path.name + "-wal").stat().st_size
    store.write(lambda transaction: transaction.execute(statement("touch_tenants")))
    assert store.path.with_name(store.path.name + "-wal").stat().st_size > before
    pages.close()
