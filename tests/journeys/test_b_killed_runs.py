"""A recorded run is killed (SIGKILL) at a random moment: nothing acknowledged is lost, and the run can be finished.

The same with a server is in test_b_killed_runs_of_a_server.py.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from prefect.backend import FlowRunView
from prefect.backend.execution import execute_flow_run
from prefect.configuration import config
from tests.journeys import killed_run
from tests.journeys.killing import Killed, check_kept, durable, executions, query_of_file, run_and_kill


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(config.embedded, "database", str(tmp_path / "runs.db"))
    monkeypatch.setitem(config, "home_dir", str(tmp_path))
    return tmp_path


def run_here(home: Path, executor: str, after: int, delay: float) -> Killed:
    environment = {"PREFECT__EMBEDDED__DATABASE": str(home / "runs.db")}
    return run_and_kill(home, environment, executor, after=after, delay=delay)


def check_file(home: Path, killed: Killed) -> None:
    """The file is sound, and what was acknowledged is in it."""
    query = query_of_file(home / "runs.db")
    assert query("PRAGMA integrity_check") == [("ok",)]
    check_kept(query, killed)


def kill_and_resume(home: Path, executor: str, after: int, delay: float) -> str:
    """The whole story of one kill; the state in which the kill left the flow run."""
    killed = run_here(home, executor, after, delay)
    check_file(home, killed)
    query = query_of_file(home / "runs.db")
    [(flow_run_id, left)] = query("SELECT id, state FROM flow_run")
    assert flow_run_id == killed.flow_run_id
    stays, before = durable(query, flow_run_id), executions(home)

    view = FlowRunView.from_flow_run_id(flow_run_id)
    if left == "Running":
        assert view.state.is_failed()
        assert f"process {killed.pid}" in str(view.state.message)
        assert view.state.context["rescued"] is True
    else:
        assert type(view.state).__name__ == left

    finished = execute_flow_run(flow_run_id, flow=killed_run.make_flow())
    assert finished.state.is_successful(), finished.state
    assert finished.get_task_run(task_slug="unsteady-1").get_result() == killed_run.RESULT
    again = executions(home) - before
    assert [each for each in stays if again[each]] == []
    check_file(home, killed)
    return str(left)


def moments(count: int) -> Iterator[tuple[int, str, int, float]]:
    choose = random.Random(20261123)
    for number in range(count):
        # The program tells about 70 lines.
        yield number, choose.choice(["local", "threads"]), choose.randint(1, 70), choose.choice([0, 0.001, 0.003, 0.01])


@pytest.mark.parametrize(("number", "executor", "after", "delay"), list(moments(12)))
def test_a_killed_run_keeps_what_was_acknowledged_and_is_finished(
    home: Path, number: int, executor: str, after: int, delay: float
) -> None:
    kill_and_resume(home, executor, after, delay)


def test_a_run_in_processes_is_killed_and_finished_too(home: Path) -> None:
    kill_and_resume(home, "processes", after=15, delay=0.01)


@pytest.mark.chaos
@pytest.mark.parametrize("after", range(1, 27))
def test_runs_in_processes_are_killed_and_finished_too(home: Path, after: int) -> None:
    kill_and_resume(home, "processes", after=after, delay=0.01)


@pytest.mark.chaos
@pytest.mark.parametrize(("number", "executor", "after", "delay"), list(moments(500))[12:])
def test_five_hundred_moments(home: Path, number: int, executor: str, after: int, delay: float) -> None:
    kill_and_resume(home, executor, after, delay)


def test_a_run_that_is_not_killed_tells_the_same_story(home: Path) -> None:
    """So that the moments above are known to lie within the run."""
    killed = run_here(home, "local", after=10**9, delay=0)
    check_file(home, killed)
    assert len(killed.told) >= 70
    assert query_of_file(home / "runs.db")("SELECT state FROM flow_run") == [("Success",)]
    assert set(executions(home).values()) == {1, 2}
