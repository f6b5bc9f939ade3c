"""What the tests that kill recorded runs share: the program is started and killed, and what is left is looked at."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The states in which a task run stays when its flow run is resumed.
FINAL = ("Success", "Skipped", "Cached", "Mapped")

Acknowledgement = tuple[str, str, int, str]
Query = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Killed:
    """A program that was killed: its process id and exit code, and what was acknowledged to it, in order."""

    pid: int
    exit_code: int
    told: list[Acknowledgement]

    @property
    def flow_run_id(self) -> str:
        """The run that it recorded; it was told that it exists."""
        [flow_run_id] = [id for kind, id, _, _ in self.told if kind == "created"]
        return flow_run_id


def run_and_kill(
    home: Path,
    environment: Mapping[str, str],
    executor: str,
    *,
    moment: str | None = None,
    after: int | None = None,
    delay: float = 0,
) -> Killed:
    """Starts the program, which kills itself at `moment`, or is killed `delay` seconds after `after` lines."""
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "tests.journeys.killed_run", executor, str(home / "executions"), str(writing)]
    process = subprocess.Popen(
        command if moment is None else [*command, moment],
        cwd=Path(__file__).parents[2],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        env={
            **os.environ,
            "PREFECT__HOME_DIR": str(home),
            "PYTHONPATH": os.pathsep.join(sys.path),
            **environment,
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
    return Killed(process.pid, process.returncode, told)


def query_of_file(path: Path) -> Query:
    """Asks the SQLite database at this path, past everything that Quaestor is."""

    def query(sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(path)) as connection, connection:
            return connection.execute(sql).fetchall()

    return query


def query_of_url(url: str) -> Query:
    """Asks the PostgreSQL database of this URL, past everything that Quaestor is."""

    def query(sql: str) -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(sql.encode()).fetchall()

    return query


def executions(home: Path) -> Counter[str]:
    """How often each task ran."""
    path = home / "executions"
    return Counter(path.read_text().splitlines()) if path.exists() else Counter()


def durable(query: Query, flow_run_id: str) -> set[str]:
    """The task runs that have ended for good, named as `executions` names them."""
    return {
        f"{slug} {index}"
        for slug, index, state in query(
            f"""SELECT t.slug, r.map_index, r.state FROM task_run r JOIN task t ON t.id = r.task_id
            WHERE CAST(r.flow_run_id AS text) = '{flow_run_id}'"""  # noqa: S608
        )
        if state in FINAL
    }


def check_kept(query: Query, killed: Killed) -> None:
    """What was acknowledged is kept, once and in order, and rows are what their history says."""
    run = f"CAST(flow_run_id AS text) = '{killed.flow_run_id}'"
    states = {
        "flow_run": query(f"SELECT CAST(flow_run_id AS text), version, state FROM flow_run_state WHERE {run}"),  # noqa: S608
        "task_run": query(f"SELECT CAST(task_run_id AS text), version, state FROM task_run_state WHERE {run}"),  # noqa: S608
    }
    kept = {(kind, *row) for kind, rows in states.items() for row in rows}
    assert [each for each in killed.told if each[0] in states and each not in kept] == []
    task_runs = {row[0] for row in query(f"SELECT CAST(id AS text) FROM task_run WHERE {run}")}  # noqa: S608
    assert [each for each in killed.told if each[0] == "mapped" and each[1] not in task_runs] == []
    [(lines,)] = query(f"SELECT count(*) FROM log WHERE {run}")  # noqa: S608
    assert lines >= sum(count for kind, _, count, _ in killed.told if kind == "logs")
    # One feed without holes: whoever commits takes the next number.
    tables = ("flow_run_state", "task_run_state", "task_run_artifact", "log")
    numbers = " UNION ALL ".join(f"SELECT sequence FROM {table} WHERE {run}" for table in tables)  # noqa: S608
    feed = sorted(row[0] for row in query(numbers))
    assert feed == list(range(1, len(feed) + 1))
    for kind in states:
        history = f"""SELECT CAST({kind}_id AS text), version FROM {kind}_state WHERE {run} ORDER BY sequence"""  # noqa: S608
        versions: dict[str, list[int]] = {}
        for id, version in query(history):
            versions.setdefault(id, []).append(version)
        assert [id for id, found in versions.items() if found != list(range(1, len(found) + 1))] == []
    # Rows are projections of the history.
    for kind, key in (("flow_run", "id"), ("task_run", "flow_run_id")):
        behind = f"""SELECT r.id, r.state, r.version, s.state, s.version
            FROM {kind} r JOIN {kind}_state s ON s.{kind}_id = r.id
            WHERE s.sequence = (SELECT max(sequence) FROM {kind}_state WHERE {kind}_id = r.id)
            AND (s.state <> r.state OR s.version <> r.version)
            AND CAST(r.{key} AS text) = '{killed.flow_run_id}'"""  # noqa: S608
        assert query(behind) == []
