"""A network cable that is pulled between a server and those who use it: connections hang, and nobody is told.

The machine's own network is not touched: both ends are in network namespaces. Where none can be made, the last lines
of the run say so; the proxy of test_servers.py cuts networks anywhere.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from prefect.client.client import Client
from prefect.configuration import config
from tests.agent.running import register, until
from tests.chaos.noting import HISTORY, PROGRAM, TASKS, are_over, expected, noted, start_agent
from tests.chaos.writers import PATIENCE_SECONDS, advance, check, flow_of, sizes, writers_of, writing
from tests.server_process import Server
from tests.support import namespaces
from tests.support.namespaces import Cable


@dataclass(frozen=True)
class Network:
    """A server at one end of a cable; whoever uses it is at the other."""

    cable: Cable
    server: Server

    def interrupt(self, choose: random.Random, longest: float) -> None:
        """Pull the cable at one of its ends, and put it in again some time later."""
        self.cable.pull(choose.choice([self.cable.one, self.cable.other]))
        threading.Event().wait(choose.uniform(0.05, longest))
        self.cable.plug()


@pytest.fixture(params=["sqlite", "postgres"])
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Network]:
    database = tmp_path / "served.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    try:
        with namespaces.cable() as cable:
            server = Server(database, home=tmp_path / "home of the server", host=cable.one.address)
            # Other machines reach it, so it is used with keys.
            server.make_key()
            with cable.one.entered():
                server.start()
            try:
                yield Network(cable, server)
            finally:
                server.kill()
    except namespaces.NoNamespaces as error:
        pytest.skip(f"Network namespaces: {error}")


@pytest.mark.timeout(3600)
@sizes((3, 4), (50, 20))
def test_a_cable_that_is_pulled_loses_and_doubles_nothing(network: Network, size: tuple[int, ...]) -> None:
    rounds, count = size
    choose = random.Random(8)
    server, there = network.server, network.cable.other
    with there.entered():
        flow = flow_of(server)
        # Who has waited for a second asks again, while its first question may still be on its way.
        writers = writers_of(server, flow, count, place=there.entered, patience=1)
        with writing(writers):
            for _ in range(rounds):
                advance(writers, choose.randint(1, 2 * count))
                network.interrupt(choose, longest=2.5)
            advance(writers, count)
        check(server, writers)


@contextmanager
def agent_at_the_other_end(network: Network, home: Path) -> Iterator[None]:
    """An agent, as long as the block lasts; it and its runs lose patience after a second."""
    with network.cable.other.entered():
        agent = start_agent(network.server, home, PREFECT__CLOUD__REQUEST_TIMEOUT="1")
    try:
        yield
    finally:
        agent.terminate()
        agent.wait()


@pytest.mark.timeout(3600)
@sizes((2, 2), (50, 2))
def test_an_agent_and_its_runs_are_cut_off_and_everything_is_told_once(
    network: Network, tmp_path: Path, size: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, count = size
    choose = random.Random(9)
    monkeypatch.setitem(config, "backend", "server")
    monkeypatch.setitem(config, "home_dir", str(tmp_path / "home"))
    monkeypatch.setitem(config.cloud, "api", network.server.url)
    monkeypatch.setitem(config.cloud, "api_key", network.server.key)
    path = tmp_path / "notes"
    runs: list[str] = []
    with network.cable.other.entered(), agent_at_the_other_end(network, tmp_path / "home"):
        flow = register(tmp_path, program=PROGRAM)
        for number in range(rounds):
            before = noted(path).total()
            runs += [Client().create_flow_run(flow, parameters={"path": str(path)}) for _ in range(count)]
            if number % 3:
                # Else it is cut while the agent hears of the runs and claims them.
                lines = before + choose.randint(1, 3)
                until(lambda lines=lines: noted(path).total() >= lines, "a task that runs", PATIENCE_SECONDS)  # type: ignore[misc]
            network.interrupt(choose, longest=3)
        until(lambda: are_over(network.server, runs), "the end of all runs", PATIENCE_SECONDS)
        found = network.server.ask(HISTORY, {"ids": runs})["flow_run"]
    assert {run["id"] for run in found} == set(runs)
    for run in found:
        told = [each["state"] for each in run["states"]]
        assert told == ["Scheduled", "Submitted", "Running", "Success"], run["state_message"]
        assert {tuple(each["state"] for each in task_run["states"]) for task_run in run["task_runs"]} == {
            ("Pending", "Running", "Success")
        }
        messages = Counter(line["message"] for line in run["logs"])
        assert [messages[f"noted {number}"] for number in range(TASKS)] == [1] * TASKS
        assert sum(messages[line] for line in messages if line.startswith("Submitted for execution: PID")) == 1
    assert noted(path) == expected(runs)
