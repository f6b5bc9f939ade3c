"""What is particular to PostgreSQL: sessions and their settings, the tables of a fresh database, and what errors mean.

Imported when a database is opened by URL, not before.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
from psycopg import conninfo
from psycopg.adapt import Buffer, Loader
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import TextLoader

from prefect.server.errors import (
    AccessRefused,
    BackendError,
    BadInput,
    DatabaseAway,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseMissing,
    DatabaseReadOnly,
    DatabaseTooNew,
    DiskFull,
    NotOurDatabase,
    PostgreSQLTooOld,
    StatementTooLarge,
    StoreError,
    TookTooLong,
    TooManyRows,
)
from prefect.server.identifiers import new_id, now
from prefect.server.store import migrations
from prefect.server.store.interface import Row

# The version of schema.postgres.sql; a database with a greater one was made by newer code. See migrations/.
SCHEMA_VERSION: Final = 4

_logger = logging.getLogger("prefect.server")
# Tested from here on.
OLDEST_SERVER: Final = 13
# Held while tables are made, so that servers that start together make them once. "QSTR", as in our SQLite files.
_CREATION_LOCK: Final = 0x51535452
CHANNEL: Final = "quaestor"

# How long to wait for a connection of our own, for a lock of somebody else, and for a server to answer at all.
PATIENCE_SECONDS: Final = 30
CONNECT_SECONDS: Final = 10
_PREPARED_STATEMENTS: Final = 500

_SESSION = (
    "SET TimeZone TO 'UTC'; SET DateStyle TO 'ISO, YMD'; SET IntervalStyle TO 'postgres'; SET bytea_output TO 'hex'; "
    "SET standard_conforming_strings TO on; SET client_min_messages TO error; "
    # Compiling a statement to machine code takes a hundred times as long as most of ours run.
    "SET jit TO off; "
    f"SET lock_timeout TO '{PATIENCE_SECONDS}s'; SET idle_in_transaction_session_timeout TO '{2 * PATIENCE_SECONDS}s'; "
)
READER = "SET default_transaction_isolation TO 'repeatable read'; SET default_transaction_read_only TO on"
WRITER = "SET default_transaction_isolation TO 'read committed'; SET default_transaction_read_only TO off"

Connection = psycopg.Connection[Row]


class Overtaken(StoreError):
    """Another writer was in the way of a transaction; it can be done again."""


class Interrupted(DatabaseAway):
    """The connection was lost before a transaction was to be kept; it can be done again."""


# -- values ------------------------------------------------------------------------------------------------------------


class _MomentLoader(Loader):
    """`2024-01-01 00:00:00.5+00` in the form in which times are stored."""

    def load(self, data: Buffer) -> str:
        text = bytes(data).decode()
        return f"{text[:10]}T{text[11:]}:00"


class _JsonLoader(Loader):
    """JSON as compact text, which is how it is stored elsewhere; jsonb has its own idea of blanks."""

    def load(self, data: Buffer) -> str:
        return msgspec.json.encode(msgspec.json.decode(bytes(data))).decode()


# -- connections -------------------------------------------------------------------------------------------------------


def describe(url: str) -> str:
    """A database URL without its password, for people."""
    parts = url_parts(url)
    user = f"{parts['user']}@" if "user" in parts else ""
    port = f":{parts['port']}" if "port" in parts else ""
    host = str(parts.get("host", ""))
    name = parts.get("dbname", parts.get("user", ""))
    return f"postgresql://{user}{'' if host.startswith('/') else host}{port}/{name}"


def url_parts(url: str) -> dict[str, Any]:
    """What a URL says, by libpq's names; `StoreError`, which repeats nothing of it, where it cannot be read."""
    # What libpq says about a URL that it cannot read may quote a piece of the password. One that has an @ in it ends up
    # in the host or, with a / too, in the name of the database. (An @ before all is a socket without a file.)
    with contextlib.suppress(psycopg.ProgrammingError):
        parts = conninfo.conninfo_to_dict(url)
        if "@" not in str(parts.get("dbname", "")) + str(parts.get("host", ""))[1:]:
            return parts
    raise StoreError(
        "The URL of the database cannot be read. It looks like postgresql://user:password@host:5432/name; special "
        "characters in the password are percent-encoded (@ is %40, : is %3A, / is %2F)."
    )


def connect(url: str, *settings: str) -> Connection:
    """A connection with our settings, outside any transaction; raises psycopg's errors."""
    connection: Connection = psycopg.Connection.connect(
        url,
        autocommit=True,
        cursor_factory=psycopg.RawCursor,
        connect_timeout=url_parts(url).get("connect_timeout", CONNECT_SECONDS),
        application_name=url_parts(url).get("application_name", "quaestor"),
        # A server that vanished without a word is noticed.
        keepalives_idle=30,
        tcp_user_timeout=PATIENCE_SECONDS * 1000,
    )
    adapters = connection.adapters
    adapters.register_loader("uuid", TextLoader)
    adapters.register_loader("timestamptz", _MomentLoader)
    adapters.register_loader("jsonb", _JsonLoader)
    adapters.register_loader("json", _JsonLoader)
    # One type for all integers: what is prepared for one value serves every other.
    adapters.register_dumper(int, Int8Dumper)
    connection.prepared_max = _PREPARED_STATEMENTS
    connection.execute(_SESSION + "; ".join(settings))
    return connection


# -- the tables --------------------------------------------------------------------------------------------------------


def prepare(connection: Connection, place: str) -> None:
    """Make sure that the database is ours and current; an empty one gets the tables and the tenant that each has.

    Servers that start at the same time wait for whoever came first.
    """
    version = connection.info.server_version
    if version < OLDEST_SERVER * 10000:
        raise PostgreSQLTooOld(
            f"The server of {place} is PostgreSQL {version // 10000}; {OLDEST_SERVER} or newer is needed."
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StoreError(
            f"The database {place} has the encoding {encoding} and cannot hold every text. Make one with "
            "CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0."
        )
    if schema_version(connection) == SCHEMA_VERSION:
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock($1)", (_CREATION_LOCK,))
        found = schema_version(connection)
        if found is None:
            _check_empty(connection, place)
            create(connection)
        elif found > SCHEMA_VERSION:
            raise DatabaseTooNew(
                f"The database {place} was made by a newer version of this package (its schema is version {found}, "
                f"this code knows up to {SCHEMA_VERSION}). Upgrade the package, or use another database; it was not "
                "touched."
            )
        elif found < SCHEMA_VERSION:
            upgrade(connection, place, found)


def upgrade(connection: Connection, place: str, version: int) -> None:
    """Bring the tables of an older version up to date, within the caller's transaction."""
    scripts = migrations.scripts("postgres", version, SCHEMA_VERSION)
    _logger.warning(
        "Upgrading the database %s from schema version %d to %d, in one transaction.", place, version, SCHEMA_VERSION
    )
    for script in scripts:
        connection.execute(script.replace('"folding"', f'"{folding(connection)}"'))
    connection.execute("UPDATE quaestor SET version = $1", (SCHEMA_VERSION,))


def schema_version(connection: Connection) -> int | None:
    """The version of our tables; None where there are none."""
    known = connection.execute(
        "SELECT count(*) FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = 'quaestor' AND column_name = 'version'"
    ).fetchone()
    if known is None or not known[0]:
        return None
    row = connection.execute("SELECT max(version) FROM quaestor").fetchone()
    return None if row is None else row[0]


def _check_empty(connection: Connection, place: str) -> None:
    row = connection.execute(
        "SELECT current_schema(), (SELECT count(*) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n "
        "ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))"
    ).fetchone()
    schema, tables = row if row is not None else (None, 0)
    if schema is None:
        raise NotOurDatabase(
            f"The database {place} has no schema to make tables in. Create one (CREATE SCHEMA public), or name another "
            "in the URL (?options=-csearch_path%3Dname)."
        )
    if tables:
        raise NotOurDatabase(
            f"The schema {schema} of {place} holds the tables of another program. Use another database, or an empty "
            "schema of this one (?options=-csearch_path%3Dname in the URL); it was not touched."
        )


def create(connection: Connection) -> None:
    """Make the tables, within the caller's transaction."""
    schema = (Path(__file__).parent / "schema.postgres.sql").read_text(encoding="utf-8")
    connection.execute(schema.replace('"folding"', f'"{folding(connection)}"'))
    connection.execute("INSERT INTO quaestor (version) VALUES ($1)", (SCHEMA_VERSION,))
    connection.execute(
        "INSERT INTO tenant (id, created, updated, name, slug) VALUES ($1, $2, $2, 'default', 'default')",
        (new_id(), now()),
    )


# In order of preference: those that fold every letter by itself, whatever stands around it, come first.
_FOLDINGS: Final[Sequence[str]] = ("pg_c_utf8", "und-x-icu", "unicode", "C.utf8", "en_US.utf8")


def folding(connection: Connection) -> str:
    """A collation that knows upper and lower case of every alphabet; "C" knows only the English ones."""
    known = {row[0] for row in connection.execute("SELECT collname FROM pg_catalog.pg_collation").fetchall()}
    for name in _FOLDINGS:
        if name not in known:
            continue
        try:
            folded = connection.execute(f"SELECT 'ÄΩЖ' ILIKE 'äωж' COLLATE \"{name}\"").fetchone()
        except psycopg.Error:  # a collation of a library that this server was built without
            continue
        if folded is not None and folded[0]:
            return name
    return "default"


# -- what errors mean --------------------------------------------------------------------------------------------------


def translate(error: psycopg.Error, place: str) -> BackendError:
    """What an error of PostgreSQL means to a person, and what can be done about it."""
    code = error.sqlstate or ""
    said = (error.diag.message_primary or str(error)).strip()
    if code in ("40001", "40P01", "23505"):
        return Overtaken(
            f"Another request changed the same things in {place} at the same moment; nothing of this one was recorded. "
            "Send it again."
        )
    if code == "57014":
        return TookTooLong(
            "The question took longer than it was given. Ask for less at a time: add a limit, or conditions on ids."
        )
    if code == "55P03":
        return DatabaseBusy(
            f"Another writer has held a lock in {place} for more than {PATIENCE_SECONDS} seconds. Try again."
        )
    if code == "53300":
        return DatabaseBusy(
            f"The server of {place} has no connection left to give. Raise its max_connections, or end other programs."
        )
    if code == "42501":
        return AccessRefused(
            f"This user may not do what is needed in {place} ({said}). Let the user own the database, or grant CREATE "
            "on its schema."
        )
    if code == "25006":
        return DatabaseReadOnly(f"The database {place} takes no writes: it is a standby, or set to read only.")
    if code in ("53100", "53200"):
        return DiskFull(
            f"The server of {place} has run out of {'disk space' if code == '53100' else 'memory'}. What was recorded "
            "before is intact, this request was not recorded."
        )
    if code in ("XX001", "XX002", "58030"):
        return DatabaseDamaged(f"The server of {place} could not read its files: {said}. Look at its log.")
    if code.startswith("54"):
        return StatementTooLarge(
            "The request has too many parts, is nested too deeply, or holds a name that is too long for the database. "
            "Send less at a time."
        )
    rows = TooManyRows.said(said)
    if rows is not None:
        return rows
    if code.startswith("22") or (not code and isinstance(error, psycopg.DataError)):
        return BadInput(f"A value does not fit its place: {said}")
    if isinstance(error, psycopg.OperationalError) and (not code or code[:2] in ("08", "57")):
        return _without_connection(error, place, said)
    if code.startswith("42P01"):
        return NotOurDatabase(f"The database {place} lacks tables that were there ({said}). Restore a backup.")
    return StoreError(f"The database {place} refused a statement: {said}")


def _without_connection(error: psycopg.OperationalError, place: str, said: str) -> StoreError:
    """Why there is no connection. Before there is one, the server's codes do not come through, only its words."""
    if "too many" in said or "connection slots" in said:
        return DatabaseBusy(
            f"The server of {place} has no connection left to give. Raise its max_connections, or end other programs."
        )
    if "database" in said and "does not exist" in said:
        return DatabaseMissing(f"There is no database {place}. Create it (createdb), then start again.")
    refused = any(word in said for word in ("password", "pg_hba.conf", "authentication", "role "))
    if refused or (error.pgconn is not None and error.pgconn.needs_password):
        return AccessRefused(
            f"The server of {place} does not let this user in ({said}). Check the user and the password in the URL of "
            "the database, and the server's pg_hba.conf."
        )
    return DatabaseAway(
        f"The server of {place} cannot be reached, is starting, or has gone away in between ({said}). Nothing of this "
        "request was recorded. Start the server, check host and port in the URL of the database, and try again."
    )


# -- waking up ---------------------------------------------------------------------------------------------------------


class ChangeWatch:
    """Tells who waits that something in the database has changed, whichever server changed it.

    While anybody waits, one thread listens to the NOTIFY that every commit sends; writers of this process knock
    directly.
    """

    LOOK_SECONDS: Final = 1.0
    # The connection is kept this many looks after the last one who waited.
    IDLE_LOOKS: Final = 30

    def __init__(self, url: str) -> None:
        self._url = url
        self._changed = threading.Condition()
        self._count = 0
        self._waiting = 0
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def count(self) -> int:
        """Grows with every change seen; read it before looking at the data, then wait for a greater one."""
        return self._count

    def knock(self) -> None:
        """A writer of this process has committed."""
        if self._waiting:
            self._tell()

    def wait(self, seen: int, timeout_seconds: float) -> bool:
        """Wait until the count is greater than the one seen; False when the time has passed without a change."""
        with self._changed:
            self._waiting += 1
            try:
                if self._thread is None:
                    self._closing = False
                    thread = threading.Thread(target=self._listen, name="prefect-changes", daemon=True)
                    thread.start()
                    self._thread = thread
                return self._changed.wait_for(lambda: self._count > seen, timeout_seconds)
            finally:
                self._waiting -= 1

    def close(self) -> None:
        """Stop listening; who waits next begins again."""
        self._closing = True
        with self._changed:
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(5 * self.LOOK_SECONDS)

    def _tell(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def _listen(self) -> None:
        idle = 0
        connection: Connection | None = None
        try:
            while not self._closing and idle < self.IDLE_LOOKS:
                idle = 0 if self._waiting else idle + 1
                try:
                    if connection is None:
                        connection = connect(self._url)
                        connection.execute(f"LISTEN {CHANNEL}")
                        # Whoever came first may have looked at the data before we listened.
                        self._tell()
                    for _ in connection.notifies(timeout=self.LOOK_SECONDS, stop_after=1):
                        self._tell()
                except psycopg.Error:
                    # The server is away; who waits looks again by the clock, and we try again in a second.
                    if connection is not None:
                        connection.close()
                        connection = None
                    with self._changed:
                        self._changed.wait(self.LOOK_SECONDS)
        finally:
            with self._changed:
                self._thread = None
            if connection is not None:
                connection.close()
