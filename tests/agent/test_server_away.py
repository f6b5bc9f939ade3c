"""An agent whose server is away: it waits, says so once, and goes on; and what earlier runs have left is told."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from prefect.agent.local import LocalAgent
from prefect.backend.execution import wait_for_backend
from prefect.client.client import Client
from prefect.configuration import config
from prefect.engine.cloud import spool as spooling
from prefect.engine.cloud.spool import Spool, deliver_leftovers
from prefect.exceptions import ServerAway
from tests.agent.running import finished, register, started, until
from tests.server_process import Server

WRITE_LOGS = "mutation($input: write_run_logs_input!) { write_run_logs(input: $input) { success } }"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(tmp_path / "served.db", home=tmp_path / "home of the server")
    server.start()
    monkeypatch.setitem(config, "backend", "server")
    monkeypatch.setitem(config, "home_dir", str(tmp_path / "home"))
    monkeypatch.setitem(config.cloud, "api", server.url)
    yield server
    server.kill()


def said(caplog: pytest.LogCaptureFixture, text: str) -> int:
    return sum(text in record.getMessage() for record in caplog.records)


def test_it_waits_for_its_server_and_says_so_once(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    flow_id = register(tmp_path)
    caplog.set_level(logging.INFO)
    server.kill()
    agent = LocalAgent(labels=["here"], hostname_label=False)
    agent.logger.propagate = True
    with started(agent):
        until(lambda: said(caplog, "The server is away") == 1, "that the server is away")
        server.start()
        run = Client().create_flow_run(flow_id)
        assert finished(run).state.is_successful()
        server.kill()
        until(lambda: said(caplog, "The server is away") == 2, "that the server is away again")
        server.start()
        run = Client().create_flow_run(flow_id)
        assert finished(run).state.is_successful()
    assert said(caplog, "The server is away") == 2
    assert said(caplog, "The server is back") == 1


def test_what_a_run_has_left_is_told_by_the_agent(server: Server, tmp_path: Path) -> None:
    flow_id = register(tmp_path)
    run = Client().create_flow_run(flow_id, labels=["elsewhere"])
    left = Spool(run, Client().api_server)
    line = {"flow_run_id": run, "message": "left behind", "level": "INFO", "timestamp": "2026-01-01T00:00:00+00:00"}
    left.add(spooling.OTHER, WRITE_LOGS, {"logs": [line]})
    # Another process that uses it tells it itself.
    using = Spool(run, Client().api_server)
    assert using.is_waiting()
    assert not using.is_leftover()
    assert deliver_leftovers(Client().impatient()) == 0
    left.close()
    using.close()
    with started(LocalAgent(labels=["here"], hostname_label=False)):
        until(lambda: not left.path.exists(), "that the spool is told and removed")
    messages = server.ask(f'{{ log(where: {{flow_run_id: {{_eq: "{run}"}}}}) {{ message }} }}')["log"]
    assert messages == [{"message": "left behind"}]


def test_a_process_that_is_started_while_the_server_is_away_waits_for_it(server: Server, tmp_path: Path) -> None:
    run = Client().create_flow_run(register(tmp_path))
    environment = {**server.environment, "PREFECT__BACKEND": "server", "PREFECT__CLOUD__API": server.url}
    environment |= {"PREFECT__HOME_DIR": str(tmp_path / "home"), "PREFECT__CONTEXT__FLOW_RUN_ID": run}
    server.kill()
    command = [sys.executable, "-m", "prefect", "execute", "flow-run"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert f"flow run {run} waits for it" in process.stdout.readline()
        server.start()
        process.stdout.read()
        assert process.wait() == 0
    assert finished(run).state.is_successful()


def test_a_process_whose_server_stays_away_says_so(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Client().create_flow_run(register(tmp_path))
    server.kill()
    monkeypatch.setitem(config.cloud.spool, "patience", 0)
    with pytest.raises(ServerAway, match="Nothing has answered at"):
        wait_for_backend(run)


def test_an_agent_that_is_killed_leaves_its_runs_to_themselves_and_the_next_agent_takes_the_rest(
    server: Server, tmp_path: Path
) -> None:
    flow_id = register(tmp_path)
    environment = {**server.environment, "PREFECT__BACKEND": "server", "PREFECT__CLOUD__API": server.url}
    environment["PREFECT__HOME_DIR"] = str(tmp_path / "home")
    command = [sys.executable, "-m", "prefect", "agent", "local", "start", "--no-hostname-label", "-l", "here"]
    runs = [Client().create_flow_run(flow_id) for _ in range(4)]
    agent = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    submitted = '{ flow_run_state_aggregate(where: {state: {_eq: "Submitted"}}) { aggregate { count } } }'

    def claimed() -> int:
        count: int = server.ask(submitted)["flow_run_state_aggregate"]["aggregate"]["count"]
        return count

    until(lambda: claimed() > 0, "a run that is claimed")
    agent.kill()
    agent.wait()
    later = [Client().create_flow_run(flow_id) for _ in range(2)]
    with started(LocalAgent(labels=["here"], hostname_label=False)):
        for run in later:
            assert finished(run).state.is_successful()
    # What was claimed and not begun is started again once it has been silent for long; nothing runs twice.
    assert claimed() == len({*runs, *later} - set(unclaimed(server)))


def unclaimed(server: Server) -> list[str]:
    found = server.ask('{ flow_run(where: {state: {_eq: "Scheduled"}}) { id } }')["flow_run"]
    return [each["id"] for each in found]
