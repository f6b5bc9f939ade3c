"""Promise: recording costs little for each task run, with every transition durable against the death of the process."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measure import Measurement, cpu_seconds, report
from benchmarks.shapes import SHAPES, mapped
from prefect import Flow
from prefect.backend import run_flow

COUNT = 1_000
TRANSITIONS = 3  # Pending, Running, Success


def recorded(flow: Flow) -> Callable[[], None]:
    def run() -> None:
        view = run_flow(flow)
        if not view.state.is_successful():
            raise RuntimeError(f"The run to be measured ended as {view.state!r}")

    return run


def inserts_per_task() -> float:
    """CPU seconds of what recording comes to in bare SQLite: a row, three lines of history, one transaction."""
    with tempfile.TemporaryDirectory() as directory:
        connection = sqlite3.connect(Path(directory) / "reference.db", isolation_level=None)
        connection.executescript(
            "pragma journal_mode = wal; pragma synchronous = normal;"
            "create table run (id text primary key, version integer, state text, body text);"
            "create table history (id text primary key, run text, version integer, state text, body text)"
        )
        body = '{"type": "Success", "message": "Task run succeeded.", "_result": {"type": "NoResultType"}}'
        started = 0

        def record() -> None:
            nonlocal started
            started += 1
            for task in range(COUNT):
                run = f"{started:032x}-{task}"
                connection.execute("begin immediate")
                connection.execute("insert into run values (?, 0, 'Pending', ?)", (run, body))
                for version in range(TRANSITIONS):
                    row = (f"{run}-{version}", run, version, "Success", body)
                    connection.execute("insert into history values (?, ?, ?, ?, ?)", row)
                    connection.execute("update run set version = ?, body = ? where id = ?", (version, body, run))
                connection.execute("commit")

        seconds = cpu_seconds(record) / COUNT
        connection.close()
        return seconds


def measure() -> Iterator[Measurement]:
    reference = inserts_per_task()
    growths = []
    per_task = {}
    for name, shape in SHAPES.items():
        per_task[name] = cpu_seconds(recorded(shape(COUNT))) / COUNT
        per_task_of_many = cpu_seconds(recorded(shape(10 * COUNT)), repeats=1) / (10 * COUNT)
        growths.append(per_task_of_many / per_task[name])
        ratio = per_task[name] / reference
        yield Measurement(f"recorded.{name}", per_task[name] * 1e6, "the same rows in bare sqlite3", ratio)
    yield Measurement("recorded.growth", max(growths))
    keeping = cpu_seconds(recorded(mapped(COUNT, checkpoint=True)), repeats=3) / COUNT - per_task["mapped"]
    yield Measurement("results.checkpoint", keeping * 1e6)


if __name__ == "__main__":
    report(measure())
