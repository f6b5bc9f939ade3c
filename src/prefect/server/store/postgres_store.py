"""A PostgreSQL database as a store: transactions that write beside each other, and snapshots.

Whoever writes to a run holds the row of its sequence until the commit, so that a run's feed has no holes and its order
is the order of commits, however many servers use the database.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import selectors
import threading
import time
import weakref
from collections.abc import Callable, Collection, Sequence
from types import TracebackType
from typing import Final, Literal

import psycopg

from prefect.server.errors import AlreadyExists, DatabaseAway, DatabaseBusy
from prefect.server.store import postgres
from prefect.server.store.interface import Outcome, Parameters, Readable, Row
from prefect.server.store.postgres import Connection, Interrupted, Overtaken, translate
from prefect.server.store.statements import STATEMENTS, Translated, postgresql

_LOCK_FLOW_RUN = "SELECT FROM flow_run_sequence WHERE flow_run_id = $1::uuid FOR UPDATE"
_LOCK_TASK_RUN = _LOCK_FLOW_RUN.replace("$1::uuid", "(SELECT flow_run_id FROM task_run WHERE id = $1::uuid)")
_LOCK_FLOW_RUNS = "SELECT FROM flow_run_sequence WHERE flow_run_id = ANY ($1::uuid[]) ORDER BY flow_run_id FOR UPDATE"
_LOCK_TASK_RUNS = (
    "SELECT FROM flow_run_sequence AS n WHERE n.flow_run_id IN "
    "(SELECT t.flow_run_id FROM task_run AS t WHERE t.id = ANY ($1::uuid[])) ORDER BY n.flow_run_id FOR UPDATE OF n"
)
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))"

MOST_READERS: Final = 20
MOST_WRITERS: Final = 8
# A transaction that was overtaken begins again this often, after a few milliseconds more each time.
ATTEMPTS: Final = 8
MOST_TAKEN: Final = 3
# A connection that was used this short a time ago is taken for alive.
FRESH_SECONDS: Final = 2.0

# A text as PostgreSQL writes it into a plan.
_TEXT = re.compile(r"'(?:[^']|'')*'")

Cursor = psycopg.RawCursor[Row]
PGconn = psycopg.pq.abc.PGconn
_IDLE = psycopg.pq.TransactionStatus.IDLE

_NATIVE: dict[str, Translated] = {sql: postgresql(sql) for sql in STATEMENTS.values()}


def _native(sql: str) -> Translated:
    found = _NATIVE[sql] = postgresql(sql)
    return found


class _Lease:
    """A connection in use by one thread."""

    __slots__ = ("connection", "process", "seconds", "used")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.process = os.getpid()
        # What a statement may take, as the server knows it; None for as long as it wants.
        self.seconds: float | None = None
        self.used = time.monotonic()


class _Pool:
    """Connections of one kind, opened when they are needed and kept."""

    def __init__(self, url: str, settings: str, most: int) -> None:
        self._url = url
        self._settings = settings
        self._most = most
        self._free = threading.BoundedSemaphore(most)
        self._idle: list[_Lease] = []
        self._lock = threading.Lock()
        self.opened: weakref.WeakSet[Connection] = weakref.WeakSet()

    def borrow(self) -> _Lease:
        if not self._free.acquire(timeout=postgres.PATIENCE_SECONDS):
            raise DatabaseBusy(
                f"All {self._most} connections to the database were in use for {postgres.PATIENCE_SECONDS} seconds. "
                "Try again; if it stays so, start another server or find out which questions take so long."
            )
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            return self._open()
        except BaseException:
            self._free.release()
            raise

    def renew(self, lease: _Lease) -> None:
        """Another connection in place of a broken one; those that lie idle are from the same time, and go too."""
        lease.connection.close()
        with self._lock:
            idle, self._idle = self._idle, []
        for other in idle:
            other.connection.close()
        fresh = self._open()
        lease.connection, lease.seconds = fresh.connection, None

    def give_back(self, lease: _Lease) -> None:
        connection = lease.connection
        if connection.closed or connection.info.transaction_status != _IDLE:
            connection.close()
        else:
            lease.used = time.monotonic()
            self._idle.append(lease)
        self._free.release()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for lease in idle:
            lease.connection.close()

    def _open(self) -> _Lease:
        connection = postgres.connect(self._url, self._settings)
        self.opened.add(connection)
        return _Lease(connection)


# -- transactions and snapshots ----------------------------------------------------------------------------------------


class Result:
    """What a statement has done and gives; the way to the server and back is made when somebody wants to know."""

    __slots__ = ("_cursor", "_pipeline")

    def __init__(self, cursor: Cursor, pipeline: psycopg.Pipeline) -> None:
        self._cursor = cursor
        self._pipeline = pipeline

    @property
    def rowcount(self) -> int:
        """How many rows the statement has given or changed."""
        _send_all(self._pipeline.pgconn)
        self._pipeline.sync()
        return self._cursor.rowcount

    def fetchone(self) -> Row | None:
        """The next row, or None."""
        _send_all(self._pipeline.pgconn)
        return self._cursor.fetchone()

    def fetchall(self) -> list[Row]:
        """Every row that is left."""
        _send_all(self._pipeline.pgconn)
        return self._cursor.fetchall()


def _send_all(connection: PGconn) -> None:
    """Send what libpq still holds back, which is what the socket had no room for.

    psycopg's pipeline (seen in 3.3.9) sends once and then waits for the answer: a statement with a value of a megabyte
    waits for ever, and so does the server. See PQflush in PostgreSQL's documentation for why both ways are watched.
    """
    if not connection.flush():
        return
    with selectors.DefaultSelector() as selector:
        selector.register(connection.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while connection.flush():
            if any(ready & selectors.EVENT_READ for _, ready in selector.select()):
                connection.consume_input()


class Transaction:
    """Writes that happen together or not at all. Given by `PostgresStore.transaction()`; used by one thread.

    Statements are sent without waiting for those before them: a transition is three ways to the server and back, not
    eight. An error shows at the next answer that is wanted, or at the end.
    """

    __slots__ = ("_connection", "_lease", "_pipeline", "_piping", "_store")

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def __enter__(self) -> Transaction:
        self._lease = self._store._enter_writer()
        self._connection = self._lease.connection
        try:
            self._piping = self._connection.pipeline()
            self._pipeline = self._piping.__enter__()
            self._connection.execute("BEGIN", prepare=True)
        except BaseException as error:
            self._store._leave_writer(self._lease, error)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._store._is_parents(self._lease):
            return
        try:
            if error is None:
                self._connection.execute(f"NOTIFY {postgres.CHANNEL}", prepare=True)
                self._connection.execute("COMMIT", prepare=True)
            _send_all(self._pipeline.pgconn)
        except psycopg.Error as failure:
            error = error or failure
        try:
            # Told of an error it would log what it has still to say, which is about statements that are undone.
            self._piping.__exit__(None, None, None)
        except psycopg.Error as failure:
            error = error or failure
        self._store._leave_writer(self._lease, error, ending=kind is None)

    def execute(self, sql: str, parameters: Parameters = (), /) -> Result:
        """Run a statement."""
        native = _NATIVE.get(sql) or _native(sql)
        if native.picked is not None:
            parameters = [parameters[place] for place in native.picked]
        cursor: Cursor = self._connection.execute(native.sql, parameters, prepare=True)  # type: ignore[assignment]
        return Result(cursor, self._pipeline)

    def execute_many(self, sql: str, rows: Collection[Parameters], /) -> Result:
        """Run a statement for each of these rows."""
        if len(rows) == 1:
            for row in rows:
                return self.execute(sql, row)
        native = _NATIVE.get(sql) or _native(sql)
        if native.picked is not None:
            picked = native.picked
            rows = [[row[place] for place in picked] for row in rows]
        cursor: Cursor = self._connection.cursor()  # type: ignore[assignment]
        cursor.executemany(native.sql, rows)
        return Result(cursor, self._pipeline)

    def fetch_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row, or None."""
        return self.execute(sql, parameters).fetchone()

    def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Every row."""
        return self.execute(sql, parameters).fetchall()

    def fetch_each(self, sql: str, rows: Sequence[Parameters]) -> list[Row | None]:
        """For each of these parameters the first row, or None; all of them asked before the first is waited for."""
        return [asked.fetchone() for asked in [self.execute(sql, parameters) for parameters in rows]]

    def lock_flow_runs(self, flow_run_ids: Collection[str]) -> None:
        """Wait until nobody else writes to these runs."""
        self._take(_LOCK_FLOW_RUN, _LOCK_FLOW_RUNS, flow_run_ids)

    def lock_task_runs(self, task_run_ids: Collection[str]) -> None:
        """Wait until nobody else writes to the flow runs of these task runs."""
        self._take(_LOCK_TASK_RUN, _LOCK_TASK_RUNS, task_run_ids)

    def _take(self, one: str, several: str, ids: Collection[str]) -> None:
        if len(ids) == 1:
            self._connection.execute(one, tuple(ids), prepare=True)
        elif ids:
            self._connection.execute(several, ("{" + ",".join(ids) + "}",), prepare=True)

    def lock(self, name: str, *, shared: bool = False) -> None:
        """Wait until nobody else holds this name."""
        self._connection.execute(_LOCK_SHARED if shared else _LOCK, (name,), prepare=True)


class Snapshot:
    """One moment of the database, however many statements are asked of it. Given by `PostgresStore.snapshot()`."""

    __slots__ = ("_begun", "_lease", "_seconds", "_single", "_store")

    def __init__(self, store: PostgresStore, seconds: float | None, single: bool) -> None:
        self._store = store
        self._seconds = seconds
        # A statement by itself sees one moment; a transaction around it would be two more ways to the server and back.
        self._single = single
        self._begun = False

    def __enter__(self) -> Snapshot:
        self._lease = self._store._borrow_reader()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store._return_reader(self._lease, self._begun)
        if isinstance(error, psycopg.Error):
            raise translate(error, self._store.place) from error

    def fetch_json(self, statement: Readable) -> bytes:
        """The JSON text that a compiled query builds."""
        result = self._ask(statement.sql, statement.parameters).pgresult
        value = None if result is None else result.get_value(0, 0)
        assert value is not None
        return value

    def explain(self, statement: Readable) -> list[str]:
        """How PostgreSQL would answer a compiled query; bound texts, which it writes into its plans, are hidden."""
        rows = self._ask(f"EXPLAIN {statement.sql}", statement.parameters, prepare=False).fetchall()
        return [_TEXT.sub("'?'", line) for (line,) in rows]

    def fetch_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row, or None."""
        return self._fixed(sql, parameters).fetchone()

    def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Every row."""
        return self._fixed(sql, parameters).fetchall()

    def _fixed(self, sql: str, parameters: Parameters) -> Cursor:
        native = _NATIVE.get(sql) or _native(sql)
        if native.picked is not None:
            parameters = [parameters[place] for place in native.picked]
        return self._ask(native.sql, parameters, prepare=True)

    def _ask(self, sql: str, parameters: Parameters, prepare: bool | None = None) -> Cursor:
        if self._begun:
            return self._run(sql, parameters, prepare)
        # Nothing has been read yet: on another connection it is the same question.
        try:
            self._begin()
            return self._run(sql, parameters, prepare)
        except psycopg.OperationalError:
            if not self._lease.connection.broken:
                raise
            self._store._readers.renew(self._lease)
            self._begun = False
        self._begin()
        return self._run(sql, parameters, prepare)

    def _begin(self) -> None:
        lease = self._lease
        if lease.seconds != self._seconds:
            milliseconds = 0 if self._seconds is None else max(1, round(self._seconds * 1000))
            lease.connection.execute(f"SET statement_timeout TO {milliseconds}")
            lease.seconds = self._seconds
        if not self._single:
            lease.connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._begun = True

    def _run(self, sql: str, parameters: Parameters, prepare: bool | None) -> Cursor:
        cursor: Cursor = self._lease.connection.execute(sql, parameters, prepare=prepare)  # type: ignore[assignment]
        return cursor


class PostgresStore:
    """A PostgreSQL database, opened by this process.

    Args:
        url: `postgresql://user:password@host:port/name`, or what else libpq takes.

    Raises:
        StoreError: the database cannot be used; which kind says why.
    """

    kind: Literal["postgresql"] = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        self.place = postgres.describe(url)
        # The collation that `_ilike` folds letters by.
        self.folding = ""
        self._start_process()
        try:
            with postgres.connect(url, postgres.WRITER) as connection:
                postgres.prepare(connection, self.place)
                self.folding = postgres.folding(connection)
        except psycopg.Error as error:
            raise translate(error, self.place) from error
        _stores.add(self)

    def __repr__(self) -> str:
        return f"<PostgresStore: {self.place}>"

    def _start_process(self) -> None:
        self._pid = os.getpid()
        self._readers = _Pool(self.url, postgres.READER, MOST_READERS)
        self._writers = _Pool(self.url, postgres.WRITER, MOST_WRITERS)
        self._writing = threading.local()
        self.changes = postgres.ChangeWatch(self.url)

    def transaction(self) -> Transaction:
        """`with store.transaction() as t:` writes; an exception undoes everything."""
        return Transaction(self)

    def write(self, work: Callable[[Transaction], Outcome]) -> Outcome:
        """What `work` gives, done in a transaction; done again from the start when another writer was in its way."""
        attempt = taken = 0
        while True:
            attempt += 1
            try:
                with Transaction(self) as transaction:
                    return work(transaction)
            except (Overtaken, Interrupted) as error:
                # What somebody has just made is found when the work begins again; what is still in the way stays there.
                taken += isinstance(error.__cause__, psycopg.errors.UniqueViolation)
                if taken == MOST_TAKEN:
                    raise AlreadyExists() from error
                if attempt == ATTEMPTS:
                    raise
                # Those that met shall not meet again.
                time.sleep(random.random() * 0.005 * 2**attempt)

    def snapshot(self, seconds: float | None = None, *, single: bool = False) -> Snapshot:
        """`with store.snapshot() as s:` reads one moment; it never waits for writers and they never wait for it.

        A statement that takes longer than `seconds` is ended with TookTooLong.
        """
        return Snapshot(self, seconds, single)

    def give_back(self, pages: int) -> None:
        """Nothing: PostgreSQL's own housekeeping does it."""

    def index_words(self, most: int) -> int:
        """Nothing: PostgreSQL does it as lines are written."""
        return 0

    def close(self) -> None:
        """Close every connection that is not in use; the store opens others when it is used again."""
        self._readers.close()
        self._writers.close()
        self.changes.close()

    def _enter_writer(self) -> _Lease:
        if getattr(self._writing, "now", False):
            raise RuntimeError("This thread is writing already: it would wait for itself forever.")
        try:
            lease = self._writers.borrow()
        except psycopg.Error as error:
            raise translate(error, self.place) from error
        try:
            if time.monotonic() - lease.used > FRESH_SECONDS:
                self._check(lease)
        except BaseException as error:
            self._writers.give_back(lease)
            if isinstance(error, psycopg.Error):
                raise translate(error, self.place) from error
            raise
        self._writing.now = True
        return lease

    def _check(self, lease: _Lease) -> None:
        """Make sure that a connection that has lain idle still leads to the server; take another one if not."""
        try:
            lease.connection.execute("SELECT 1", prepare=True)
        except psycopg.OperationalError:
            if not lease.connection.broken:
                raise
            self._writers.renew(lease)

    def _is_parents(self, lease: _Lease) -> bool:
        # A child forked inside a transaction: the connection is its parent's.
        return self._pid != os.getpid() or lease.process != self._pid

    def _leave_writer(self, lease: _Lease, error: BaseException | None, *, ending: bool = False) -> None:
        connection = lease.connection
        try:
            if error is not None and not connection.closed:
                with contextlib.suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
            lost = connection.closed
        finally:
            self._writing.now = False
            self._writers.give_back(lease)
        if error is None:
            self.changes.knock()
        elif isinstance(error, psycopg.Error):
            meaning = translate(error, self.place)
            if lost and ending:
                meaning = DatabaseAway(
                    f"The connection to {self.place} was lost at the moment when a request was recorded, and whether "
                    "it was is not known. Send it again: what was recorded is not recorded twice."
                )
            elif lost:
                meaning = Interrupted(meaning.message)
            raise meaning from error

    def _borrow_reader(self) -> _Lease:
        try:
            return self._readers.borrow()
        except psycopg.Error as error:
            raise translate(error, self.place) from error

    def _return_reader(self, lease: _Lease, begun: bool) -> None:
        if self._is_parents(lease):
            return
        connection = lease.connection
        try:
            if begun and connection.info.transaction_status != _IDLE:
                connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()
        finally:
            self._readers.give_back(lease)

    def _after_fork_in_child(self) -> None:
        """Connections stay with the parent; the child opens its own when it needs them."""
        _parents_connections.extend([*self._readers.opened, *self._writers.opened])
        self._start_process()


_stores: weakref.WeakSet[PostgresStore] = weakref.WeakSet()
# Never closed here: that would end the parent's sessions.
_parents_connections: list[Connection] = []


def _leave_parents_stores() -> None:
    for store in list(_stores):
        store._after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_parents_stores)
