"""What a PostgreSQL database of Prefect Server 1 holds, copied into ours.

The other database is read in one snapshot and never written. Ids stay what they are, so that links, results and
programs that keep them go on working, and so that an import that was broken off goes on where it stopped: what is
there already is left alone. A flow run comes with everything beneath it in one transaction, its states, log lines and
artifacts put into one feed in the order in which that server received them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, LiteralString

import msgspec

from prefect.server.catalog import CATALOG, Column
from prefect.server.errors import DriverMissing, StoreError
from prefect.server.identifiers import now
from prefect.server.operations.hooks import shown_config
from prefect.server.operations.values import canonical_id, canonical_moment, clean_text, encode_json
from prefect.server.store.interface import Store, Transaction
from prefect.server.store.statements import statement

if TYPE_CHECKING:
    import psycopg

# Rows of flows, tasks and the like that are copied in one transaction, and flow runs with all that is beneath them.
ROWS_AT_ONCE: Final = 1000
RUNS_AT_ONCE: Final = 25
# Rows of history that are held in memory at once.
HISTORY_AT_ONCE: Final = 2000

# What does not belong to a run, parents before their children.
DEFINITIONS: Final = (
    "tenant",
    "project",
    "flow_group",
    "flow",
    "task",
    "edge",
    "agent_config",
    "agent",
    "cloud_hook",
    "message",
)
HISTORY: Final = ("flow_run_state", "task_run_state", "task_run_artifact", "log")

_COLUMNS: Final = {
    "tenant": "id created updated name slug info settings",
    "project": "id tenant_id created updated name description",
    "flow_group": (
        "id tenant_id created updated name labels schedule settings default_parameters run_config description"
    ),
    "flow": (
        "id tenant_id created updated version name description environment parameters project_id archived "
        "version_group_id storage core_version settings serialized_flow schedule is_schedule_active flow_group_id "
        "run_config"
    ),
    "task": (
        "id tenant_id created updated flow_id name slug description type max_retries retry_delay trigger mapped "
        "auto_generated cache_key is_root_task is_terminal_task is_reference_task tags"
    ),
    "edge": "id tenant_id created updated flow_id upstream_task_id downstream_task_id key mapped",
    "agent_config": "id tenant_id created updated name settings",
    "agent": "id tenant_id created updated agent_config_id name type core_version labels last_queried",
    "cloud_hook": "id tenant_id created updated name states type config active version_group_id",
    "message": "id tenant_id created updated read type text content",
    "flow_run": (
        "id tenant_id created updated flow_id parameters scheduled_start_time auto_scheduled heartbeat start_time "
        "end_time version state state_timestamp state_message state_result state_start_time serialized_state name "
        "context times_resurrected idempotency_key agent_id labels run_config"
    ),
    "flow_run_state": (
        "id tenant_id flow_run_id sequence version timestamp state message result start_time serialized_state created "
        "updated"
    ),
    "task_run": (
        "id tenant_id created updated flow_run_id task_id map_index version heartbeat start_time end_time state "
        "state_timestamp state_message state_result state_start_time serialized_state cache_key name first_sequence"
    ),
    "task_run_state": (
        "id tenant_id flow_run_id task_run_id sequence version timestamp state message result start_time "
        "serialized_state created updated"
    ),
    "task_run_artifact": "id tenant_id created updated flow_run_id task_run_id sequence kind data",
    "log": (
        "id tenant_id created updated flow_run_id task_run_id sequence timestamp name level message info "
        "is_loaded_from_archive"
    ),
}
_PLACES: Final = {table: tuple(names.split()) for table, names in _COLUMNS.items()}

# Every row as JSON, whichever columns that release of the server had.
_DEFINITIONS_SQL: Final[dict[str, LiteralString]] = {
    "tenant": "SELECT to_jsonb(t)::text FROM tenant AS t WHERE id > %s ORDER BY id LIMIT %s",
    "project": "SELECT to_jsonb(t)::text FROM project AS t WHERE id > %s ORDER BY id LIMIT %s",
    "flow_group": "SELECT to_jsonb(t)::text FROM flow_group AS t WHERE id > %s ORDER BY id LIMIT %s",
    "flow": "SELECT to_jsonb(t)::text FROM flow AS t WHERE id > %s ORDER BY id LIMIT %s",
    "task": (
        "SELECT (to_jsonb(t) || jsonb_build_object('retry_delay', "
        "round(extract(epoch FROM t.retry_delay) * 1000000)))::text FROM task AS t WHERE id > %s ORDER BY id LIMIT %s"
    ),
    "edge": "SELECT to_jsonb(t)::text FROM edge AS t WHERE id > %s ORDER BY id LIMIT %s",
    "agent_config": "SELECT to_jsonb(t)::text FROM agent_config AS t WHERE id > %s ORDER BY id LIMIT %s",
    "agent": "SELECT to_jsonb(t)::text FROM agent AS t WHERE id > %s ORDER BY id LIMIT %s",
    "cloud_hook": "SELECT to_jsonb(t)::text FROM cloud_hook AS t WHERE id > %s ORDER BY id LIMIT %s",
    "message": "SELECT to_jsonb(t)::text FROM message AS t WHERE id > %s ORDER BY id LIMIT %s",
}
_RUNS_SQL: Final[LiteralString] = "SELECT to_jsonb(t)::text FROM flow_run AS t WHERE id > %s ORDER BY id LIMIT %s"
_TASK_RUNS_SQL: Final[LiteralString] = (
    "SELECT to_jsonb(t)::text FROM task_run AS t WHERE flow_run_id = ANY(%s) ORDER BY flow_run_id, task_id, map_index"
)
# Log lines come by when they arrived there, as everything else does: clients' clocks differ.
_HISTORY_SQL: Final[LiteralString] = """
SELECT kind, run::text, row::text FROM (
    SELECT 0 AS kind, s.flow_run_id AS run, s.timestamp AS moment, s.version AS nth, s.timestamp AS second, s.id,
        to_jsonb(s) AS row
    FROM flow_run_state AS s WHERE s.flow_run_id = ANY(%(runs)s)
    UNION ALL
    SELECT 1, r.flow_run_id, s.timestamp, s.version, s.timestamp, s.id, to_jsonb(s)
    FROM task_run AS r JOIN task_run_state AS s ON s.task_run_id = r.id WHERE r.flow_run_id = ANY(%(runs)s)
    UNION ALL
    SELECT 2, r.flow_run_id, a.created, 0, a.created, a.id, to_jsonb(a)
    FROM task_run AS r JOIN task_run_artifact AS a ON a.task_run_id = r.id WHERE r.flow_run_id = ANY(%(runs)s)
    UNION ALL
    SELECT 3, l.flow_run_id, l.created, 0, l.timestamp, l.id, to_jsonb(l)
    FROM log AS l WHERE l.flow_run_id = ANY(%(runs)s)
) AS history
ORDER BY run, moment, kind, nth, second, id
"""
_OLDEST_ID: Final = "00000000-0000-0000-0000-000000000000"
# The tables by which a database of Prefect Server 1 is known, and the one by which ours is.
_THEIRS: Final = {"tenant", "flow_group", "flow_run", "flow_run_state", "task_run_state", "log"}
_OURS: Final = "quaestor"

Tell = Callable[[str, int], None]


@dataclass
class Imported:
    """How many rows of each table came in, and how many were there already or could not be placed."""

    came: dict[str, int] = field(default_factory=dict)
    were_there: dict[str, int] = field(default_factory=dict)
    homeless_log_lines: int = 0

    def count(self, table: str, came: int, were_there: int = 0) -> None:
        """Add to what is known of a table."""
        self.came[table] = self.came.get(table, 0) + came
        self.were_there[table] = self.were_there.get(table, 0) + were_there


def import_server(
    url: str,
    store: Store,
    tell: Tell = lambda table, rows: None,
    *,
    rows_at_once: int = ROWS_AT_ONCE,
    runs_at_once: int = RUNS_AT_ONCE,
) -> Imported:
    """Copy everything that a database of Prefect Server 1 holds.

    Args:
        url: postgresql://user@host:port/name of that database.
        store: where it goes.
        tell: called after every step with the name of a table and how many of its rows have been dealt with.

    Raises:
        StoreError: that database cannot be read, or is none of Prefect Server 1.
    """
    try:
        import psycopg

        from prefect.server.store import postgres
    except ImportError as error:
        raise DriverMissing(
            f"Reading a PostgreSQL database needs more than is installed ({error}): pip install 'quaestor[postgres]'."
        ) from error
    postgres.url_parts(url)
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # The length of a long import is nobody's fault; times come as they are stored here.
            connection.execute("SET statement_timeout = 0; SET timezone = 'UTC'; SET intervalstyle = 'postgres'")
            with connection.transaction():
                _check(connection)
                return _Import(connection, store, tell, rows_at_once, runs_at_once).run()
    except psycopg.Error as error:
        raise StoreError(
            f"The database to import cannot be read ({type(error).__name__}: {str(error).strip()}). Nothing that came "
            "in before is lost: the same command goes on where this one stopped."
        ) from error


def _check(connection: psycopg.Connection[Any]) -> None:
    found = {
        row[0]
        for row in connection.execute(
            "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = ANY (current_schemas(false))"
        )
    }
    if _OURS in found:
        raise StoreError("The database to import is one of ours already: serve it with --database-url.")
    missing = sorted(_THEIRS - found)
    if missing:
        raise StoreError(
            f"The database to import is none of Prefect Server 1: it has no table {', '.join(missing)} in the schemas "
            "that are searched. Is it the right database, and is the user allowed to see them?"
        )


class _Import:
    def __init__(
        self, source: psycopg.Connection[Any], store: Store, tell: Tell, rows_at_once: int, runs_at_once: int
    ) -> None:
        self.source = source
        self.store = store
        self.tell = tell
        self.rows_at_once = rows_at_once
        self.runs_at_once = runs_at_once
        self.done = Imported()
        # Tenants and projects that are here under another id, since their name is taken.
        self.same_as: dict[str, str] = {}

    def run(self) -> Imported:
        for table in DEFINITIONS:
            for rows in self._pages(_DEFINITIONS_SQL[table], self.rows_at_once):
                self._take_definitions(table, rows)
        for runs in self._pages(_RUNS_SQL, self.runs_at_once):
            self._take_runs(runs)
        # Active schedules go on here, behind what was planned there.
        self.store.write(lambda transaction: transaction.execute(statement("begin_schedules_that_came"), (now(),)))
        homeless = self.source.execute("SELECT count(*) FROM log WHERE flow_run_id IS NULL").fetchone()
        self.done.homeless_log_lines = 0 if homeless is None else homeless[0]
        return self.done

    def _pages(self, sql: LiteralString, most: int) -> Iterator[list[dict[str, Any]]]:
        last = _OLDEST_ID
        while True:
            rows = [msgspec.json.decode(row[0]) for row in self.source.execute(sql, (last, most))]
            if not rows:
                return
            yield rows
            last = rows[-1]["id"]

    def _take_definitions(self, table: str, rows: list[dict[str, Any]]) -> None:
        def write(transaction: Transaction) -> int:
            new = [row for row in rows if not self._is_known(transaction, table, row)]
            return self._insert(transaction, table, new)

        came = self.store.write(write)
        self._count(table, came, len(rows) - came)

    def _is_known(self, transaction: Transaction, table: str, row: dict[str, Any]) -> bool:
        """Whether a tenant or project of the name is here; what belongs to theirs then belongs to ours."""
        if table == "tenant":
            found = transaction.fetch_one(statement("tenant_by_slug"), (row["slug"],))
        elif table == "project":
            tenant = self._id(row["tenant_id"])
            found = transaction.fetch_one(statement("project_by_name"), (tenant, row["name"]))
        else:
            return False
        if found is None:
            return False
        self.same_as[row["id"]] = found[0]
        return True

    def _take_runs(self, runs: list[dict[str, Any]]) -> None:
        def write(transaction: Transaction) -> dict[str, int]:
            there = transaction.fetch_each(statement("imported_flow_run"), [(run["id"],) for run in runs])
            new = [run for run, known in zip(runs, there, strict=True) if known is None]
            came = {"flow_run": self._insert(transaction, "flow_run", new)}
            if new:
                self._take_history(transaction, [run["id"] for run in new], came)
            return came

        came = self.store.write(write)
        for table, rows in came.items():
            self._count(table, rows, len(runs) - rows if table == "flow_run" else 0)

    def _take_history(self, transaction: Transaction, runs: list[str], came: dict[str, int]) -> None:
        ends: dict[str, tuple[int, str]] = {}
        first: dict[str, int] = {}
        waiting: dict[str, list[dict[str, Any]]] = {table: [] for table in HISTORY}
        with self.source.cursor("history") as cursor:
            cursor.itersize = HISTORY_AT_ONCE
            for kind, run, text in cursor.execute(_HISTORY_SQL, {"runs": runs}):
                table, row = HISTORY[kind], msgspec.json.decode(text)
                sequence = ends.get(run, (0, ""))[0] + 1
                moment = canonical_moment(row["timestamp" if kind < 2 else "created"], "timestamp")
                assert moment is not None
                ends[run] = sequence, moment
                row["flow_run_id"], row["sequence"] = run, sequence
                if table == "task_run_state":
                    first.setdefault(row["task_run_id"], sequence)
                waiting[table].append(row)
                if len(waiting[table]) == HISTORY_AT_ONCE:
                    self._add(transaction, table, waiting[table], came)
                    waiting[table] = []
        for table, rows in waiting.items():
            self._add(transaction, table, rows, came)
        task_runs = [msgspec.json.decode(row[0]) for row in self.source.execute(_TASK_RUNS_SQL, (runs,))]
        for task_run in task_runs:
            # One that never had a state exists from the beginning.
            task_run["first_sequence"] = first.get(task_run["id"], 0)
        self._add(transaction, "task_run", task_runs, came)
        for run in runs:
            sequence, moment = ends.get(run, (0, "1970-01-01T00:00:00+00:00"))
            transaction.execute(statement("start_feed"), (run, sequence, moment))

    def _add(self, transaction: Transaction, table: str, rows: list[dict[str, Any]], came: dict[str, int]) -> None:
        came[table] = came.get(table, 0) + self._insert(transaction, table, rows)

    def _insert(self, transaction: Transaction, table: str, rows: Sequence[dict[str, Any]]) -> int:
        if not rows:
            return 0
        if table == "cloud_hook":
            rows = self._hide(transaction, rows)
        values = [self._values(table, row) for row in rows]
        return transaction.execute_many(statement(f"import_{table}"), values).rowcount

    def _hide(self, transaction: Transaction, hooks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Put what is secret in the configs where nobody can read it; the hooks with what may be read."""
        configs = [row.get("config") or {} for row in hooks]
        values = [
            (self._id(row["id"]), self._id(row.get("tenant_id")), encode_json(config, "cloud_hook.config"))
            for row, config in zip(hooks, configs, strict=True)
        ]
        transaction.execute_many(statement("import_cloud_hook_config"), values)
        return [
            {**row, "config": shown_config(row["type"], config)} for row, config in zip(hooks, configs, strict=True)
        ]

    def _values(self, table: str, row: dict[str, Any]) -> tuple[Any, ...]:
        columns = CATALOG.tables[table].columns
        return tuple(self._value(columns[name], row.get(name), f"{table}.{name}") for name in _PLACES[table])

    def _value(self, column: Column, value: Any, what: str) -> Any:
        kind = column.type
        if value is None:
            # A column that the release of that server did not have yet.
            return None if column.nullable else _missing(column)
        if kind == "uuid":
            return self._id(value)
        if kind == "timestamptz":
            return canonical_moment(value, what)
        if kind == "jsonb":
            return encode_json(value, what)
        if kind == "String":
            return clean_text(value)
        if kind == "interval":
            return int(value)
        return value

    def _id(self, given: str | None) -> str | None:
        return None if given is None else self.same_as.get(given) or canonical_id(given, "id")

    def _count(self, table: str, came: int, were_there: int) -> None:
        self.done.count(table, came, were_there)
        self.tell(table, came + were_there)


def _missing(column: Column) -> Any:
    if column.type == "jsonb":
        return "[]" if column.name in ("labels", "tags") else "{}"
    return {"Boolean": False, "Int": 0}.get(column.type)
