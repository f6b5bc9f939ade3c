"""Queries to SQLite files."""

import sqlite3
from contextlib import closing
from typing import Any

from prefect.core.building import defaults_from_attrs
from prefect.core.task import Task

__all__ = ["SQLiteQuery", "SQLiteScript"]


class SQLiteQuery(Task):
    """Runs one statement on a database file and keeps what it changed; the result is the list of its rows.

    `data` holds the values of the statement's `?`. All of these may be given when the task is made or when it is
    called.
    """

    def __init__(self, db: str = None, query: str = None, data: tuple[Any, ...] = (), **kwargs: Any) -> None:
        self.db = db
        self.query = query
        self.data = data
        super().__init__(**kwargs)

    @defaults_from_attrs("db", "query", "data")
    def run(self, db: str = None, query: str = None, data: tuple = ()):  # type: ignore[no-untyped-def]
        if not db:
            raise ValueError("The db must be specified")
        if not query:
            raise ValueError("The query string must be specified")
        with closing(sqlite3.connect(db)) as connection, connection:
            return connection.execute(query, data).fetchall()


class SQLiteScript(Task):
    """Runs several statements, separated by semicolons, on a database file."""

    def __init__(self, db: str = None, script: str = None, **kwargs: Any) -> None:
        self.db = db
        self.script = script
        super().__init__(**kwargs)

    @defaults_from_attrs("db", "script")
    def run(self, db: str = None, script: str = None):  # type: ignore[no-untyped-def]
        if not db:
            raise ValueError("The db must be specified")
        if not script:
            raise ValueError("The query script string must be specified")
        with closing(sqlite3.connect(db)) as connection, connection:
            connection.executescript(script)
