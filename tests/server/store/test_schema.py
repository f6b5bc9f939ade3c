"""The schema file is what the catalog says, and every statement fits it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import prefect.server.store as home
from prefect.server.catalog import CATALOG, Table
from prefect.server.store import functions
from prefect.server.store.statements import STATEMENTS, statement

SCHEMA = (Path(home.__file__).parent / "schema.sqlite.sql").read_text(encoding="utf-8")

# How a type of the catalog is stored.
STORED = {
    "uuid": "TEXT",
    "String": "TEXT",
    "timestamptz": "TEXT",
    "jsonb": "TEXT",
    "Int": "INTEGER",
    "bigint": "INTEGER",
    "Boolean": "INTEGER",
    "interval": "INTEGER",
    "Float": "REAL",
}


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        functions.install(connection)
        connection.executescript(SCHEMA)
        yield connection


# The index of words, which only SQLite's file keeps beside the tables, and the number of a line that it points to.
INDEX = {"log_indexed", "log_word", *(f"log_word_{part}" for part in ("config", "data", "idx"))}
NUMBERED = {"log": "number"}


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}


def views(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")}


def test_there_are_the_tables_of_the_catalog(database: sqlite3.Connection) -> None:
    assert tables(database) - INDEX == {table.name for table in CATALOG.tables.values() if table.stored}


@pytest.mark.parametrize("table", [table for table in CATALOG.tables.values() if table.stored], ids=lambda t: t.name)
def test_a_table_has_the_columns_of_the_catalog(database: sqlite3.Connection, table: Table) -> None:
    stored = {
        name: (kind, not required)
        for _, name, kind, required, _, _ in database.execute(f"PRAGMA table_info({table.name})")
        if name != NUMBERED.get(table.name)
    }
    wanted = {
        column.name: (STORED[column.type], column.nullable)
        for column in table.columns.values()
        if column.computed is None
    }
    assert {name: kind for name, (kind, _) in stored.items()} == {name: kind for name, (kind, _) in wanted.items()}
    # A column that the catalog promises to be there is never null. SQLite does not say it of views.
    assert table.name in views(database) or {name for name, (_, nullable) in stored.items() if nullable} <= {
        name for name, (_, nullable) in wanted.items() if nullable
    }


def test_json_columns_refuse_what_is_not_json(database: sqlite3.Connection) -> None:
    for table in CATALOG.tables.values():
        for column in table.columns.values():
            if table.stored and column.type == "jsonb":
                found = re.search(rf"CREATE TABLE {table.name} \((.*?)\n\)", SCHEMA, re.DOTALL)
                assert found is not None
                assert f"json_valid({column.name})" in found.group(1), f"{table.name}.{column.name}"


def test_every_index_names_the_query_that_it_serves() -> None:
    lines = SCHEMA.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX")):
            assert lines[number - 1].startswith("-- "), line


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_fits_the_schema(database: sqlite3.Connection, name: str) -> None:
    parameters = max((int(number) for number in re.findall(r"\?(\d+)", statement(name))), default=0)
    plan = database.execute(f"EXPLAIN QUERY PLAN {statement(name)}", (None,) * parameters).fetchall()
    # Small tables that are read whole, or statements that are asked once in a while about all of them.
    allowed = {"first_tenant", "projects_with_retention", "next_deletion", "owned_flow_runs", "unbegun_flow_runs"}
    allowed |= {"anybody_listens", "hooks_for_state", "any_sealed", "forget_agent_config", "hide_flow_runs_of_tenant"}
    # Few rows: automations, agents. The first entries of an index.
    allowed |= {"every_active_automation", "agents_not_heard_of", "any_open_event", "open_events"}
    # Few rows: keys, who is logged in. The first entry of an index.
    allowed |= {"any_admin_key", "delete_old_sessions", "oldest_audit", "oldest_message"}
    # Two lists of at most 75 runs, found by index before.
    allowed |= {"due_flow_runs"}
    # Agents are few; and a list that is given, each of which is found by its key.
    allowed |= {"agents_of_tenant", "flow_runs_in_states"}
    # Services and agents that ask are few; what is being deleted is looked for by whoever has nothing else to do.
    allowed |= {"any_deletion", "asking_agents", "services"}
    # What is asked to see whether the database answers and takes what is written; and how many runs are in each state.
    allowed |= {"any_tenant", "touch_tenants", "flow_runs_by_state"}
    # Once, after an upgrade or an import; and two lists of bounded length, each found by index before.
    allowed |= {"begin_schedules_that_came", "due_schedules"}
    scans = [step[3] for step in plan if step[3].startswith("SCAN") and "VIRTUAL TABLE" not in step[3]]
    scans = [step for step in scans if "CONSTANT ROW" not in step and "SUBQUERY" not in step]
    assert not scans or name in allowed or name.startswith("delete_tenants_"), scans


def test_every_statement_has_a_purpose() -> None:
    assert all(len(text) > 10 for text in STATEMENTS.values())
    assert len(STATEMENTS) > 50
