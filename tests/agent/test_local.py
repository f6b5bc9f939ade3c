"""The local agent: real processes, with the embedded backend and with a server."""

import os
import signal
import socket
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from prefect.agent import Agent
from prefect.agent.health import HealthServer
from prefect.agent.local import LocalAgent
from prefect.client.client import Client
from prefect.configuration import config
from prefect.engine.state import Cancelled, Failed, Resume, Submitted
from prefect.exceptions import ConfigurationError
from prefect.run_configs import DockerRun, LocalRun
from prefect.utilities.graphql import GraphQLResult
from tests.agent.running import finished, logs, register, started, states, until, view


@pytest.fixture
def flow_id(database: Path, tmp_path: Path) -> str:
    return register(tmp_path)


@pytest.fixture
def agent(flow_id: str) -> Iterator[LocalAgent]:
    made = LocalAgent(labels=["here"], hostname_label=False, env_vars={"GIVEN": "by the agent"})
    yield made
    for process in list(made.processes):
        process.process.kill()
    until(lambda: not made.processes, "the end of what the agent had started")


def executing(agent: LocalAgent, flow_run_id: str) -> bool:
    return view(flow_run_id).state.is_running() and "told to" in logs(flow_run_id)


def test_a_run_is_found_claimed_executed_and_reported(agent: LocalAgent, flow_id: str) -> None:
    run = Client().create_flow_run(flow_id)
    with started(agent):
        done = finished(run)
    assert states(run) == ["Scheduled", "Submitted", "Running", "Success"]
    result = done.get_task_run(task_slug="act-1").get_result()
    assert result["run"] == run
    assert result["variable"] == "by the agent"
    document = "query($id: uuid!) { flow_run_by_pk(id: $id) { agent { id name type } } }"
    found = Client().graphql_fast(document, {"id": run})["flow_run_by_pk"]["agent"]
    assert found == {"id": agent.agent_id, "name": "agent", "type": "LocalAgent"}
    assert "Submitted for execution: PID: " in logs(run)


def test_a_run_that_is_due_later_starts_when_it_is_due(agent: LocalAgent, flow_id: str) -> None:
    start = datetime.now(UTC) + timedelta(seconds=2)
    run = Client().create_flow_run(flow_id, scheduled_start_time=start)
    with started(agent):
        finished(run)
    document = "query($id: uuid!) { flow_run_by_pk(id: $id) { states(order_by: {version: asc}) { timestamp } } }"
    _, submitted, *_ = Client().graphql_fast(document, {"id": run})["flow_run_by_pk"]["states"]
    assert datetime.fromisoformat(submitted["timestamp"]) >= start


def test_the_run_config_says_where_and_in_which_environment(database: Path, tmp_path: Path, agent: LocalAgent) -> None:
    directory = tmp_path / "elsewhere"
    directory.mkdir()
    flow_id = register(tmp_path, LocalRun(labels=["here"], working_dir=str(directory), env={"GIVEN": "by the flow"}))
    run = Client().create_flow_run(flow_id)
    with started(agent):
        result = finished(run).get_task_run(task_slug="act-1").get_result()
    assert (result["variable"], result["directory"]) == ("by the flow", str(directory))


@pytest.mark.parametrize(
    ("run_config", "said"),
    [
        (DockerRun(labels=["here"], image="i"), "has a `run_config` of type `DockerRun`, only `LocalRun` is supported"),
        (LocalRun(labels=["here"], working_dir="/no/such/place"), "no directory of this machine: /no/such/place"),
    ],
    ids=["another kind", "no such directory"],
)
def test_what_cannot_be_deployed_fails_and_its_log_says_why(
    database: Path, tmp_path: Path, agent: LocalAgent, run_config: Any, said: str
) -> None:
    run = Client().create_flow_run(register(tmp_path, run_config))
    with started(agent):
        done = finished(run)
    assert isinstance(done.state, Failed)
    assert said in str(done.state.message)
    assert said in logs(run)


def test_a_killed_process_is_reported_with_its_signal_and_what_it_said_last(agent: LocalAgent, flow_id: str) -> None:
    run = Client().create_flow_run(flow_id, parameters={"what": "die"})
    with started(agent):
        done = finished(run)
        until(lambda: "SIGKILL" in logs(run), "the line about the end")
    message = str(done.state.message)
    assert isinstance(done.state, Failed)
    assert "was ended by SIGKILL" in message
    assert socket.gethostname() in message
    assert "about to die" in message
    assert "act-1" in message
    assert done.get_task_run(task_slug="act-1").state.is_failed()


def test_a_process_that_leaves_is_reported_with_its_exit_code(agent: LocalAgent, flow_id: str) -> None:
    run = Client().create_flow_run(flow_id, parameters={"what": "leave"})
    with started(agent):
        done = finished(run)
    assert "ended with exit code 17" in str(done.state.message)
    assert "leaving" in str(done.state.message)


def test_a_flow_that_cannot_be_imported_fails_and_says_why(
    agent: LocalAgent, flow_id: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "acting.py").write_text("raise RuntimeError('broken')")
    run = Client().create_flow_run(flow_id)
    with started(agent):
        done = finished(run)
        until(lambda: "ended with exit code 1" in caplog.text, "the agent's line about the end")
    assert isinstance(done.state, Failed)
    assert "broken" in str(done.state.message)
    assert f"What executed flow run {run} ended with exit code 1." in caplog.text
    assert "RuntimeError: broken" in caplog.text


def test_a_cancelled_run_stops_by_itself(agent: LocalAgent, flow_id: str) -> None:
    run = Client().create_flow_run(flow_id, parameters={"what": "stay"})
    with started(agent):
        until(lambda: executing(agent, run), "the task at work")
        Client().cancel_flow_run(run)
        done = finished(run)
        until(lambda: not agent.processes, "the end of the process")
    assert states(run)[-2:] == ["Cancelling", "Cancelled"]
    assert done.get_task_run(task_slug="act-1").state == Cancelled(done.get_task_run(task_slug="act-1").state.message)


def test_a_cancelled_run_that_resists_is_ended_with_all_that_it_started(
    agent: LocalAgent, flow_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config.cloud.agent, "terminate_after", 0.2)
    monkeypatch.setitem(config.cloud.agent, "kill_after", 0.2)
    run = Client().create_flow_run(flow_id, parameters={"what": "resist"})
    with started(agent):
        until(lambda: executing(agent, run), "the task at work")
        Client().cancel_flow_run(run)
        done = finished(run)
        until(lambda: not agent.processes, "the end of the process")
        until(
            lambda: "The run was to stop and did not, so the agent ended its process (SIGKILL)." in logs(run),
            "the line",
        )
    assert isinstance(done.state, Cancelled)
    assert "was ended by SIGKILL." in str(done.state.message)


GATE = """
from prefect import Flow, task
from prefect.triggers import manual_only

@task
def prepare():
    return 1

@task(trigger=manual_only)
def publish(value):
    return value + 1

with Flow("acting") as flow:
    publish(prepare())
"""


def test_a_run_that_waits_for_a_person_is_given_to_an_agent_again_when_that_person_has_said_so(
    database: Path, tmp_path: Path, agent: LocalAgent, caplog: pytest.LogCaptureFixture
) -> None:
    run = Client().create_flow_run(register(tmp_path, program=GATE))
    with started(agent):
        until(
            lambda: view(run).get_task_run("publish-1").state.message == 'Trigger function is "manual_only"',
            "the pause",
        )
        until(lambda: not agent.processes, "the end of the process")
        Client().set_task_run_state(view(run).get_task_run("publish-1").task_run_id, Resume("Go on."))
        done = finished(run)
    assert done.state.is_successful()
    assert done.get_task_run("publish-1").get_result() == 2
    assert states(run) == ["Scheduled", "Submitted", "Running", "Scheduled", "Submitted", "Running", "Success"]
    # That it waits is no failure of the process.
    assert "What executed flow run" not in caplog.text


def test_runs_go_on_without_their_agent(agent: LocalAgent, flow_id: str) -> None:
    run = Client().create_flow_run(flow_id, parameters={"what": "stay"})
    with started(agent):
        until(lambda: executing(agent, run), "the task at work")
    (process,) = agent.processes
    assert process.process.poll() is None
    assert view(run).state.is_running()
    os.kill(process.process.pid, signal.SIGKILL)
    # What watches the process is still there, and reports for the agent.
    assert isinstance(finished(run).state, Failed)


def test_an_agent_that_was_told_how_often_to_ask_ends(flow_id: str) -> None:
    agent = LocalAgent(labels=["here"], hostname_label=False, max_polls=1)
    run = Client().create_flow_run(flow_id)
    agent.start()
    assert "Submitted" in states(run)
    until(lambda: not agent.processes, "the end of the run's process")
    assert finished(run).state.is_successful()


def test_labels_decide_what_an_agent_takes(agent: LocalAgent, flow_id: str) -> None:
    other = Client().create_flow_run(flow_id, labels=["there"])
    mine = Client().create_flow_run(flow_id)
    with started(agent):
        finished(mine)
    assert states(other) == ["Scheduled"]


class Idle(Agent):
    """An agent that starts nothing, and remembers what it should have started."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.deployed: list[str] = []

    def deploy_flow(self, flow_run: GraphQLResult) -> str:
        self.deployed.append(flow_run["id"])
        return "nowhere"


def test_of_several_agents_exactly_one_deploys_each_run(flow_id: str) -> None:
    agents = [Idle(labels=["here"]) for _ in range(4)]
    runs = [Client().create_flow_run(flow_id) for _ in range(20)]
    with started(agents[0]), started(agents[1]), started(agents[2]), started(agents[3]):
        until(lambda: all(isinstance(view(run).state, Submitted) for run in runs), "the last run submitted")
    deployed = [run for agent in agents for run in agent.deployed]
    assert sorted(deployed) == sorted(runs)


def test_a_run_with_a_task_run_that_is_due_begins_anew(flow_id: str) -> None:
    """A process of 1.x may end and leave its run Running, to be taken up again for a retry."""
    client = Client()
    run = client.create_flow_run(flow_id)
    info = client.get_flow_run_info(run)
    state = {"type": "Running", "message": "left"}
    document = "mutation($input: set_flow_run_states_input!) { set_flow_run_states(input: $input) { states { id } } }"
    client.graphql_fast(document, {"input": {"states": [{"flow_run_id": run, "state": state}]}})
    past = (datetime.now(UTC) - timedelta(seconds=30)).isoformat()
    document = "mutation($input: set_task_run_states_input!) { set_task_run_states(input: $input) { states { id } } }"
    retrying = {"type": "Retrying", "message": "again", "start_time": past}
    given = [{"task_run_id": info.task_runs[0].id, "state": retrying}]
    client.graphql_fast(document, {"input": {"states": given}})
    with started(Idle(labels=["here"])) as agent:
        until(lambda: bool(getattr(agent, "deployed", [])), "the run deployed again")
    assert states(run) == ["Scheduled", "Running", "Scheduled", "Submitted"]


def test_health_and_poke_are_answered_at_the_address() -> None:
    poked: list[bool] = []
    health = HealthServer("http://127.0.0.1:0", lambda: poked.append(True))
    try:
        address = f"http://127.0.0.1:{health.port}"
        with urllib.request.urlopen(f"{address}/api/health") as answer:
            assert (answer.status, answer.read()) == (200, b"{}")
            assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
        with urllib.request.urlopen(f"{address}/api/poke") as answer:
            assert (answer.status, answer.read()) == (200, b"")
        assert poked == [True]
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/nope")
    finally:
        health.close()


def test_an_address_without_a_port_is_refused() -> None:
    with pytest.raises(ValueError, match="must name a host and a port"):
        HealthServer("http://somewhere", lambda: None)


def test_an_address_that_is_in_use_is_told_in_a_sentence() -> None:
    health = HealthServer("http://127.0.0.1:0", lambda: None)
    try:
        with pytest.raises(ConfigurationError, match=f"cannot answer at http://127.0.0.1:{health.port} .*in use"):
            HealthServer(f"http://127.0.0.1:{health.port}", lambda: None)
    finally:
        health.close()


def test_what_supervisord_is_told_holds_no_key_among_the_arguments() -> None:
    text = LocalAgent.generate_supervisor_conf(
        labels=["a b"], env_vars={"X": "1"}, import_paths=["/lib"], show_flow_logs=True, key="qk_secret%", tenant_id="t"
    )
    (command,) = [line for line in text.splitlines() if line.startswith("command=")]
    assert command.endswith(
        "-m prefect agent local start --label 'a b' --env X=1 --import-path /lib --show-flow-logs --tenant-id t"
    )
    assert 'environment=PREFECT__CLOUD__API_KEY="qk_secret%%"' in text.splitlines()
