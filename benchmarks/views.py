"""Promise: looking at a run is quick, however many runs the file holds, also from a process that has just started."""

import itertools
import sqlite3
from collections.abc import Iterator

from benchmarks.measure import Measurement, cpu_seconds, process_cost, report
from benchmarks.shapes import mapped
from prefect.backend import FlowRunView, run_flow
from prefect.configuration import config

RUNS = 100_000
CALLS = 200

# Every table that makes up a run, with the columns that identify rows of it.
COPIED = {
    "flow_run": ("id",),
    "flow_run_sequence": ("flow_run_id",),
    "flow_run_state": ("id", "flow_run_id"),
    "task_run": ("id", "flow_run_id"),
    "task_run_state": ("id", "flow_run_id", "task_run_id"),
}
ONLY_ONCE = ("idempotency_key", "idempotency_id")


def copy_run(connection: sqlite3.Connection, flow_run_id: str, copies: int) -> None:
    """Add that many copies of a run. The first group of digits of every id becomes the number of the copy."""
    for table, ids in COPIED.items():
        names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
        values = []
        for name in names:
            if name in ids:
                values.append(f"printf('%08x', number) || substr(t.{name}, 9)")
            else:
                values.append("null" if name in ONLY_ONCE else f"t.{name}")
        own = "id" if table == "flow_run" else "flow_run_id"
        connection.execute(
            f"with recursive numbers(number) as (select 1 union all select number + 1 from numbers where number < ?)"  # noqa: S608
            f" insert into {table} ({', '.join(names)}) select {', '.join(values)}"
            f" from numbers, (select * from {table} where {own} = ?) t",
            (copies, flow_run_id),
        )
    connection.commit()


def fill() -> list[str]:
    """A file with that many finished runs; gives the ids of some of them, spread over all."""
    flow_run_id = run_flow(mapped(1)).flow_run_id
    connection = sqlite3.connect(config.embedded.database)
    connection.execute("pragma synchronous = off")
    copy_run(connection, flow_run_id, RUNS)
    connection.execute("analyze")
    connection.close()
    return [f"{number:08x}{flow_run_id[8:]}" for number in range(1, RUNS, RUNS // CALLS)]


def read_rows(database: str, ids: list[str]) -> float:
    """CPU seconds of reading the same run's row, flow and history in bare SQLite."""
    connection = sqlite3.connect(database)

    def read() -> None:
        for flow_run_id in ids:
            connection.execute("select * from flow_run where id = ?", (flow_run_id,)).fetchall()
            connection.execute("select * from flow_run_state where flow_run_id = ?", (flow_run_id,)).fetchall()

    seconds = cpu_seconds(read) / len(ids)
    connection.close()
    return seconds


def measure() -> Iterator[Measurement]:
    ids = fill()
    reference = read_rows(config.embedded.database, ids)
    following = itertools.cycle(ids)

    def look() -> None:
        for flow_run_id in itertools.islice(following, CALLS):
            FlowRunView.from_flow_run_id(flow_run_id)

    warm = cpu_seconds(look) / CALLS
    yield Measurement("views.warm", warm * 1000, "the same rows in bare sqlite3", warm / reference)
    program = f"from prefect.backend import FlowRunView; FlowRunView.from_flow_run_id({ids[-1]!r}).state.message"
    fresh = process_cost(program).cpu_seconds
    bare = process_cost("pass").cpu_seconds
    yield Measurement("views.fresh_process", fresh * 1000, "bare interpreter", fresh / bare)


if __name__ == "__main__":
    report(measure())
