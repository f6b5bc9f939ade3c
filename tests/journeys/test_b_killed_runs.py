"""A recorded run is killed (SIGKILL) at a random moment: nothing acknowledged is lost, and the run can be finished."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from prefect.backend import FlowRunView
from prefect.backend.execution import execute_flow_run
from prefect.configuration import config
from tests.journeys import killed_run

# The states in which a task run stays when its flow run is resumed.
FINAL = ("Success", "Skipped", "Cached", "Mapped")

Acknowledgement = tuple[str, str, int, str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(config.embedded, "database", str(tmp_path / "runs.db"))
    monkeypatch.setitem(config, "home_dir", str(tmp_path))
    return tmp_path


def run_and_kill(home: Path, executor: str, after: int, delay: float) -> tuple[int, list[Acknowledgement]]:
    """Starts the program and kills it `delay` seconds after `after` lines; its process id, and what it told."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.killed_run", executor, str(home / "executions"), str(writing)],
        cwd=Path(__file__).parents[2],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        env={
            **os.environ,
            "PREFECT__HOME_DIR": str(home),
            "PREFECT__EMBEDDED__DATABASE": str(home / "runs.db"),
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
    )
    os.close(writing)
    told: list[Acknowledgement] = []
    with process, open(reading) as lines:
        for line in lines:
            told.append(tuple(json.loads(line)))
            if len(told) == after:
                threading.Event().wait(delay)
                process.kill()
    return process.pid, told


def query(home: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / "runs.db")) as connection:
        return connection.execute(sql).fetchall()


def executions(home: Path) -> Counter[str]:
    path = home / "executions"
    return Counter(path.read_text().splitlines()) if path.exists() else Counter()


def check_kept(home: Path, told: list[Acknowledgement]) -> None:
    """The file is sound, and what was acknowledged is in it."""
    assert query(home, "PRAGMA integrity_check") == [("ok",)]
    kept = {("task_run", *row) for row in query(home, "SELECT task_run_id, version, state FROM task_run_state")} | {
        ("flow_run", *row) for row in query(home, "SELECT flow_run_id, version, state FROM flow_run_state")
    }
    assert [each for each in told if each[0] in ("task_run", "flow_run") and each not in kept] == []
    task_runs = {row[0] for row in query(home, "SELECT id FROM task_run")}
    assert [each for each in told if each[0] == "mapped" and each[1] not in task_runs] == []
    [(lines,)] = query(home, "SELECT count(*) FROM log")
    assert isinstance(lines, int)
    assert lines >= sum(count for kind, _, count, _ in told if kind == "logs")
    # Rows are projections of the history.
    behind = """SELECT r.id, r.state, r.version, s.state, s.version
        FROM {0}_run r JOIN {0}_run_state s ON s.{0}_run_id = r.id
        WHERE s.sequence = (SELECT max(sequence) FROM {0}_run_state WHERE {0}_run_id = r.id)
        AND (s.state, s.version) != (r.state, r.version)"""
    assert query(home, behind.format("task")) == []
    assert query(home, behind.format("flow")) == []


def kill_and_resume(home: Path, executor: str, after: int, delay: float) -> str:
    """The whole story of one kill; the state in which the kill left the flow run."""
    pid, told = run_and_kill(home, executor, after, delay)
    check_kept(home, told)
    [(flow_run_id, left)] = query(home, "SELECT id, state FROM flow_run")
    assert isinstance(flow_run_id, str)
    durable = {
        f"{slug} {index}"
        for slug, index, state in query(
            home, "SELECT t.slug, r.map_index, r.state FROM task_run r JOIN task t ON t.id = r.task_id"
        )
        if state in FINAL
    }
    before = executions(home)

    view = FlowRunView.from_flow_run_id(flow_run_id)
    if left == "Running":
        assert view.state.is_failed()
        assert f"process {pid}" in str(view.state.message)
        assert view.state.context["rescued"] is True
    else:
        assert type(view.state).__name__ == left

    finished = execute_flow_run(flow_run_id, flow=killed_run.make_flow())
    assert finished.state.is_successful(), finished.state
    assert finished.get_task_run(task_slug="unsteady-1").get_result() == killed_run.RESULT
    again = executions(home) - before
    assert [each for each in durable if again[each]] == []
    assert query(home, "PRAGMA integrity_check") == [("ok",)]
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
    _, told = run_and_kill(home, "local", after=10**9, delay=0)
    check_kept(home, told)
    assert len(told) >= 70
    assert query(home, "SELECT state FROM flow_run") == [("Success",)]
    assert set(executions(home).values()) == {1, 2}
