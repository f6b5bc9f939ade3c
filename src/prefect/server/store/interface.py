"""What the server asks of a database, whichever it is. One conformance suite holds every store to it.

Texts are those of the statement files: SQLite's dialect with numbered parameters, which each store turns into its own.
Ids and times go in and come out as text in their stored forms, JSON as its text, truth as `bool`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, TypeVar

Parameters = Sequence[Any]
Row = tuple[Any, ...]
Outcome = TypeVar("Outcome")


class Readable(Protocol):
    """What a compiled query is: SQL text in the store's own dialect, and its parameters."""

    @property
    def sql(self) -> str: ...

    @property
    def parameters(self) -> tuple[Any, ...]: ...


class Cursor(Protocol):
    """What a statement has done, and the rows that it gives."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


class Execute(Protocol):
    def __call__(self, sql: str, parameters: Parameters = ..., /) -> Cursor: ...


class ExecuteMany(Protocol):
    def __call__(self, sql: str, rows: Collection[Parameters], /) -> Cursor: ...


class Transaction(Protocol):
    """Writes that happen together or not at all; used by one thread.

    Where several transactions write at once, whoever writes to a run takes its lock first and reads after that: facts
    read before may be those of a moment ago. Where writers go one at a time, taking a lock does nothing.
    """

    @property
    def execute(self) -> Execute: ...

    @property
    def execute_many(self) -> ExecuteMany: ...

    def fetch_one(self, sql: str, parameters: Parameters = ...) -> Row | None:
        """The first row, or None."""

    def fetch_all(self, sql: str, parameters: Parameters = ...) -> list[Row]:
        """Every row."""

    def fetch_each(self, sql: str, rows: Sequence[Parameters]) -> list[Row | None]:
        """For each of these parameters the first row, or None; all of them asked before the first is waited for."""

    def lock_flow_runs(self, flow_run_ids: Collection[str]) -> None:
        """Wait until nobody else writes to these runs, their task runs and logs; several are taken in id order."""

    def lock_task_runs(self, task_run_ids: Collection[str]) -> None:
        """The same for the flow runs that these task runs belong to."""

    def lock(self, name: str, *, shared: bool = False) -> None:
        """Wait until nobody else holds this name; those who share it exclude only those who do not."""


class Snapshot(Protocol):
    """One moment of the database, however many statements are asked of it."""

    def fetch_json(self, statement: Readable) -> bytes:
        """The JSON text that a compiled query builds."""

    def explain(self, statement: Readable) -> list[str]:
        """How the database would answer a compiled query, in lines of its own words; the query is not carried out.

        No text that is bound to the query is told.
        """

    def fetch_one(self, sql: str, parameters: Parameters = ...) -> Row | None:
        """The first row, or None."""

    def fetch_all(self, sql: str, parameters: Parameters = ...) -> list[Row]:
        """Every row."""


class Changes(Protocol):
    """Tells who waits that something in the database has changed, whichever process changed it."""

    @property
    def count(self) -> int:
        """Grows with every change seen; read it before looking at the data, then wait for a greater one."""

    def wait(self, seen: int, timeout_seconds: float) -> bool:
        """Wait until the count is greater than the one seen; False when the time has passed without a change."""


class Store(Protocol):
    """A database, opened by this process; used by any number of threads, and by forked children as well."""

    @property
    def kind(self) -> Literal["sqlite", "postgresql"]: ...

    @property
    def changes(self) -> Changes: ...

    @property
    def place(self) -> str:
        """Where the database is, for people: nothing secret."""

    @property
    def folding(self) -> str:
        """The collation that knows upper and lower case of every alphabet, where the database has to be told."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """`with store.transaction() as t:` writes; an exception undoes everything."""

    def write(self, work: Callable[[Transaction], Outcome]) -> Outcome:
        """What `work` gives, done in a transaction; done again from the start when another writer was in its way."""

    def snapshot(self, seconds: float | None = None, *, single: bool = False) -> AbstractContextManager[Snapshot]:
        """`with store.snapshot() as s:` reads one moment.

        What takes longer than `seconds` is ended with TookTooLong; `single` promises that one statement will be asked.
        """

    def give_back(self, pages: int) -> None:
        """Let the file system have at most this many pages that hold nothing any more."""

    def index_words(self, most: int) -> int:
        """Make log lines found by their words, at most this many of those that are not yet; how many were.

        Lines that are not yet are found all the same, but slowly.
        """

    def close(self) -> None:
        """Close every connection; the store opens them again when it is used again."""
