"""Servers that are killed, cut off or full: what was acknowledged is there, once and in order.

In small here; in full, with the numbers of the promise, by `make chaos`.
"""

from __future__ import annotations

import contextlib
import random
import select
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from prefect.agent import Agent
from prefect.client.client import Client
from prefect.configuration import config
from prefect.utilities.graphql import GraphQLResult
from tests.agent.running import until
from tests.chaos.writers import PATIENCE_SECONDS, advance, check, flow_of, sizes, writers_of, writing
from tests.server_process import Server
from tests.support import postgres


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    database = tmp_path / "served.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    server = Server(database, home=tmp_path / "home of the server")
    server.start()
    yield server
    server.kill()


@pytest.mark.timeout(3600)
@sizes((3, 6), (200, 50))
def test_a_server_that_is_killed_under_its_writers_keeps_what_it_acknowledged(
    server: Server, size: tuple[int, ...]
) -> None:
    rounds, count = size
    choose = random.Random(5)
    flow = flow_of(server)
    with writing(writers_of(server, flow, count)) as writers:
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
    with closing(Cut(server.port)) as network, writing(writers_of(server, flow, count, url=network.url)) as writers:
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
                with writing(writers_of(server, flow_of(server), count)) as writers:
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
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "none", str(place)], capture_output=True)
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
        with writing(writers_of(server, flow_of(server), size[0])) as writers:
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
