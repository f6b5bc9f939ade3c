"""Queries to PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from prefect.core.building import defaults_from_attrs
from prefect.core.task import Task

try:
    import psycopg
except ImportError:
    raise ImportError("Using `prefect.tasks.postgres` requires psycopg: pip install 'quaestor[postgres]'") from None

__all__ = ["PostgresExecute", "PostgresExecuteMany", "PostgresFetch"]

FETCHES = ("one", "many", "all")


class _PostgresTask(Task):
    """What the tasks have in common: which database, and which statement.

    Everything may be given when the task is made or when it is called, except the password, which is given when it is
    called, best from a secret.
    """

    def __init__(
        self,
        db_name: str = None,
        user: str = None,
        host: str = None,
        port: int = 5432,
        query: str = None,
        data: Any = None,
        commit: bool = False,
        **kwargs: Any,
    ) -> None:
        self.db_name = db_name
        self.user = user
        self.host = host
        self.port = port
        self.query = query
        self.data = data
        self.commit = commit
        super().__init__(**kwargs)


@contextmanager
def _cursor(
    db_name: str | None, user: str | None, host: str | None, port: int, password: str | None, commit: bool
) -> "Iterator[psycopg.Cursor[Any]]":
    """A cursor on a connection of its own; what was done is kept if `commit` says so, else undone."""
    connection = psycopg.connect(dbname=db_name, user=user, host=host, port=port, password=password)
    try:
        with connection.cursor() as cursor:
            yield cursor
        if commit:
            connection.commit()
    finally:
        connection.close()


def _checked(query: str | None) -> Any:
    if not query:
        raise ValueError("A query string must be provided")
    return query


class PostgresExecute(_PostgresTask):
    """Runs a statement; `data` holds the values of its `%s`. Without `commit` the database undoes what it changed."""

    def __init__(
        self,
        db_name: str = None,
        user: str = None,
        host: str = None,
        port: int = 5432,
        query: str = None,
        data: tuple = None,
        commit: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(db_name, user, host, port, query, data, commit, **kwargs)

    @defaults_from_attrs("db_name", "user", "host", "port", "query", "data", "commit")
    def run(  # type: ignore[no-untyped-def]
        self,
        db_name: str = None,
        user: str = None,
        host: str = None,
        port: int = 5432,
        query: str = None,
        data: tuple = None,
        commit: bool = False,
        password: str = None,
    ):
        statement = _checked(query)
        with _cursor(db_name, user, host, port, password, commit) as cursor:
            cursor.execute(statement, data)


class PostgresExecuteMany(_PostgresTask):
    """Runs a statement once for each item of `data`, in one transaction, which is undone without `commit`."""

    def __init__(
        self,
        db_name: str = None,
        user: str = None,
        host: str = None,
        port: int = 5432,
        query: str = None,
        data: list = None,
        commit: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(db_name, user, host, port, query, data, commit, **kwargs)

    @defaults_from_attrs("db_name", "user", "host", "port", "query", "data", "commit")
    def run(  # type: ignore[no-untyped-def]
        self,
        db_name: str = None,
        user: str = None,
        host: str = None,
        port: int = 5432,
        query: str = None,
        data: list = None,
        commit: bool = False,
        password: str = None,
    ):
        statement = _checked(query)
        if not data:
            raise ValueError("A data list must be provided")
        with _cursor(db_name, user, host, port, password, commit) as cursor:
            cursor.executemany(statement, data)


class PostgresFetch(_PostgresTask):
    """Runs a query; the result is its first row (`fetch="one"`), its first `fetch_count` rows (`"many"`), or `"all"`.

    With `col_names` it is a list whatever is fetched, and the names of the columns come first.
    """

    def __init__(
        self,
        db_name: str = None,
        user: str = None,
        host: str = None,
        port: int = 5432,
        fetch: str = "one",
        fetch_count: int = 10,
        query: str = None,
        data: tuple = None,
        commit: bool = False,
        **kwargs: Any,
    ) -> None:
        self.fetch = fetch
        self.fetch_count = fetch_count
        super().__init__(db_name, user, host, port, query, data, commit, **kwargs)

    @defaults_from_attrs("db_name", "user", "host", "port", "fetch", "fetch_count", "query", "data", "commit")
    def run(  # type: ignore[no-untyped-def]
        self,
        db_name: str = None,
        user: str = None,
        host: str = None,
        port: int = 5432,
        fetch: str = "one",
        fetch_count: int = 10,
        query: str = None,
        data: tuple = None,
        commit: bool = False,
        password: str = None,
        col_names: bool = False,
    ):
        statement = _checked(query)
        if fetch not in FETCHES:
            raise ValueError(f"The 'fetch' parameter must be one of the following - {FETCHES}")
        with _cursor(db_name, user, host, port, password, commit) as cursor:
            cursor.execute(statement, data)
            fetching: dict[str, Callable[[], Any]] = {
                "one": cursor.fetchone,
                "many": lambda: cursor.fetchmany(fetch_count),
                "all": cursor.fetchall,
            }
            rows = fetching[fetch]()
            columns = tuple(column.name for column in cursor.description or ())
        if not col_names:
            return rows
        return [columns, *([rows] if isinstance(rows, tuple) else rows or [])]
