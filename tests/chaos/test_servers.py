"""Servers that are killed, cut off or full: what was acknowledged is there, once and in order.

In small here; in full, with the numbers of the promise, by `make chaos`.
"""

from __future__ import annotations

import contextlib
import json
import random
import select
import socket
import sqlite3
import subprocess
import threading
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from prefect.agent import Agent
from prefect.client.client import Client
from prefect.configuration import config
from prefect.utilities.graphql import GraphQLResult
from tests.agent.running import until
from tests.server_process import Json, Server
from tests.support import postgres

SMALL, FULL = "small", "full"
# For a thousand runs on a busy machine.
PATIENCE_SECONDS = 900.0


def sizes(small: tuple[int, ...], full: tuple[int, ...]) -> pytest.MarkDecorator:
    given = [pytest.param(small, id=SMALL), pytest.param(full, id=FULL, marks=[pytest.mark.chaos])]
    return pytest.mark.parametrize("size", given)


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    database = tmp_path / "served.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    server = Server(database, home=tmp_path / "home of the server")
    server.start()
    yield server
    server.kill()


def flow_of(server: Server) -> str:
    """The id of a flow of one task."""
    tenant = server.ask("{ tenant { id } }")["tenant"][0]["id"]
    made = "mutation($input: create_project_input!) { create_project(input: $input) { id } }"
    project = server.ask(made, {"input": {"tenant_id": tenant, "name": "chaos"}})["create_project"]["id"]
    document: Json = {"name": "written", "tasks": [{"slug": "task-1", "name": "task", "type": "Task", "tags": []}]}
    document |= {"edges": [], "parameters": [], "storage": {"type": "Local"}, "type": "Flow"}
    made = "mutation($input: create_flow_input!) { create_flow(input: $input) { id } }"
    flow = server.ask(made, {"input": {"project_id": project, "serialized_flow": document}})["create_flow"]["id"]
    assert isinstance(flow, str)
    return flow


class Writer:
    """Writes states and log lines of one run, each again until it is acknowledged."""

    def __init__(self, url: str, flow: str, number: int) -> None:
        self.url, self.flow, self.number = url, flow, number
        self.run = self.task_run = ""
        self.acknowledged: list[str] = []
        self.lines = 0
        self.problems: list[Any] = []
        self.refusals: Counter[str] = Counter()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._work, name=f"writer {number}")

    def tell(self, document: str, **values: Any) -> Json:
        body = json.dumps({"query": document, "variables": {"input": values}}).encode()
        while True:
            request = urllib.request.Request(self.url, body, headers={"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    answer: Json = json.load(response)
            except urllib.error.HTTPError as error:
                with error:
                    told = error.read().decode()
                if error.code not in (502, 503, 504, 507):
                    raise AssertionError((error.code, told)) from None
                self.refusals["DISK_FULL" if "no room" in told else str(error.code)] += 1
            except (OSError, ValueError, EOFError):
                pass  # it was killed, or cut off
            except Exception as error:
                if type(error).__module__ != "http.client":
                    raise
            else:
                if "errors" not in answer:
                    data: Json = answer["data"]
                    return data
                code = answer["errors"][0].get("extensions", {}).get("code")
                self.refusals[code] += 1
                if code not in ("API_ERROR", "DATABASE_AWAY", "DISK_FULL"):
                    raise AssertionError(answer)
            threading.Event().wait(0.02)

    def move(self, kind: str, id: str, version: int, name: str) -> None:
        state = {f"{kind}_run_id": id, "version": version, "state": {"type": name}, "idempotency_id": str(uuid.uuid4())}
        of = f"set_{kind}_run_states"
        said = self.tell(
            f"mutation($input: {of}_input!) {{ {of}(input: $input) {{ states {{ status }} }} }}", states=[state]
        )
        assert said[of]["states"] == [{"status": "SUCCESS"}], said

    def _work(self) -> None:
        try:
            self._write()
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.problems.append(repr(error))

    def _write(self) -> None:
        made = "mutation($input: create_flow_run_input!) { create_flow_run(input: $input) { id } }"
        key = str(uuid.uuid4())
        self.run = self.tell(made, flow_id=self.flow, idempotency_key=key)["create_flow_run"]["id"]
        self.move("flow", self.run, 1, "Running")
        found = self.tell(f'query {{ task_run(where: {{flow_run_id: {{_eq: "{self.run}"}}}}) {{ id version }} }}')
        (self.task_run, version) = (found["task_run"][0]["id"], found["task_run"][0]["version"])
        while not self.stopping.is_set():
            for name in ("Running", "Retrying"):
                self.move("task", self.task_run, version, name)
                version += 1
                self.acknowledged.append(name)
                line: Json = {"flow_run_id": self.run, "message": str(self.lines), "level": "INFO"}
                line |= {"client_id": self.run, "client_sequence": self.lines + 1}
                self.tell(
                    "mutation($input: write_run_logs_input!) { write_run_logs(input: $input) { success } }", logs=[line]
                )
                self.lines += 1


def check(server: Server, writers: list[Writer]) -> None:
    """Everything that was acknowledged is there, once and in order."""
    assert [writer.problems for writer in writers if writer.problems] == []
    for writer in writers:
        found = server.ask(
            f"""{{ flow_run_by_pk(id: "{writer.run}") {{
              logs(order_by: {{sequence: asc}}, limit: 1000000) {{ message }} task_runs {{
                state version states(order_by: {{version: asc}}, limit: 1000000) {{ version state }} }} }} }}"""
        )["flow_run_by_pk"]
        (task_run,) = found["task_runs"]
        states = [each["state"] for each in task_run["states"]]
        assert states == ["Pending", *writer.acknowledged]
        assert [each["version"] for each in task_run["states"]] == list(range(1, len(states) + 1))
        assert (task_run["state"], task_run["version"]) == (states[-1], len(states))
        assert [each["message"] for each in found["logs"]] == [str(number) for number in range(writer.lines)]
    if isinstance(server.database, Path):
        with closing(sqlite3.connect(server.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@contextlib.contextmanager
def writing(url: str, flow: str, count: int) -> Iterator[list[Writer]]:
    """Writers at work, which end at the end of the block with what they are about."""
    writers = [Writer(url, flow, number) for number in range(count)]
    for writer in writers:
        writer.thread.start()
    try:
        yield writers
    finally:
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.thread.join(120)
            assert not writer.thread.is_alive()


def total(writers: list[Writer]) -> int:
    return sum(writer.lines for writer in writers)


def advance(writers: list[Writer], lines: int) -> None:
    """Wait until so many lines more are acknowledged."""
    before = total(writers)

    def has_advanced() -> bool:
        assert [writer.problems for writer in writers if writer.problems] == []
        return total(writers) > before + lines

    until(
        has_advanced,
        f"{lines} lines more; so far it was refused {[writer.refusals for writer in writers]}",
        PATIENCE_SECONDS,
    )


@pytest.mark.timeout(3600)
@sizes((3, 6), (200, 50))
def test_a_server_that_is_killed_under_its_writers_keeps_what_it_acknowledged(
    server: Server, size: tuple[int, ...]
) -> None:
    rounds, count = size
    choose = random.Random(5)
    flow = flow_of(server)
    with writing(server.url, flow, count) as writers:
        for _ in range(rounds):
            advance(writers, choose.randint(1, 2 * count))
            server.kill()
            server.start()
    check(server, writers)


class Cut:
    """A network between a client and a server: a proxy that can be cut, so that nothing passes and nobody is told."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.is_cut = False
        self.is_closed = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._thread = threading.Thread(target=self._work, name="network")
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _work(self) -> None:
        while not self.is_closed:
            ways = {} if self.is_cut else {one: other for pair in self._pairs for one, other in (pair, pair[::-1])}
            for ready in select.select([*ways, *([] if self.is_cut else [self.listening])], [], [], 0.02)[0]:
                with contextlib.suppress(OSError):
                    if ready is self.listening:
                        near = self.listening.accept()[0]
                        self._pairs.append((near, socket.create_connection(("127.0.0.1", self.target), 30)))
                        continue
                    data = ready.recv(1 << 16)
                    if data:
                        ways[ready].sendall(data)
                        continue
                self._drop(ready)

    def _drop(self, end: socket.socket) -> None:
        for pair in [pair for pair in self._pairs if end in pair]:
            self._pairs.remove(pair)
            for each in pair:
                each.close()

    def cut(self) -> None:
        """From now on nothing passes; what is under way is lost with its connections when it is mended."""
        self.is_cut = True

    def mend(self) -> None:
        for pair in list(self._pairs):
            self._drop(pair[0])
        self.is_cut = False

    def close(self) -> None:
        self.is_closed = True
        self._thread.join()
        for pair in list(self._pairs):
            self._drop(pair[0])
        self.listening.close()


@pytest.mark.timeout(3600)
@sizes((3, 4), (50, 20))
def test_a_network_that_is_cut_loses_and_doubles_nothing(server: Server, size: tuple[int, ...]) -> None:
    rounds, count = size
    choose = random.Random(6)
    flow = flow_of(server)
    with closing(Cut(server.port)) as network, writing(network.url, flow, count) as writers:
        for _ in range(rounds):
            advance(writers, choose.randint(1, count))
            network.cut()
            threading.Event().wait(choose.random() / 5)
            network.mend()
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.thread.join(120)
    check(server, writers)


@pytest.mark.timeout(3600)
@sizes((2, 4), (30, 20))
def test_a_postgresql_that_restarts_under_load_costs_nothing(tmp_path: Path, size: tuple[int, ...]) -> None:
    pytest.importorskip("psycopg", reason="PostgreSQL: psycopg is not installed")
    rounds, count = size
    try:
        with postgres.own_server() as database:
            server = Server(database.url(), home=tmp_path / "home of the server")
            server.start()
            try:
                with writing(server.url, flow_of(server), count) as writers:
                    for _ in range(rounds):
                        advance(writers, count)
                        postgres.stop(database.directory)
                        postgres.run(database.directory)
                    advance(writers, count)
                check(server, writers)
            finally:
                server.kill()
    except postgres.NoPostgres as error:
        pytest.skip(f"PostgreSQL: {str(error).splitlines()[0]}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes; only root can make one."""
    place = tmp_path / "small"
    place.mkdir()
    try:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(place)], capture_output=True)
    except FileNotFoundError:
        pytest.skip("There is no mount command to make a small file system with.")
    if done.returncode:
        pytest.skip("A small file system cannot be made here: mounting is not allowed.")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.timeout(3600)
@sizes((4,), (30,))
def test_a_disk_that_is_full_refuses_and_keeps_what_it_has(
    small_disk: Path, tmp_path: Path, size: tuple[int, ...]
) -> None:
    server = Server(small_disk / "served.db", home=tmp_path / "home of the server")
    server.start()
    filler = small_disk / "filler"
    try:
        with writing(server.url, flow_of(server), size[0]) as writers:
            advance(writers, size[0])
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
            until(
                lambda: any(sum(writer.refusals.values()) or writer.problems for writer in writers),
                "a refusal",
                PATIENCE_SECONDS,
            )
            filler.unlink()
            advance(writers, size[0])
            if server.process is not None:
                assert server.process.poll() is None
        check(server, writers)
    finally:
        server.kill()


class Counting(Agent):
    """An agent that notes what it is to start."""

    def __init__(self, started: list[str], number: int) -> None:
        self.started = started
        super().__init__(name=f"agent {number}", labels=["counted"])

    def deploy_flow(self, flow_run: GraphQLResult) -> str:
        self.started.append(flow_run["id"])
        return "noted"


@pytest.mark.timeout(3600)
@sizes((4, 40), (20, 1000))
def test_every_run_is_submitted_once_by_many_agents_while_their_server_restarts(
    server: Server, size: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    agents, count = size
    monkeypatch.setitem(config, "backend", "server")
    monkeypatch.setitem(config.cloud, "api", server.url)
    flow = flow_of(server)
    client = Client()
    runs = [client.create_flow_run(flow, labels=["counted"], run_name=str(number)) for number in range(count)]
    started: list[str] = []
    working = [Counting(started, number) for number in range(agents)]
    threads = [threading.Thread(target=agent.start, name=repr(agent)) for agent in working]
    for thread in threads:
        thread.start()
    try:
        until(lambda: len(started) > count // 4, "some that are started", PATIENCE_SECONDS)
        server.kill()
        server.start()
        until(lambda: len(started) >= count, "all", PATIENCE_SECONDS)
    finally:
        for agent in working:
            agent.stop()
        for thread in threads:
            thread.join(120)
    assert Counter(started) == Counter(runs)
    found = client.graphql(
        "query { flow_run(limit: 100000) { id states(order_by: {version: asc}) { state } logs { message } } }"
    ).data.flow_run
    assert len(found) == count
    assert {tuple(state.state for state in run.states) for run in found} == {("Scheduled", "Submitted")}
    assert {tuple(line.message for line in run.logs) for run in found} == {("Submitted for execution: noted",)}
