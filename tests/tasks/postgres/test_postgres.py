"""Queries to a real PostgreSQL."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("psycopg", reason="PostgreSQL: psycopg is not installed")

import psycopg

from prefect import Flow
from prefect.tasks.postgres import PostgresExecute, PostgresExecuteMany, PostgresFetch
from tests.support.postgres import Server

Where = dict[str, Any]


@pytest.fixture
def where(postgres_server: Server) -> Iterator[Where]:
    """A database with the table `t` and three rows."""
    with postgres_server.database() as url:
        parts = urlsplit(url)
        where: Where = {
            "db_name": parts.path.lstrip("/"),
            "user": parts.username,
            "host": parse_qs(parts.query)["host"][0],
        }
        PostgresExecute(**where, query="create table t (a int, b text)", commit=True).run()
        rows = [(1, "x"), (2, "y"), (3, "z")]
        PostgresExecuteMany(**where, query="insert into t values (%s, %s)", data=rows).run(commit=True)
        yield where


def count(where: Where) -> int:
    (number,) = PostgresFetch(**where, query="select count(*) from t").run()
    return int(number)


def test_rows_are_fetched_one_many_or_all(where: Where) -> None:
    fetching = PostgresFetch(**where, query="select * from t order by a", fetch_count=2)
    assert fetching.run() == (1, "x")
    assert fetching.run(fetch="many") == [(1, "x"), (2, "y")]
    assert fetching.run(fetch="all") == [(1, "x"), (2, "y"), (3, "z")]


def test_with_the_names_of_the_columns(where: Where) -> None:
    fetching = PostgresFetch(**where, query="select a, b as letter from t where a = %s", data=(2,))
    assert fetching.run(col_names=True) == [("a", "letter"), (2, "y")]
    assert fetching.run(col_names=True, fetch="all") == [("a", "letter"), (2, "y")]
    assert fetching.run(col_names=True, data=(77,)) == [("a", "letter")]


def test_no_rows(where: Where) -> None:
    fetching = PostgresFetch(**where, query="select a from t where a = 77")
    assert fetching.run() is None
    assert fetching.run(fetch="all") == []


def test_values_stand_apart_from_the_statement(where: Where) -> None:
    by_name = PostgresFetch(**where, query="select b from t where a = %(a)s")
    assert by_name.run(data={"a": 3}) == ("z",)  # type: ignore[arg-type]
    assert PostgresFetch(**where, query="select b from t where b like '%y'").run() == ("y",)


def test_what_is_not_committed_is_undone(where: Where) -> None:
    PostgresExecute(**where).run(query="insert into t values (4, 'n')")
    PostgresExecuteMany(**where).run(query="insert into t values (%s, 'n')", data=[(5,), (6,)])
    assert count(where) == 3
    PostgresExecute(**where).run(query="insert into t values (4, 'n')", commit=True)
    assert PostgresFetch(**where, commit=True).run(query="insert into t values (5, 'n') returning a") == (5,)
    assert count(where) == 5


def test_many_are_all_or_nothing(where: Where) -> None:
    with pytest.raises(psycopg.Error):
        PostgresExecuteMany(**where, commit=True).run(query="insert into t values (%s, 'n')", data=[("7",), ("no",)])
    assert count(where) == 3


def test_what_is_needed() -> None:
    for kind in (PostgresExecute, PostgresExecuteMany, PostgresFetch):
        with pytest.raises(ValueError, match=r"^A query string must be provided$"):
            kind().run()
    with pytest.raises(ValueError, match=r"^A data list must be provided$"):
        PostgresExecuteMany().run(query="select 1")
    with pytest.raises(ValueError, match="must be one of the following"):
        PostgresFetch().run(query="select 1", fetch="some")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(psycopg.OperationalError):
        PostgresExecute(db_name="d", user="u", host="127.0.0.1", port=1).run(query="select 1", password="p")


def test_in_a_flow(where: Where) -> None:
    with Flow("postgres") as flow:
        inserted = PostgresExecute(**where, commit=True)(query="insert into t values (4, 'w')")
        rows = PostgresFetch(**where, fetch="all")(query="select a from t order by a", upstream_tasks=[inserted])
    state = flow.run()
    assert state is not None
    assert state.result[rows].result == [(1,), (2,), (3,), (4,)]
