"""The journey of a view: a program records a run, and another one asks what happened, through public doors only."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from prefect.backend import FlowRunView, TaskRunView
from prefect.backend.flow_run import watch_flow_run
from prefect.client import Client
from prefect.configuration import config

PROGRAM = """
import sys
import prefect
from prefect import Flow, Parameter, task
from prefect.backend import run_flow

@task
def numbers(n):
    return list(range(n))

@task
def invert(x):
    prefect.context.logger.info("inverting %s", x)
    return 1 / x

@task(skip_on_upstream_skip=False, trigger=prefect.triggers.all_finished)
def wait_for_a_line():
    print("waiting", flush=True)
    return sys.stdin.readline().strip()

with Flow("inverting") as flow:
    inverted = invert.map(numbers(Parameter("n", default=3)))
    last = wait_for_a_line(upstream_tasks=[inverted])
    flow.set_reference_tasks([last])

view = run_flow(flow, parameters={"n": 3}, run_name="a-run")
print(view.state.message, flush=True)
"""


@contextmanager
def program(database: Path, directory: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that records a run in the database, waits in its last task for a line, and then goes on."""
    path = directory / "program.py"
    path.write_text(PROGRAM)
    environment = {
        **os.environ,
        "PREFECT__EMBEDDED__DATABASE": str(database),
        "PREFECT__HOME_DIR": str(config.home_dir),
        "PREFECT__LOGGING__LEVEL": "INFO",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    with subprocess.Popen(
        [sys.executable, str(path)],
        env=environment,
        cwd=directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line == "waiting\n":
                break
        yield process


def tell(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.close()


def the_run() -> str:
    (row,) = Client().graphql('query { flow_run(where: {name: {_eq: "a-run"}}) { id } }').data.flow_run
    return str(row.id)


def test_a_run_is_inspected_while_it_goes_on_and_afterwards(database: Path, tmp_path: Path) -> None:
    with program(database, tmp_path) as process:
        during = FlowRunView.from_flow_run_id(the_run())
        assert during.state.is_running()
        mapped = during.get_task_run(task_slug="invert-1")
        assert mapped.state.is_mapped()
        assert [child.state.is_successful() for child in mapped.iter_mapped()] == [False, True, True]
        assert during.get_task_run(task_slug="wait_for_a_line-1").state.is_running()
        tell(process, "go on")
        assert process.wait(60) == 0

    assert during.state.is_running()
    assert during.get_task_run(task_slug="wait_for_a_line-1").state.is_running()

    after = during.get_latest()
    assert after.state.is_successful()
    assert after.get_task_run(task_slug="invert-1") == mapped
    assert after.get_task_run(task_slug="wait_for_a_line-1").get_result() == "go on"
    assert after.parameters == {"n": 3}
    assert after.flow.name == "inverting"

    failed = after.get_task_run(task_slug="invert-1", map_index=0)
    assert failed.state.message == "Error during execution of task: ZeroDivisionError('division by zero')"
    assert after.get_task_run(task_slug="invert-1", map_index=2).get_result() == 0.5
    assert TaskRunView.from_task_run_id(failed.task_run_id) == failed

    messages = [line.message for line in after.get_logs()]
    assert {"inverting 0", "inverting 1", "inverting 2"} <= set(messages)
    assert any("ZeroDivisionError: division by zero" in message for message in messages)
    assert len(after.task_run_ids) == len(after.get_all_task_runs()) == 7

    then = FlowRunView.from_flow_run_id(after.flow_run_id, as_of=during.sequence)
    assert then.state == during.state
    assert len(then.get_all_task_runs()) == 7


def test_a_live_run_is_watched_to_its_end(database: Path, tmp_path: Path) -> None:
    with program(database, tmp_path) as process:
        told: list[str] = []
        for line in watch_flow_run(the_run()):
            told.append(line.message)
            if line.message.startswith("Entered state <Running>"):
                tell(process, "go on")
        assert process.wait(60) == 0
    view = FlowRunView.from_flow_run_id(the_run())
    logged = [line.message for line in view.get_logs()]
    states = [f"Entered state <{type(state).__name__}>: {state.message}" for state in view.states]
    assert sorted(told) == sorted(logged + states)
    assert told[0] == "Entered state <Scheduled>: Flow run scheduled."


@pytest.mark.embedded
def test_a_killed_run_is_noticed_and_goes_on_where_it_was(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with program(database, tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    killed = FlowRunView.from_flow_run_id(the_run())
    assert killed.state.is_failed()
    assert f"process {process.pid} on " in str(killed.state.message)
    assert "wait_for_a_line" in str(killed.state.message)
    before = {run.task_run_id: run.version for run in killed.get_all_task_runs() if run.state.is_successful()}

    environment = {
        **os.environ,
        "PREFECT__EMBEDDED__DATABASE": str(database),
        "PREFECT__HOME_DIR": str(config.home_dir),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-m", "prefect", "run", "--id", killed.flow_run_id, "--execute"]
    done = subprocess.run(command, env=environment, input="resumed\n", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "inverting 1" not in done.stdout
    resumed = killed.get_latest()
    assert resumed.state.is_successful()
    assert resumed.get_task_run(task_slug="wait_for_a_line-1").get_result() == "resumed"
    after = {run.task_run_id: run.version for run in resumed.get_all_task_runs()}
    assert {task_run_id: after[task_run_id] for task_run_id in before} == before


def test_the_road_from_a_view_to_the_database_and_back(database: Path, tmp_path: Path, requests: list[str]) -> None:
    with program(database, tmp_path) as process:
        tell(process, "go on")
        process.wait(60)
    flow_run_id = the_run()

    def count(step: Callable[[], object]) -> int:
        requests.clear()
        step()
        return len(requests)

    view = FlowRunView.from_flow_run_id(flow_run_id)
    assert count(lambda: FlowRunView.from_flow_run_id(flow_run_id)) == 1
    assert count(lambda: view.get_task_run(task_slug="invert-1")) == 1
    assert count(lambda: view.get_task_run(task_slug="invert-1")) == 0
    assert count(view.get_latest) == 1
    assert count(lambda: list(view.get_task_run(task_slug="invert-1").iter_mapped())) == 1
    assert count(view.get_logs) == 1
    assert count(lambda: view.task_run_ids) == 1
    assert count(lambda: view.flow) == 1
