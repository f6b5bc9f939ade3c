"""Open, transaction, snapshot: the only hands on a SQLite file.

Writers go one at a time, in the order they came, across all processes that use the file; readers never wait and see
one moment. Nothing else in the package opens the file: closing any descriptor of it would drop SQLite's locks.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from prefect.server.errors import DatabaseReadOnly, StoreError
from prefect.server.store import sqlite
from prefect.server.store.interface import Outcome, Parameters, Readable, Row
from prefect.server.store.line import Line, Turn

# A fork waits this long for the threads that are inside SQLite; one that forks while it reads itself waits for nobody.
FORK_PATIENCE_SECONDS = 0.5
FORK_LOOK_SECONDS = 0.0005

_WORDS_TO_INDEX = "SELECT 1 FROM log WHERE number > (SELECT number FROM log_indexed) LIMIT 1"
_LAST_OF_WORDS = """
SELECT max(number) FROM
(SELECT number FROM log WHERE number > (SELECT number FROM log_indexed) ORDER BY number LIMIT ?1)
"""
_INDEX_WORDS = """
INSERT INTO log_word (rowid, run, message) SELECT number, replace(flow_run_id, '-', ''), message FROM log
WHERE number > (SELECT number FROM log_indexed) AND number <= ?1 ORDER BY number
"""


class Transaction:
    """Writes that happen together or not at all. Given by `Store.transaction()`; used by one thread."""

    __slots__ = ("_store", "connection", "execute", "execute_many")

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> Transaction:
        store = self._store
        connection = store._enter_writer()
        self.connection = connection
        self.execute = connection.execute
        self.execute_many = connection.executemany
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store._leave_writer(self.connection, kind is None)
        if isinstance(error, sqlite3.Error):
            raise sqlite.translate(error, self._store.path) from error

    def fetch_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row, or None."""
        row: Row | None = self.execute(sql, parameters).fetchone()
        return row

    def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Every row."""
        return self.execute(sql, parameters).fetchall()

    def fetch_each(self, sql: str, rows: Sequence[Parameters]) -> list[Row | None]:
        """For each of these parameters the first row, or None."""
        execute = self.execute
        return [execute(sql, parameters).fetchone() for parameters in rows]

    # Writers go one at a time: each has every lock there is.

    def lock_flow_runs(self, flow_run_ids: Collection[str]) -> None:
        """Nothing."""

    def lock_task_runs(self, task_run_ids: Collection[str]) -> None:
        """Nothing."""

    def lock(self, name: str, *, shared: bool = False) -> None:
        """Nothing."""


class Snapshot:
    """One moment of the database, however many statements are asked of it. Given by `Store.snapshot()`."""

    __slots__ = ("_connection", "_seconds", "_store", "_token")

    def __init__(self, store: Store, seconds: float | None = None) -> None:
        self._store = store
        self._seconds = seconds

    def __enter__(self) -> Snapshot:
        self._token, self._connection = self._store._borrow_reader()
        if self._seconds is not None:
            end = time.monotonic() + self._seconds
            # About every millisecond SQLite asks whether to go on.
            self._connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
        self._connection.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._seconds is not None:
            self._connection.set_progress_handler(None, 0)
        self._store._return_reader(self._token, self._connection)
        if isinstance(error, sqlite3.Error):
            raise sqlite.translate(error, self._store.path) from error

    def fetch_json(self, statement: Readable) -> bytes:
        """The JSON text that a compiled query builds."""
        row = self._connection.execute(statement.sql, statement.parameters).fetchone()
        text: str = row[0]
        return text.encode()

    def explain(self, statement: Readable) -> list[str]:
        """How SQLite would answer a compiled query; what is beneath a step is indented."""
        rows = self._connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.parameters).fetchall()
        depths, lines = {0: 0}, []
        for step, parent, _, said in rows:
            depths[step] = depths[parent] + 1
            lines.append("  " * depths[parent] + said)
        return lines

    def fetch_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Every row."""
        return self._connection.execute(sql, parameters).fetchall()


class Store:
    """A database file, opened by this process.

    Args:
        path: where the file is or shall be; its directory is created.
        synchronous: NORMAL keeps what was acknowledged when the process dies, FULL also when the machine does.

    Raises:
        StoreError: the file cannot be used; which kind says why.
    """

    kind: Literal["sqlite"] = "sqlite"
    folding = ""

    def __init__(self, path: str | os.PathLike[str], *, synchronous: str = "NORMAL") -> None:
        sqlite.check_library()
        self.path = Path(os.path.realpath(os.path.expanduser(path)))
        self.synchronous = synchronous
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseReadOnly(
                f"Cannot create the directory of the database {self.path}: {error.strerror}. Choose another file (key "
                "embedded.database)."
            ) from error
        sqlite.check_file_system(self.path)
        self._queue = sqlite.WriterQueue(self.path.with_name(self.path.name + "-lock"))
        self._start_process()
        self._open()
        _stores.add(self)

    def __repr__(self) -> str:
        return f"<Store: {self.path}>"

    @property
    def place(self) -> str:
        """The path of the file."""
        return str(self.path)

    def _start_process(self) -> None:
        self._mutex = threading.Lock()
        self._line = Line()
        self._writing = 0
        self._writer: sqlite3.Connection | None = None
        self._readers: list[sqlite3.Connection] = []
        self._opened: list[sqlite3.Connection] = []
        self._opening = threading.Lock()
        self._pid = os.getpid()
        # Set but for the moment of a fork.
        self._may_read = threading.Event()
        self._may_read.set()
        self._stopped: list[threading.Lock] = []
        self.changes = sqlite.ChangeWatch(self.path)

    def _open(self) -> None:
        with self._mutex:
            self._queue.enter()
            try:
                connection = sqlite.connect(self.path, synchronous=self.synchronous)
                try:
                    sqlite.prepare(connection, self.path)
                except BaseException:
                    connection.close()
                    raise
                self._writer = connection
                self._opened.append(connection)
            except sqlite3.Error as error:
                raise sqlite.translate(error, self.path) from error
            finally:
                self._queue.leave()

    def _connect(self) -> sqlite3.Connection:
        with self._opening:
            connection = sqlite.connect(self.path, synchronous=self.synchronous)
            self._opened.append(connection)
        return connection

    def transaction(self) -> Transaction:
        """`with store.transaction() as t:` waits for its turn, then writes; an exception undoes everything."""
        return Transaction(self)

    def write(self, work: Callable[[Transaction], Outcome]) -> Outcome:
        """What `work` gives, done in a transaction, which it may share with others that wait at the same time."""
        self._refuse_nesting()
        line, turn = self._line, Turn(work)
        line.join(turn)
        if not turn.is_done:
            self._lead(line)
        return turn.result()

    def _lead(self, line: Line) -> None:
        """Write for all who wait, our own turn first."""
        group: list[Turn[Any]] = []
        try:
            with Transaction(self) as transaction:
                group = line.take()
                if len(group) == 1:
                    group[0].run(transaction)
                else:
                    for turn in group:
                        self._run_apart(transaction, turn)
        except BaseException as error:  # noqa: BLE001 - whoever stands in line is told
            # Nobody was taken where the transaction could not begin: then it is our own turn that has failed.
            group = group or line.take(1)
            told = error if isinstance(error, Exception) else StoreError(f"Writing was interrupted: {error!r}")
            for turn in group:
                if turn.error is None:
                    turn.error = error if turn is group[0] else told
        finally:
            line.leave(group)

    def _run_apart(self, transaction: Transaction, turn: Turn[Any]) -> None:
        """Do what one of a group wants; where it fails the others are left alone."""
        transaction.execute("SAVEPOINT turn")
        try:
            turn.run(transaction)
        except Exception as error:
            if not transaction.connection.in_transaction:
                raise  # a full disk has undone everything
            transaction.execute("ROLLBACK TO turn")
            turn.error = sqlite.translate(error, self.path) if isinstance(error, sqlite3.Error) else error
        transaction.execute("RELEASE turn")

    def snapshot(self, seconds: float | None = None, *, single: bool = False) -> Snapshot:
        """`with store.snapshot() as s:` reads one moment; it never waits and nobody waits for it.

        What takes longer than `seconds` is ended with TookTooLong.
        """
        return Snapshot(self, seconds)

    def give_back(self, pages: int) -> None:
        """Shorten the file by at most this many pages that hold nothing any more."""
        connection = self._enter_writer()
        try:
            # Only a script is stepped to its end; it ends the transaction that was begun for it.
            connection.executescript(f"PRAGMA incremental_vacuum({int(pages)})")
        except sqlite3.Error as error:
            raise sqlite.translate(error, self.path) from error
        finally:
            self._leave_writer(connection, True)

    def index_words(self, most: int) -> int:
        """Make log lines found by their words, at most this many of those that are not yet; how many were."""
        with self.snapshot(single=True) as snapshot:
            if snapshot.fetch_one(_WORDS_TO_INDEX) is None:
                return 0
        with self.transaction() as transaction:
            last = transaction.fetch_one(_LAST_OF_WORDS, (most,))
            if last is None or last[0] is None:
                return 0
            count: int = transaction.execute(_INDEX_WORDS, last).rowcount
            transaction.execute("UPDATE log_indexed SET number = ?1", last)
        return count

    def close(self) -> None:
        """Close every connection; the store opens them again when it is used again."""
        with self._mutex:
            opened, self._opened = self._opened, []
            self._readers.clear()
            self._writer = None
            for connection in opened:
                connection.close()
            self._queue.close()

    def _refuse_nesting(self) -> None:
        if self._writing == threading.get_ident():
            raise RuntimeError("This thread is writing already: it would wait for itself forever.")

    def _enter_writer(self) -> sqlite3.Connection:
        self._refuse_nesting()
        self._mutex.acquire()
        self._writing = threading.get_ident()
        try:
            self._queue.enter()
            try:
                writer = self._writer
                if writer is None:
                    writer = self._writer = self._connect()
                writer.execute("BEGIN IMMEDIATE")
                return writer
            except sqlite3.Error as error:
                self._queue.leave()
                raise sqlite.translate(error, self.path) from error
            except BaseException:
                self._queue.leave()
                raise
        except BaseException:
            self._writing = 0
            self._mutex.release()
            raise

    def _leave_writer(self, connection: sqlite3.Connection, keep: bool) -> None:
        if connection is not self._writer:
            # A child forked inside a transaction: the writes, the locks and the connection are its parent's.
            return
        try:
            if keep and connection.in_transaction:
                try:
                    connection.execute("COMMIT")
                except sqlite3.Error as error:
                    self._undo(connection)
                    raise sqlite.translate(error, self.path) from error
            elif not keep:
                self._undo(connection)
        finally:
            self._queue.leave()
            self._writing = 0
            self._mutex.release()
        if keep:
            self.changes.knock()

    def _undo(self, connection: sqlite3.Connection) -> None:
        # A full disk makes SQLite undo the transaction by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")

    def _borrow_reader(self) -> tuple[int, sqlite3.Connection]:
        try:
            connection = self._readers.pop()
        except IndexError:
            pass
        else:
            # Asked after the connection was taken: whoever forks forbids it, then looks at what is taken.
            if self._may_read.is_set():
                return self._pid, connection
            self._readers.append(connection)
            self._may_read.wait(FORK_PATIENCE_SECONDS)
            return self._borrow_reader()
        try:
            connection = self._connect()
            connection.execute("PRAGMA query_only = 1")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, sqlite.LARGEST_ANSWER_BYTES)
        except sqlite3.Error as error:
            raise sqlite.translate(error, self.path) from error
        return self._pid, connection

    def _return_reader(self, token: int, connection: sqlite3.Connection) -> None:
        if token != self._pid:
            return  # borrowed before a fork: the parent's
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        self._readers.append(connection)

    def _before_fork(self) -> None:
        """Wait until no thread is inside SQLite: its global locks would stay locked in the child for ever."""
        until = time.monotonic() + FORK_PATIENCE_SECONDS
        self._may_read.clear()
        locks = [self._opening, self.changes.looking]
        if self._writing != threading.get_ident():
            locks.insert(0, self._mutex)
        self._stopped = [lock for lock in locks if lock.acquire(timeout=max(0.0, until - time.monotonic()))]
        while self._are_reading() and time.monotonic() < until:
            time.sleep(FORK_LOOK_SECONDS)

    def _are_reading(self) -> bool:
        return len(self._opened) - (self._writer is not None) > len(self._readers)

    def _after_fork_in_parent(self) -> None:
        stopped, self._stopped = self._stopped, []
        for lock in stopped:
            lock.release()
        self._may_read.set()

    def _after_fork_in_child(self) -> None:
        """Connections and locks stay with the parent; the child opens its own when it needs them."""
        for connection in self._opened:
            sqlite.abandon(connection)
        self._queue.close()
        self._start_process()


_stores: weakref.WeakSet[Store] = weakref.WeakSet()


_forking = threading.Lock()


def _stop_stores() -> None:
    _forking.acquire()
    for store in list(_stores):
        store._before_fork()


def _resume_stores() -> None:
    for store in list(_stores):
        store._after_fork_in_parent()
    _forking.release()


def _leave_parents_stores() -> None:
    global _forking
    _forking = threading.Lock()
    for store in list(_stores):
        store._after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_stop_stores, after_in_parent=_resume_stores, after_in_child=_leave_parents_stores)
