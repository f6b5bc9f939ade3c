"""The data that questions over HTTP are asked of: a million flow runs and two million task runs, on either database.

Built once into a cache directory (QUAESTOR_BENCH_CACHE, else one in /var/tmp) and used again until the schema changes.
The newest 100,000 runs have 20 task runs each, the older ones none: their details were deleted, as they are after a
while.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from prefect.server.identifiers import stamp
from prefect.server.store.opening import open_store
from prefect.server.store.sqlite import USER_VERSION

FLOW_RUNS: Final = 1_000_000
DETAILED: Final = 100_000
TASKS: Final = 20
FLOWS: Final = 50
FAILED_EVERY: Final = 20
# To be counted up when other rows are filled in.
EDITION: Final = b"1"

_FIRST = datetime(2024, 1, 1, tzinfo=UTC)
_BETWEEN = timedelta(seconds=30)
_RESULT = '{"type":"PrefectResult","location":"42","__version__":"1.5.0"}'
_WORDS = ("amber", "brisk", "cobalt", "dapper", "eager", "fluffy", "gentle", "hazel", "indigo", "jolly")
_ANIMALS = ("auk", "bison", "civet", "dingo", "eland", "ferret", "gibbon", "heron", "ibis", "jackal")

Row = tuple[Any, ...]


def run_id(number: int) -> str:
    """The id of a flow run; ids ascend with time, as ours do."""
    return f"{number:08x}-0000-7000-8000-{number:012x}"


def run_name(number: int) -> str:
    """The name of a flow run; no other has it."""
    return f"{_WORDS[number % 10]}-{_ANIMALS[number // 10 % 10]}-{number}"


def flow_id(number: int) -> str:
    return f"01800000-0000-7000-8000-{number % FLOWS:012x}"


def task_id(number: int, task: int) -> str:
    return f"01810000-0000-7000-8{task:03x}-{number % FLOWS:012x}"


def _state(name: str, message: str) -> str:
    return (
        f'{{"type":"{name}","message":"{message}","context":{{"tags":[]}},"cached_inputs":{{}},'
        f'"_result":{_RESULT},"__version__":"1.5.0"}}'
    )


_SUCCESS = ("Success", "All reference tasks succeeded.")
_FAILED = ("Failed", "Some reference tasks failed.")
_TASK = ("Success", "Task run succeeded.")

FLOW_RUN_COLUMNS = (
    *("id", "tenant_id", "created", "updated", "flow_id", "parameters", "scheduled_start_time", "heartbeat"),
    *("start_time", "end_time", "version", "state", "state_timestamp", "state_message", "serialized_state", "name"),
    *("context", "labels", "run_config"),
)
TASK_RUN_COLUMNS = (
    *("id", "tenant_id", "created", "updated", "flow_run_id", "task_id", "map_index", "version"),
    *("start_time", "end_time", "state", "state_timestamp", "state_message", "serialized_state", "first_sequence"),
)
SEQUENCE_COLUMNS = ("flow_run_id", "sequence", "timestamp")


def flow_runs(tenant: str, first: int, last: int) -> Iterator[Row]:
    """The rows of these flow runs."""
    states = {pair: _state(*pair) for pair in (_SUCCESS, _FAILED)}
    for number in range(first, last):
        began = _FIRST + number * _BETWEEN
        start, end = stamp(began), stamp(began + timedelta(seconds=12 + number % 17))
        state = _FAILED if number % FAILED_EVERY == 0 else _SUCCESS
        yield (
            run_id(number), tenant, start, end, flow_id(number), '{"x":1}', start, end, start, end, 3, state[0],
            end, state[1], states[state], run_name(number), "{}", "[]", None,
        )  # fmt: skip


def task_runs(tenant: str, first: int, last: int) -> Iterator[Row]:
    """The rows of the task runs of these flow runs."""
    state = _state(*_TASK)
    for number in range(first, last):
        began = _FIRST + number * _BETWEEN
        start, end = stamp(began), stamp(began + timedelta(seconds=3))
        run = run_id(number)
        for task in range(TASKS):
            yield (
                f"{number:08x}-{task:04x}-7001-8000-{number:012x}", tenant, start, end, run, task_id(number, task), -1,
                3, start, end, _TASK[0], end, _TASK[1], state, task + 2,
            )  # fmt: skip


def sequences(first: int, last: int) -> Iterator[Row]:
    """How far the feeds of these flow runs have come."""
    for number in range(first, last):
        yield run_id(number), 3 + 3 * TASKS, stamp(_FIRST + number * _BETWEEN)


def _definitions(place: str) -> str:
    """Lay out the database, with the flows and tasks that the runs are runs of; the id of the tenant."""
    store = open_store(place)
    moment = stamp(_FIRST)
    with store.transaction() as transaction:
        row = transaction.fetch_one("SELECT id FROM tenant")
        assert row is not None
        tenant, project, group = str(row[0]), flow_id(FLOWS - 1)[:-4] + "ffff", flow_id(0)[:-4] + "fffe"
        transaction.execute(
            "INSERT INTO project (id, tenant_id, created, updated, name) VALUES (?1, ?2, ?3, ?3, ?4)",
            (project, tenant, moment, "default"),
        )
        for number in range(FLOWS):
            transaction.execute(
                "INSERT INTO flow (id, tenant_id, created, updated, version, name, project_id, flow_group_id)"
                " VALUES (?1, ?2, ?3, ?3, 1, ?4, ?5, ?6)",
                (flow_id(number), tenant, moment, f"flow-{number}", project, group),
            )
            for task in range(TASKS):
                transaction.execute(
                    "INSERT INTO task (id, tenant_id, created, updated, flow_id, name, slug)"
                    " VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)",
                    (task_id(number, task), tenant, moment, flow_id(number), f"task-{task}", f"task-{task}-1"),
                )
    store.close()
    return tenant


def _fill_sqlite(path: Path) -> None:
    tenant = _definitions(str(path))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        # Made again afterwards, in one go: three times as fast as growing them row by row.
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            " AND tbl_name IN ('flow_run', 'task_run')"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute("BEGIN")
        for table, columns, rows in (
            ("flow_run", FLOW_RUN_COLUMNS, flow_runs(tenant, 0, FLOW_RUNS)),
            ("task_run", TASK_RUN_COLUMNS, task_runs(tenant, FLOW_RUNS - DETAILED, FLOW_RUNS)),
            ("flow_run_sequence", SEQUENCE_COLUMNS, sequences(FLOW_RUNS - DETAILED, FLOW_RUNS)),
        ):
            marks = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def _fill_postgresql(url: str) -> None:
    import psycopg

    tenant = _definitions(url)
    with psycopg.connect(url, autocommit=True) as connection:
        indexes = connection.execute(
            "SELECT i.indexname, i.indexdef FROM pg_indexes AS i WHERE i.tablename IN ('flow_run', 'task_run')"
            " AND i.indexname NOT LIKE '%pkey'"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())
        for table, columns, rows in (
            ("flow_run", FLOW_RUN_COLUMNS, flow_runs(tenant, 0, FLOW_RUNS)),
            ("task_run", TASK_RUN_COLUMNS, task_runs(tenant, FLOW_RUNS - DETAILED, FLOW_RUNS)),
            ("flow_run_sequence", SEQUENCE_COLUMNS, sequences(FLOW_RUNS - DETAILED, FLOW_RUNS)),
        ):
            with connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
        for _, sql in indexes:
            connection.execute(sql.encode())
        connection.execute("VACUUM ANALYZE")


def cache() -> Path:
    """Where the data are kept."""
    chosen = os.environ.get("QUAESTOR_BENCH_CACHE")
    directory = Path(chosen) if chosen else Path(f"/var/tmp/quaestor-bench-{os.getuid()}")
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _edition(schema: str) -> str:
    """Changes with the schema, and with EDITION."""
    store = Path(__file__).resolve().parents[1] / "src" / "prefect" / "server" / "store"
    digest = hashlib.sha256((store / schema).read_bytes() + str(USER_VERSION).encode() + EDITION)
    return digest.hexdigest()[:12]


def _say(what: str, began: float) -> None:
    import sys

    print(f"{what} in {time.monotonic() - began:.0f} s", file=sys.stderr)


def sqlite_file() -> Path:
    """The SQLite file with the data; built on first use, which takes a minute."""
    path = cache() / f"runs-{_edition('schema.sqlite.sql')}.db"
    if not path.exists():
        for old in cache().glob("runs-*.db*"):
            old.unlink()
        began, building = time.monotonic(), path.with_suffix(".building")
        building.unlink(missing_ok=True)
        _fill_sqlite(building)
        for left in cache().glob("*.building-*"):
            left.unlink()
        building.rename(path)
        _say(f"built {path} ({path.stat().st_size / 2**30:.1f} GiB)", began)
    return path


@contextmanager
def postgresql_url() -> Iterator[str]:
    """The URL of a PostgreSQL database with the data, its server running as long as the block lasts."""
    from tests.support import postgres

    edition = _edition("schema.postgres.sql")
    directory = cache() / f"pg-{edition}"
    if (directory / "filled").exists():
        postgres.run(directory)
    else:
        for old in cache().glob("pg-*"):
            shutil.rmtree(old)
        directory.mkdir()
        postgres.start(directory)
    try:
        server = postgres.Server(directory)
        url = server.url("runs")
        if not (directory / "filled").exists():
            began = time.monotonic()
            server.execute("CREATE DATABASE runs TEMPLATE template0")
            _fill_postgresql(url)
            (directory / "filled").touch()
            _say(f"built {directory}", began)
        yield url
    finally:
        postgres.stop(directory)


if __name__ == "__main__":
    sqlite_file()
