"""What is particular to SQLite: opening a file, its settings, the writers' queue, and what its errors mean."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from prefect.server.errors import (
    AnswerTooLarge,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseReadOnly,
    DatabaseTooNew,
    DiskFull,
    NetworkFileSystem,
    NotOurDatabase,
    SQLiteTooOld,
    StoreError,
    TookTooLong,
    TooManyRows,
)
from prefect.server.identifiers import new_id, now
from prefect.server.store import functions, migrations

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: SQLite's own waiting has to do there
    fcntl = None  # type: ignore[assignment]

# "QSTR" in the header of our files: `file` and we ourselves tell them from other programs' databases.
APPLICATION_ID = 0x51535452
# The version of schema.sqlite.sql; a file with a greater one was made by newer code. See migrations/.
USER_VERSION = 4

_logger = logging.getLogger("prefect.server")
# RETURNING came with this release.
OLDEST_SQLITE = (3, 35, 0)
# Only programs that do not queue with us (a `sqlite3` shell, a backup) can make us wait here.
BUSY_TIMEOUT_SECONDS = 30.0
# Pages in the log before they are copied into the file: larger saves copying, smaller keeps the log short (8 MiB).
CHECKPOINT_PAGES = 2000
STATEMENT_CACHE = 512
# No value that a reader builds grows beyond this, whatever is asked: it is held in memory.
LARGEST_ANSWER_BYTES = 256 * 1024 * 1024

_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs3", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afs", "afpfs", "ncpfs", "ncp", "webdav", "ceph", "lustre"}
    | {"gpfs", "beegfs", "glusterfs", "gfs2", "ocfs2", "orangefs", "pvfs2", "moosefs", "davfs", "coda"}
)
# FUSE names the program behind the mount: fuse.sshfs, fuse.s3fs ...
_NETWORK_FUSE = frozenset(
    {"sshfs", "s3fs", "goofys", "gcsfuse", "rclone", "glusterfs", "ceph", "cephfs", "davfs", "davfs2", "blobfuse"}
    | {"juicefs", "mfs", "moosefs", "seaweedfs", "curlftpfs", "smbnetfs", "mount-s3", "s3ql", "lustre", "beegfs"}
)


def check_library() -> None:
    """Refuse a SQLite that lacks what our statements use."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise SQLiteTooOld(
            f"This Python was built with SQLite {sqlite3.sqlite_version}; "
            f"{'.'.join(map(str, OLDEST_SQLITE))} or newer is needed. Use a Python with a newer SQLite."
        )


def is_network_file_system(kind: str) -> bool:
    """Whether locks on a file system of this kind cannot be trusted."""
    kind = kind.lower()
    if kind.startswith("fuse."):
        return kind.removeprefix("fuse.") in _NETWORK_FUSE
    return kind in _NETWORK_FILE_SYSTEMS


def parse_mounts(lines: Iterable[str]) -> dict[str, str]:
    """Mount point to kind of file system, from the lines of /proc/mounts; a later mount covers an earlier one."""
    mounts = {}
    for line in lines:
        fields = line.split()
        if len(fields) >= 3:
            # The kernel writes blanks and backslashes in names as octal escapes.
            point = fields[1].encode("latin-1", "backslashreplace").decode("unicode_escape")
            mounts[point.encode("latin-1", "replace").decode("utf-8", "surrogateescape")] = fields[2]
    return mounts


def parse_mount_command(lines: Iterable[str]) -> dict[str, str]:
    """The same from the output of macOS's `mount`: `//host/share on /Volumes/share (smbfs, nodev)`."""
    mounts = {}
    for line in lines:
        device, found, rest = line.partition(" on ")
        point, opened, options = rest.rpartition(" (")
        if device and found and opened:
            mounts[point] = options.rstrip(")").split(",")[0].strip()
    return mounts


def _mounts() -> dict[str, str]:
    if sys.platform == "linux":
        try:
            with open("/proc/mounts", encoding="latin-1") as lines:
                return parse_mounts(lines)
        except OSError:  # no /proc in this container: nothing is known, nothing refused
            return {}
    if sys.platform == "darwin":  # pragma: no cover
        listing = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False)
        return parse_mount_command(listing.stdout.splitlines())
    return {}  # pragma: no cover


def file_system_of(path: Path, mounts: dict[str, str]) -> str | None:
    """The kind of file system that holds this resolved path; None when not known."""
    for ancestor in (path, *path.parents):
        kind = mounts.get(str(ancestor))
        if kind is not None:
            return kind
    return None


def check_file_system(path: Path) -> None:
    """Refuse a directory whose file system is served by another machine."""
    kind = file_system_of(path.parent, _mounts())
    if kind is not None and is_network_file_system(kind):
        raise NetworkFileSystem(
            f"The database {path} would lie on a network file system ({kind}), where SQLite's locks do not hold and "
            "runs would be lost. Choose a local directory (key embedded.database, or PREFECT__EMBEDDED__DATABASE), or "
            "use a server: prefect server start."
        )


def translate(error: sqlite3.Error, path: Path) -> StoreError:
    """What an error of SQLite means to a person, and what can be done about it."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    if primary == sqlite3.SQLITE_NOTADB:
        return NotOurDatabase(
            f"{path} is not a SQLite database. Move it away or choose another file (key embedded.database); "
            "it was not touched."
        )
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM) or primary == sqlite3.SQLITE_CANTOPEN:
        return DatabaseReadOnly(
            f"The database {path} cannot be opened for writing ({error}). Check the permissions of the file and of its "
            "directory, which must be writable too, or choose another file (key embedded.database)."
        )
    if primary == sqlite3.SQLITE_FULL:
        return DiskFull(
            f"There is no room left to write to the database {path}. What was recorded before is intact, this request "
            "was not recorded. Free some space and try again, or delete old runs."
        )
    if primary == sqlite3.SQLITE_CORRUPT:
        return DatabaseDamaged(
            f"The database {path} is damaged ({error}). Keep a copy of it, and of the files beside it, then restore a "
            "backup or salvage it with the sqlite3 shell's .recover command."
        )
    if primary == sqlite3.SQLITE_INTERRUPT:
        return TookTooLong(
            "The question took longer than it was given. Ask for less at a time: add a limit, or conditions on ids."
        )
    if primary == sqlite3.SQLITE_TOOBIG:
        return AnswerTooLarge("The answer is larger than one may be.", LARGEST_ANSWER_BYTES)
    rows = TooManyRows.said(str(error))
    if rows is not None:
        return rows
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusy(
            f"Another program has held the lock of the database {path} for more than {BUSY_TIMEOUT_SECONDS:.0f} "
            "seconds. End it, or wait until it is done, and try again."
        )
    if primary == sqlite3.SQLITE_IOERR:
        name = getattr(error, "sqlite_errorname", "SQLITE_IOERR")
        return DiskFull(
            f"The database {path} could not be read or written ({name}): the disk may be full, a quota or a limit on "
            "the size of files reached, or the device gone. What was recorded before is intact, this request was not "
            "recorded."
        )
    return StoreError(f"The database {path} refused a statement: {error}")


def connect(path: Path, *, synchronous: str) -> sqlite3.Connection:
    """A connection with our settings. It may be handed from thread to thread, never over a fork."""
    connection = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=STATEMENT_CACHE,
    )
    try:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute("PRAGMA temp_store = MEMORY")
        functions.install(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make sure that the file is ours and current; a fresh one gets the schema and the tenant that every file has.

    The caller holds the writers' lock, so that two processes never create one file together.
    """
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    user_version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application_id == APPLICATION_ID:
        if user_version > USER_VERSION:
            raise DatabaseTooNew(
                f"The database {path} was made by a newer version of this package (its schema is version "
                f"{user_version}, this code knows up to {USER_VERSION}). Upgrade the package, or choose another file "
                "(key embedded.database); it was not touched."
            )
        if user_version < USER_VERSION:
            upgrade(connection, path, user_version)
        return
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application_id or user_version or tables:
        raise NotOurDatabase(
            f"{path} is the database of another program. Choose another file (key embedded.database); "
            "it was not touched."
        )
    create(connection)


def upgrade(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Bring a file of an older version up to date, whole or not at all, after a copy of it was made beside it."""
    scripts = migrations.scripts("sqlite", version, USER_VERSION)
    copy = path.with_name(f"{path.name}.version-{version}")
    _logger.warning(
        "Upgrading the database %s from schema version %d to %d; a copy of it as it was is kept at %s.",
        path,
        version,
        USER_VERSION,
        copy,
    )
    _copy(connection, copy)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for script in scripts:
            for statement in migrations.statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {USER_VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _copy(connection: sqlite3.Connection, copy: Path) -> None:
    """A copy of the database in one file; one that an interrupted upgrade has left is replaced."""
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    # Only its owner may read it, as the settings of a process decide for the file itself.
    unfinished.touch(mode=0o600)
    with closing(sqlite3.connect(unfinished)) as target:
        connection.backup(target)
    unfinished.replace(copy)


def create(connection: sqlite3.Connection) -> None:
    """Lay out an empty file. What is hard to change later is decided here."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    schema = (Path(__file__).parent / "schema.sqlite.sql").read_text(encoding="utf-8")
    moment = now()
    # One transaction, so that a file is laid out whole or still empty. The interpolated values are our own.
    connection.executescript(
        f"BEGIN IMMEDIATE;\n{schema}\n"
        "INSERT INTO tenant (id, created, updated, name, slug) "
        f"VALUES ('{new_id()}', '{moment}', '{moment}', 'default', 'default');\n"
        f"PRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {USER_VERSION};\nCOMMIT;"
    )


class WriterQueue:
    """The place where the writers of all processes wait for each other, first come first served.

    SQLite alone lets waiting writers sleep and retry, which under load ends in "database is locked" for the unlucky.
    Here they queue with `flock` on a file beside the database. That file is opened once per process, behind a mutex
    that the caller holds, and closed in forked children: a lock belongs to the open file, which a child would share.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def enter(self) -> None:
        """Wait for our turn."""
        if fcntl is None:  # pragma: no cover
            return
        if self._file is None:
            try:
                self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            except OSError as error:
                raise _cannot_queue(self.path, error) from error
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def leave(self) -> None:
        """Let the next one in."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Forget the file; in a forked child this leaves the parent's lock alone."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _cannot_queue(path: Path, error: OSError) -> StoreError:
    import errno

    if error.errno == errno.ENOSPC:
        return DiskFull(f"There is no room left to create {path}, the lock file of the database. Free some space.")
    return DatabaseReadOnly(
        f"Cannot write {path}, the lock file of the database: {error.strerror}. Check the permissions of the "
        "directory, or choose another file (key embedded.database)."
    )


def abandon(connection: sqlite3.Connection) -> None:
    """Make sure that a connection inherited over a fork is never closed: closing would touch the parent's locks."""
    import ctypes

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


class ChangeWatch:
    """Tells who waits that something in the database has changed, whichever process changed it.

    One thread looks at `PRAGMA data_version` every 100 ms while anybody waits; writers of this process knock directly.
    """

    INTERVAL_SECONDS = 0.1

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = threading.Condition()
        # Held by the thread while it is inside SQLite.
        self.looking = threading.Lock()
        self._count = 0
        self._waiting = 0
        self._thread: threading.Thread | None = None

    @property
    def count(self) -> int:
        """Grows with every change seen; read it before looking at the data, then wait for a greater one."""
        return self._count

    def knock(self) -> None:
        """A writer of this process has committed."""
        # While the thread is there somebody has waited a moment ago, and will wait again.
        if self._waiting or self._thread is not None:
            with self._changed:
                self._count += 1
                self._changed.notify_all()

    def wait(self, seen: int, timeout_seconds: float) -> bool:
        """Wait until the count is greater than the one seen; False when the time has passed without a change."""
        with self._changed:
            self._waiting += 1
            try:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._look, name="prefect-changes", daemon=True)
                    self._thread.start()
                return self._changed.wait_for(lambda: self._count > seen, timeout_seconds)
            finally:
                self._waiting -= 1

    def _look(self) -> None:
        with self.looking:
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            version = self._version(connection)
            # Whoever came first may have looked at the data before this connection did.
            with self._changed:
                self._count += 1
                self._changed.notify_all()
            while True:
                with self._changed:
                    self._changed.wait(self.INTERVAL_SECONDS)
                    if not self._waiting:
                        self._thread = None
                        return
                latest = self._version(connection)
                if latest != version:
                    version = latest
                    with self._changed:
                        self._count += 1
                        self._changed.notify_all()
        finally:
            with self.looking:
                connection.close()

    def _version(self, connection: sqlite3.Connection) -> int:
        with self.looking:
            version: int = connection.execute("PRAGMA data_version").fetchone()[0]
        return version
