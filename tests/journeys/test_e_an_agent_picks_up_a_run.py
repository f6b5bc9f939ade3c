"""Journey (e): a run is queued, exactly one of several agents claims it, a process executes it, and its view shows it.

Each step is taken by hand, through the public client, and at last all of them by real agents.
"""

import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import pytest

from prefect.agent.local import LocalAgent
from prefect.backend import FlowRunView
from prefect.backend.execution import generate_flow_run_environ
from prefect.client.client import Client
from prefect.engine.state import Scheduled, Submitted
from prefect.exceptions import ClientError, VersionLockMismatchSignal
from prefect.run_configs import LocalRun
from prefect.storage import Local
from prefect.utilities.storage import extract_flow_from_file
from tests.agent.running import finished, started, states

PROGRAM = """
import prefect
from prefect import Flow, Parameter, task

@task(log_stdout=True)
def greet(name):
    print("hello", name)
    return prefect.context.flow_run_id

with Flow("greetings") as flow:
    greet(Parameter("name", default="world"))
"""

QUEUE = "mutation($input: get_runs_in_queue_input!) { get_runs_in_queue(input: $input) { flow_run_ids } }"


@pytest.fixture
def flow_id(database: Path, tmp_path: Path) -> str:
    program = tmp_path / "greetings.py"
    program.write_text(PROGRAM)
    flow = extract_flow_from_file(str(program))
    flow.storage = Local(path=str(program), stored_as_script=True, add_default_labels=False)
    flow.run_config = LocalRun(labels=["here"])
    Client().create_project("default")
    flow_id = flow.register(project_name="default", no_url=True)
    assert flow_id is not None
    return flow_id


def queue(labels: list[str]) -> list[str]:
    client = Client()
    answer = client.graphql(QUEUE, variables={"input": {"tenant_id": client.tenant_id, "labels": labels}})
    found: list[str] = answer.data.get_runs_in_queue.flow_run_ids
    return found


def test_a_due_run_is_offered_to_agents_with_its_labels(flow_id: str) -> None:
    run = Client().create_flow_run(flow_id)
    assert queue(["here", "there"]) == [run]
    assert queue(["there"]) == []
    assert queue([]) == []


def test_exactly_one_agent_wins_and_a_process_executes_the_run(flow_id: str, tmp_path: Path) -> None:
    client = Client()
    run = client.create_flow_run(flow_id, parameters={"name": "marvin"})
    (found,) = queue(["here"])
    assert found == run
    info = client.get_flow_run_info(run)
    won: list[int] = []
    lost: list[Any] = []
    ready = threading.Barrier(5)

    def claim(agent: int) -> None:
        mine = Client()
        mine.attach_headers({"X-PREFECT-AGENT-ID": mine.register_agent("LocalAgent", f"agent {agent}", ["here"])})
        ready.wait()
        try:
            mine.set_flow_run_state(run, Submitted("Submitted for execution", state=Scheduled()), version=info.version)
        except (VersionLockMismatchSignal, ClientError) as error:
            lost.append(error)
        else:
            won.append(agent)

    agents = [threading.Thread(target=claim, args=(number,)) for number in range(5)]
    for agent in agents:
        agent.start()
    for agent in agents:
        agent.join()
    assert (len(won), len(lost)) == (1, 4)
    assert all(isinstance(error, VersionLockMismatchSignal) for error in lost)
    assert queue(["here"]) == []

    view = FlowRunView.from_flow_run_id(run)
    assert isinstance(view.state, Submitted)
    assert view.run_config is not None
    environment = generate_flow_run_environ(run, view.flow_id, view.run_config, include_local_env=True)
    environment["PYTHONPATH"] = ":".join(path for path in sys.path if path)
    command = [sys.executable, "-m", "prefect", "execute", "flow-run"]
    subprocess.run(command, env=environment, cwd=tmp_path, check=True, capture_output=True)

    finished = view.get_latest()
    assert finished.state.is_successful()
    assert finished.get_task_run(task_slug="greet-1").get_result() == run
    assert "hello marvin" in [line.message for line in finished.get_logs()]


def test_a_flow_that_cannot_be_loaded_fails_its_run_and_says_why(flow_id: str, tmp_path: Path) -> None:
    client = Client()
    run = client.create_flow_run(flow_id)
    (tmp_path / "greetings.py").write_text(textwrap.dedent("raise RuntimeError('broken')"))
    view = FlowRunView.from_flow_run_id(run)
    assert view.run_config is not None
    environment = generate_flow_run_environ(run, view.flow_id, view.run_config, include_local_env=True)
    environment["PYTHONPATH"] = ":".join(path for path in sys.path if path)
    command = [sys.executable, "-m", "prefect", "execute", "flow-run"]
    ended = subprocess.run(command, env=environment, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    failed = view.get_latest()
    assert failed.state.is_failed()
    assert "broken" in str(failed.state.message)


def test_a_real_agent_takes_every_step(flow_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same journey by the agent itself: queued, claimed once, executed in a process, seen by its view."""
    monkeypatch.setenv("PYTHONPATH", ":".join(path for path in sys.path if path))
    client = Client()
    runs = [client.create_flow_run(flow_id, parameters={"name": name}) for name in ("marvin", "ford", "trillian")]
    with (
        started(LocalAgent(labels=["here"], hostname_label=False)),
        started(LocalAgent(labels=["here", "there"], hostname_label=False)),
    ):
        views = [finished(run) for run in runs]
    for run, view, name in zip(runs, views, ("marvin", "ford", "trillian"), strict=True):
        assert states(run) == ["Scheduled", "Submitted", "Running", "Success"]
        assert view.get_task_run(task_slug="greet-1").get_result() == run
        messages = [line.message for line in view.get_logs()]
        assert messages.count(f"hello {name}") == 1
        assert sum(message.startswith("Submitted for execution: PID: ") for message in messages) == 1
    assert queue(["here"]) == []
