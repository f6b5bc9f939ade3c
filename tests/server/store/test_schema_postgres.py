"""The schema file for PostgreSQL is what the catalog says and what SQLite has, and every statement fits it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import prefect.server.store as home
from prefect.server.catalog import CATALOG, Table
from prefect.server.store.statements import STATEMENTS, postgresql

if TYPE_CHECKING:
    from prefect.server.store.postgres import Connection

FILES = {
    kind: (Path(home.__file__).parent / f"schema.{kind}.sql").read_text(encoding="utf-8")
    for kind in ("sqlite", "postgres")
}
STORED = {
    "uuid": "uuid",
    "String": "text",
    "timestamptz": "timestamp with time zone",
    "jsonb": "jsonb",
    "Int": "integer",
    "bigint": "bigint",
    "Boolean": "boolean",
    "interval": "interval",
    "Float": "double precision",
}
# Ours alone: by it a database is known as ours.
OURS = "quaestor"


@pytest.fixture(scope="module")
def database(
    postgres_server: object, postgres_templates: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[Connection]:
    from prefect.server.store.postgres import connect

    server = request.getfixturevalue("postgres_server")
    with server.database(postgres_templates["another"]) as url, connect(url) as connection:
        yield connection


def test_there_are_the_tables_of_the_catalog(database: Connection) -> None:
    found = database.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert {name for (name,) in found} == {table.name for table in CATALOG.tables.values() if table.stored} | {OURS}


@pytest.mark.parametrize("table", [table for table in CATALOG.tables.values() if table.stored], ids=lambda t: t.name)
def test_a_table_has_the_columns_of_the_catalog(database: Connection, table: Table) -> None:
    found = database.execute(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, c.collname, r.relkind::text "
        "FROM pg_attribute AS a JOIN pg_class AS r ON r.oid = a.attrelid "
        "LEFT JOIN pg_collation AS c ON c.oid = a.attcollation "
        "WHERE r.oid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped",
        (table.name,),
    ).fetchall()
    wanted = {column.name: column for column in table.columns.values() if column.computed is None}
    assert {name: kind for name, kind, *_ in found} == {name: STORED[column.type] for name, column in wanted.items()}
    for name, kind, required, collation, relation in found:
        # A column that the catalog promises to be there is never null. PostgreSQL does not say it of views.
        assert required or wanted[name].nullable or relation == "v", name
        # Text compares and sorts by bytes, whatever the locale of the database.
        assert (collation == "C") is (kind == "text"), name


def test_the_indexes_are_those_of_a_file() -> None:
    found = {}
    for kind, text in FILES.items():
        made = re.findall(r"CREATE (UNIQUE )?INDEX (\w+) ON (.+?);", text, re.DOTALL)
        # PostgreSQL alone can carry columns along: it looks at no row for what stands in the index.
        found[kind] = {name: (unique, " ".join(what.partition(" INCLUDE")[0].split())) for unique, name, what in made}
        keys = re.findall(r"^ +((?:UNIQUE|PRIMARY KEY) \(.+?\)),?$", text, re.MULTILINE)
        found[kind]["keys"] = ("", "; ".join(keys))
    # A file keeps the words of log lines in a table of their own.
    assert found["postgres"].pop("log_by_word") == ("", "log USING gin (log_words(message))")
    assert found["sqlite"] == found["postgres"]


def test_every_index_names_the_query_that_it_serves() -> None:
    lines = FILES["postgres"].splitlines()
    for number, line in enumerate(lines):
        if line.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX")):
            assert lines[number - 1].startswith("-- "), line


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_fits_the_schema(database: Connection, name: str) -> None:
    sql, picked = postgresql(STATEMENTS[name])
    assert "?" not in sql
    database.execute(f"PREPARE fits AS {sql}")
    try:
        row = database.execute(
            "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'fits'"
        ).fetchone()
    finally:
        database.execute("DEALLOCATE fits")
    numbers = {int(number) for number in re.findall(r"\?(\d+)", STATEMENTS[name])}
    assert row == (len(numbers),)
    assert len(numbers) == max(numbers, default=0) if picked is None else sorted(numbers) == [at + 1 for at in picked]


def test_what_differs_between_the_databases_is_little() -> None:
    """Each statement as PostgreSQL gets it is what stands in the file, but for these few words."""
    few = {" IS NOT DISTINCT FROM ", "jsonb_array_elements_text(", "ctid", "FOR UPDATE SKIP LOCKED", "justify_hours("}
    few |= {" JOIN ", "AS timestamptz)", "FOR UPDATE"}
    for text in STATEMENTS.values():
        sql, _ = postgresql(text)
        plain = re.sub(r"\$\d+", "?", sql) == re.sub(r"\?\d+", "?", text)
        assert plain or any(words in sql for words in few), sql
