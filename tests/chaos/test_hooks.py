"""A server that is killed while its hooks have something to tell: all of it is told, and nothing that never was."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import receiving
from tests.agent.running import until
from tests.chaos.writers import PATIENCE_SECONDS, Writer, advance, check_file, flow_of, sizes, writing
from tests.journeys.killing import Query, query_of_file, query_of_url
from tests.server_process import Server

STATES = ("Running", "Success")


@pytest.fixture(params=["sqlite", "postgres"])
def query(request: pytest.FixtureRequest, tmp_path: Path) -> Query:
    """Asks the database past its server."""
    if request.param == "sqlite":
        return query_of_file(tmp_path / "served.db")
    return query_of_url(request.getfixturevalue("postgres_url"))


@pytest.fixture
def server(request: pytest.FixtureRequest, query: Query, tmp_path: Path) -> Iterator[Server]:
    is_sqlite = "sqlite" in request.node.callspec.params.values()
    database = tmp_path / "served.db" if is_sqlite else request.getfixturevalue("postgres_url")
    server = Server(database, home=tmp_path / "home of the server")
    # The receiver is on this machine.
    server.environment["PREFECT__SERVER__HOOKS__ALLOW_PRIVATE"] = "true"
    server.start()
    yield server
    server.kill()


class RunAfterRun(Writer):
    """Lets one flow run after another begin and end; `run` is the one at hand."""

    def __init__(self, server: Server, flow: str, number: int) -> None:
        super().__init__(server, flow, number)
        self.runs: list[str] = []

    def _write(self) -> None:
        made = "mutation($input: create_flow_run_input!) { create_flow_run(input: $input) { id } }"
        while not self.stopping.is_set():
            key = str(uuid.uuid4())
            run = self.tell(made, flow_id=self.flow, idempotency_key=key)["create_flow_run"]["id"]
            for version, name in enumerate(STATES, 1):
                self.move("flow", run, version, name)
                self.acknowledged.append(f"{run} {name}")
                self.lines += 1
            # No more than can be told.
            self.stopping.wait(0.02)


def committed(query: Query) -> set[str]:
    """What a hook is to tell, as the database has it."""
    found = query("SELECT CAST(flow_run_id AS text), state FROM flow_run_state")
    return {f"{run} {state}" for run, state in found if state in STATES}


def told(receiver: receiving.Http) -> dict[str, set[str]]:
    """What has arrived, and under which ids."""
    found: dict[str, set[str]] = defaultdict(set)
    for request in list(receiver.requests):
        assert request.json["id"] == request.headers["X-Quaestor-Event"]
        found[f"{request.json['flow_run_id']} {request.json['state']}"].add(request.json["id"])
    return found


def let_a_minute_pass(query: Query) -> None:
    """For those that a server which is dead had claimed: longer than it might still have been at it."""
    query("UPDATE hook_delivery SET due = '2020-01-01T00:00:00+00:00' WHERE due IS NOT NULL RETURNING id")


@pytest.mark.timeout(3600)
@sizes((4, 3), (100, 10))
def test_what_hooks_have_to_tell_outlives_the_server(server: Server, query: Query, size: tuple[int, ...]) -> None:
    rounds, count = size
    choose = random.Random(10)
    flow = flow_of(server)
    tenant = server.ask("{ tenant { id } }")["tenant"][0]["id"]
    writers = [RunAfterRun(server, flow, number) for number in range(count)]
    with receiving.http() as receiver:
        made = "mutation($input: create_cloud_hook_input!) { create_cloud_hook(input: $input) { id } }"
        values = {"tenant_id": tenant, "type": "WEBHOOK", "states": list(STATES), "config": {"url": receiver.url}}
        server.ask(made, {"input": values})
        with writing(writers):
            for number in range(rounds):
                if number % 2:
                    # Some are under way, and never answered.
                    receiver.answering.clear()
                    arrived = len(receiver.requests)
                    until(lambda arrived=arrived: len(receiver.requests) > arrived, "a request", PATIENCE_SECONDS)  # type: ignore[misc]
                advance(writers, choose.randint(1, 4 * count))
                server.kill()
                receiver.answering.set()
                server.start()
            server.kill()
            for writer in writers:
                writer.stopping.set()
            if size[0] < 10:
                let_a_minute_pass(query)
            server.start()
        expected = committed(query)
        until(lambda: len(told(receiver)) >= len(expected), "all of it is told", PATIENCE_SECONDS)
        waiting = '{ hook_delivery(where: {status: {_neq: "delivered"}}) { id status last_error } }'
        until(lambda: server.ask(waiting)["hook_delivery"] == [], "that all of it has arrived", PATIENCE_SECONDS)
    assert [writer.problems for writer in writers if writer.problems] == []
    assert {each for writer in writers for each in writer.acknowledged} <= expected
    ids = told(receiver)
    assert set(ids) == expected
    # Told again it has the same id, and nothing else has.
    assert {event: found for event, found in ids.items() if len(found) != 1} == {}
    assert len({id for found in ids.values() for id in found}) == len(expected)
    assert len(receiver.requests) > len(expected)
    check_file(server)
