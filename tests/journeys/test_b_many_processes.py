"""Several processes record into one file at once, forked ones too: no error, nothing lost."""

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.recording_programs import WIDTH

PROGRAM = [sys.executable, "-m", "tests.journeys.recording_programs"]


def environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PREFECT__HOME_DIR": str(home),
        "PREFECT__EMBEDDED__DATABASE": str(home / "runs.db"),
        "PREFECT__LOGGING__LEVEL": "INFO",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


VIEWS = """
CREATE TEMP VIEW recorded AS
    SELECT r.id, r.name, r.state FROM flow_run r JOIN flow f ON f.id = r.flow_id WHERE f.name = 'recording';
CREATE TEMP VIEW task_runs AS
    SELECT * FROM task_run WHERE flow_run_id IN (SELECT id FROM recorded);
CREATE TEMP VIEW feed AS
    SELECT flow_run_id, sequence FROM flow_run_state
    UNION ALL SELECT flow_run_id, sequence FROM task_run_state
    UNION ALL SELECT flow_run_id, sequence FROM log
    UNION ALL SELECT flow_run_id, sequence FROM task_run_artifact;
"""


def query(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "runs.db")) as connection:
        connection.executescript(VIEWS)
        return connection.execute(sql).fetchall()


def record_at_once(home: Path, processes: int, runs: int) -> None:
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [*PROGRAM, "record", f"p{number}", str(runs)],
                    cwd=Path(__file__).parents[2],
                    env=environment(home),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for number in range(processes)
        ]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in started:
            _, errors = process.communicate()
            assert (process.returncode, errors) == (0, "")
    check_complete(home, [f"p{process}.{run}" for process in range(processes) for run in range(runs)])


def check_complete(home: Path, names: list[str]) -> None:
    """Each run is there, with all its states in an unbroken feed, and all its log lines once."""
    assert query(home, "PRAGMA integrity_check") == [("ok",)]
    runs = query(home, "SELECT name, state FROM recorded")
    assert sorted(runs) == sorted((name, "Success") for name in names)
    # Parameter, list, parent and join; then the children.
    states = Counter(query(home, "SELECT map_index >= 0, state FROM task_runs"))
    assert states == {(0, "Success"): 3 * len(names), (0, "Mapped"): len(names), (1, "Success"): WIDTH * len(names)}
    # Every child: created, running, done.
    children = """SELECT s.state, count(*) FROM task_run_state s JOIN task_runs t ON t.id = s.task_run_id
        WHERE t.map_index >= 0 GROUP BY s.state"""
    assert dict(query(home, children)) == dict.fromkeys(("Pending", "Running", "Success"), WIDTH * len(names))
    said = query(home, "SELECT message FROM log WHERE message LIKE '% says %'")
    assert sorted(said) == sorted((f"{name} says {number}",) for name in names for number in range(WIDTH))
    broken = """SELECT flow_run_id FROM feed GROUP BY flow_run_id
        HAVING count(*) != max(sequence) - min(sequence) + 1 OR count(DISTINCT sequence) != count(*)"""
    assert query(home, broken) == []
    # They all ran the same flow, which was registered once.
    assert query(home, "SELECT count(*) FROM flow WHERE name = 'recording'") == [(1,)]


def test_some_processes_record_at_once(tmp_path: Path) -> None:
    record_at_once(tmp_path, processes=4, runs=3)


@pytest.mark.chaos
def test_ten_processes_record_at_once(tmp_path: Path) -> None:
    record_at_once(tmp_path, processes=10, runs=20)


def test_forked_processes_record_too(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "fork", "3"],
        cwd=Path(__file__).parents[2],
        env=environment(tmp_path) | {"PYTHONWARNINGS": "ignore:This process:DeprecationWarning"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    check_complete(tmp_path, ["parent before", "parent meanwhile", "parent after", "child 0", "child 1", "child 2"])
    lines = query(tmp_path, "SELECT message FROM log WHERE message IN ('task before', 'task inside', 'task after')")
    assert sorted(lines) == [("task after",), ("task before",), ("task inside",)]
