"""Queries to real files."""

import sqlite3
from pathlib import Path

import pytest

from prefect import Flow
from prefect.tasks.database import SQLiteQuery, SQLiteScript

SCRIPT = "create table t (a, b); insert into t values (1, 'x'), (2, 'y');"


@pytest.fixture
def db(tmp_path: Path) -> str:
    path = str(tmp_path / "data.db")
    assert SQLiteScript(db=path, script=SCRIPT).run() is None
    return path


def test_the_result_is_a_list_of_rows(db: str) -> None:
    assert SQLiteQuery(db=db, query="select * from t order by a").run() == [(1, "x"), (2, "y")]


def test_values_stand_apart_from_the_statement(db: str) -> None:
    assert SQLiteQuery(db=db, query="select b from t where a = ?").run(data=(2,)) == [("y",)]
    assert SQLiteQuery(db=db, query="select b from t where a = ?", data=(1,)).run() == [("x",)]


def test_what_a_statement_changes_is_kept(db: str) -> None:
    assert SQLiteQuery(db=db).run(query="insert into t values (3, 'z')") == []
    assert SQLiteQuery(db=db, query="select count(*) from t").run() == [(3,)]


def test_a_failing_script_leaves_the_file_usable(db: str) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        SQLiteScript(db=db).run(script="delete from t where a = 1; delete from missing;")
    assert SQLiteQuery(db=db).run(query="select a from t") == [(2,)]


def test_both_are_needed() -> None:
    for kind, what in ((SQLiteQuery, "query string"), (SQLiteScript, "query script string")):
        with pytest.raises(ValueError, match=r"^The db must be specified$"):
            kind().run()
        with pytest.raises(ValueError, match=rf"^The {what} must be specified$"):
            kind(db="data.db").run()


def test_in_a_flow(db: str) -> None:
    with Flow("database") as flow:
        inserted = SQLiteQuery(db=db, query="insert into t values (?, ?)", data=(3, "z"))()
        rows = SQLiteQuery(db=db, query="select a from t order by a")(upstream_tasks=[inserted])
    state = flow.run()
    assert state is not None
    assert state.result[rows].result == [(1,), (2,), (3,)]
