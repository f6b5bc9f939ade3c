"""Agents that are killed while they claim and start runs: each run is executed once, whatever became of its agent."""

from __future__ import annotations

import random
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from prefect.client.client import Client
from prefect.configuration import config
from tests.agent.running import register, until
from tests.chaos.noting import HISTORY, PROGRAM, TASKS, are_over, expected, noted, start_agent
from tests.chaos.writers import PATIENCE_SECONDS, check_file, sizes
from tests.server_process import Server

# A run that an agent has claimed is to begin within this time, or another agent gets it.
SUBMITTED_SECONDS = 5


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    database = tmp_path / "served.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    server = Server(database, home=tmp_path / "home of the server")
    server.environment["PREFECT__SERVER__SERVICES__SILENT_RUNS__SECONDS"] = "0.5"
    server.environment["PREFECT__SERVER__SERVICES__SILENT_RUNS__SUBMITTED_SECONDS"] = str(SUBMITTED_SECONDS)
    server.start()
    monkeypatch.setitem(config, "backend", "server")
    monkeypatch.setitem(config, "home_dir", str(tmp_path / "home"))
    monkeypatch.setitem(config.cloud, "api", server.url)
    yield server
    server.kill()


@pytest.mark.timeout(3600)
@sizes((2, 2, 6), (20, 20, 100))
def test_runs_go_on_without_their_agents_and_none_is_lost_with_one(
    server: Server, tmp_path: Path, size: tuple[int, ...]
) -> None:
    """Of so many agents, one is killed and replaced, so often, under so many runs."""
    count, kills, runs_count = size
    choose = random.Random(11)
    path = tmp_path / "notes"
    flow = register(tmp_path, program=PROGRAM)
    agents: list[subprocess.Popen[bytes]] = [start_agent(server, tmp_path / "home") for _ in range(count)]
    runs: list[str] = []
    submitted = '{ flow_run_state_aggregate(where: {state: {_eq: "Submitted"}}) { aggregate { count } } }'

    def claimed() -> int:
        found: int = server.ask(submitted)["flow_run_state_aggregate"]["aggregate"]["count"]
        return found

    try:
        for number in range(kills):
            more = runs_count * (number + 1) // kills - len(runs)
            before = claimed()
            runs += [Client().create_flow_run(flow, parameters={"path": str(path)}) for _ in range(more)]
            until(lambda before=before: claimed() > before, "a run that is claimed", PATIENCE_SECONDS)  # type: ignore[misc]
            threading.Event().wait(choose.choice([0, 0.01, 0.05]))
            # Now those that have one in hand are hit, and now others.
            killed = choose.randrange(len(agents))
            for agent in agents if count == 2 else [agents[killed]]:
                agent.kill()
                agent.wait()
            agents = [each if each.poll() is None else start_agent(server, tmp_path / "home") for each in agents]
        until(lambda: are_over(server, runs), "the end of all runs", PATIENCE_SECONDS)
    finally:
        for agent in agents:
            agent.terminate()
        for agent in agents:
            agent.wait()
    found = server.ask(HISTORY, {"ids": runs})["flow_run"]
    assert {run["id"] for run in found} == set(runs)
    for run in found:
        states = Counter(each["state"] for each in run["states"])
        # Submitted once, and once more where the agent that had claimed it was gone before it began.
        again = [each["serialized_state"]["message"] for each in run["states"] if each["state"] == "Scheduled"][1:]
        assert all("It was submitted and never began" in message for message in again), again
        assert states == {"Scheduled": 1 + len(again), "Submitted": 1 + len(again), "Running": 1, "Success": 1}
        assert len(run["task_runs"]) == TASKS + 1
    assert noted(path) == expected(runs)
    check_file(server)
