"""What the person who keeps a database does with it: look at its version, copy it, give unused room back.

None of this opens a store, which would upgrade the database and go on with its deletions.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prefect.server.errors import DatabaseMissing, NotOurDatabase, StoreError
from prefect.server.store import functions, sqlite
from prefect.server.store.opening import Place, canonical, is_url

if TYPE_CHECKING:
    from prefect.server.store.postgres import Connection

# Pages that are copied, or given back, between two looks at the clock by whoever waits.
PAGES_AT_A_TIME = 2000

Progress = Callable[[int, int], None]

_OUR_TABLES = "FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
_TABLE_BYTES = f"SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint {_OUR_TABLES}"
_TABLE_NAMES = f"SELECT quote_ident(relname) {_OUR_TABLES} ORDER BY 1"


@dataclass(frozen=True)
class Room:
    """How many bytes a database took before, and takes now."""

    before: int
    after: int

    @property
    def given_back(self) -> int:
        """The difference; nothing where others wrote more meanwhile."""
        return max(0, self.before - self.after)


def newest_version(place: Place) -> int:
    """The version of the schema that this package knows for this kind of database."""
    if is_url(place):
        from prefect.server.store import postgres

        return postgres.SCHEMA_VERSION
    return sqlite.USER_VERSION


def version_of(place: Place) -> int:
    """The version of the schema that a database has; nothing is changed.

    Raises:
        StoreError: there is no database, or it is not ours.
    """
    if is_url(place):
        return _version_of_postgres(str(place))
    path = _existing(place)
    with _reading(path) as connection:
        return _version(connection, path)


def _version(connection: sqlite3.Connection, path: Path) -> int:
    if connection.execute("PRAGMA application_id").fetchone()[0] != sqlite.APPLICATION_ID:
        raise NotOurDatabase(f"{path} is not a database of this package.")
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _version_of_postgres(url: str) -> int:
    from prefect.server.store import postgres

    with _postgres(url) as connection:
        version = postgres.schema_version(connection)
    if version is None:
        raise NotOurDatabase(f"The database {postgres.describe(url)} holds no tables of this package.")
    return version


def backup(place: Place, target: Path, progress: Progress = lambda done, total: None) -> int:
    """Copy a database file as it is at one moment, while others may write to it; its size in bytes.

    The copy is put in place whole and replaces what was there. `progress` is told how many pages are done, of how many.

    Raises:
        StoreError: there is no database, or the copy cannot be written; nothing was put in place then.
    """
    path = _existing(place)
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        # Only its owner may read it, whatever the file itself allows: it holds everything.
        unfinished.touch(mode=0o600)
    except OSError as error:
        raise StoreError(f"The copy {target} cannot be written: {error.strerror}.") from error
    try:
        with _reading(path) as connection, closing(sqlite3.connect(unfinished)) as copy:
            _version(connection, path)
            # Without a transaction the copy begins anew each time that somebody writes: on a busy server for ever.
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            connection.backup(
                copy, pages=PAGES_AT_A_TIME, progress=lambda _, remaining, total: progress(total - remaining, total)
            )
            connection.execute("ROLLBACK")
            functions.install(copy)
            told = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
            if told != "ok":
                raise StoreError(f"The copy of {path} is not sound ({told}): the database itself may be damaged.")
        unfinished.replace(target)
    except sqlite3.Error as error:
        raise StoreError(f"The database {path} cannot be copied to {target}: {error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return target.stat().st_size


def vacuum(place: Place, *, whole: bool = False, progress: Progress = lambda done, total: None) -> Room:
    """Give room that nothing uses any more back to the file system.

    Pages at the end of the file are given back in small turns, so that writers never wait long. With `whole` the
    database is written anew, which puts its rows together too and holds writers up for as long as it takes.
    """
    if is_url(place):
        return _vacuum_postgres(str(place), whole)
    path = _existing(place)
    before = _size(path)
    queue = sqlite.WriterQueue(path.with_name(path.name + "-lock"))
    try:
        with closing(sqlite.connect(path, synchronous="FULL")) as connection:
            _version(connection, path)
            if whole:
                _in_turn(queue, connection, "VACUUM")
            else:
                _give_back(queue, connection, progress)
            _in_turn(queue, connection, "PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise sqlite.translate(error, path) from error
    finally:
        queue.close()
    return Room(before, _size(path))


def _give_back(queue: sqlite.WriterQueue, connection: sqlite3.Connection, progress: Progress) -> None:
    total = free = connection.execute("PRAGMA freelist_count").fetchone()[0]
    while free:
        _in_turn(queue, connection, f"PRAGMA incremental_vacuum({PAGES_AT_A_TIME})")
        left = connection.execute("PRAGMA freelist_count").fetchone()[0]
        if left >= free:  # a file that was made without the setting, or others delete as fast
            return
        free = left
        progress(max(0, total - free), total)


def _in_turn(queue: sqlite.WriterQueue, connection: sqlite3.Connection, statement: str) -> None:
    """Run a statement when it is our turn to write."""
    queue.enter()
    try:
        connection.execute(statement).fetchall()
    finally:
        queue.leave()


def _size(path: Path) -> int:
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _vacuum_postgres(url: str, whole: bool) -> Room:
    _version_of_postgres(url)
    with _postgres(url) as connection:
        before = connection.execute(_TABLE_BYTES).fetchone()
        for (name,) in connection.execute(_TABLE_NAMES).fetchall():
            connection.execute(f"VACUUM ({'FULL, ' if whole else ''}ANALYZE) {name}")
        after = connection.execute(_TABLE_BYTES).fetchone()
    return Room(int(before[0]) if before else 0, int(after[0]) if after else 0)


@contextmanager
def _postgres(url: str) -> Iterator[Connection]:
    import psycopg

    from prefect.server.store import postgres

    try:
        with postgres.connect(url, postgres.WRITER) as connection:
            yield connection
    except psycopg.Error as error:
        raise postgres.translate(error, postgres.describe(url)) from error


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise sqlite.translate(error, path) from error


def _existing(place: Place) -> Path:
    path = Path(canonical(place))
    if not path.exists():
        raise DatabaseMissing(f"There is no database {path}. Name the one that is served, or used (--database).")
    if not os.access(path, os.R_OK):
        raise StoreError(f"The database {path} cannot be read: look at its permissions.")
    return path
