"""What a run has to tell a backend that is away: kept on disk, in order, and told when it is back.

A spool is one SQLite file for each flow run and machine, shared by the processes that execute the run there. What
`add` took is on disk and survives the process; whoever next records a run on this machine tells the backend what is
left in it. It holds requests, never the key that they are sent with.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from prefect.configuration import config
from prefect.engine.state import Cancelling
from prefect.exceptions import ClientError, ServerAway, VersionLockMismatchSignal
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from prefect.client.client import Client

# Proposals of several requests that are told in one.
MOST_TOGETHER: Final = 200
# Between two attempts to reach the backend: as soon as it is back, and yet no storm of requests.
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 5.0
# How long processes of one machine wait for each other's writes to the spool.
BUSY_SECONDS: Final = 30.0

# States of the flow run and of its task runs, which may not be told any more once the run has ended elsewhere; and the
# rest, such as log lines.
FLOW_STATES: Final = "flow states"
STATES: Final = "states"
OTHER: Final = "other"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS about (flow_run_id TEXT NOT NULL, api_server TEXT NOT NULL, version INTEGER);
CREATE TABLE IF NOT EXISTS waiting (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, document TEXT NOT NULL, input BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS renamed (ours TEXT PRIMARY KEY, theirs TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ended (state BLOB NOT NULL);
"""

FLOW_RUN_STATE: Final = """query($id: uuid!) {
  flow_run_by_pk(id: $id) { version serialized_state owner_host owner_pid owner_started }
}"""

_encode = msgspec.json.Encoder(enc_hook=str).encode
_decode = msgspec.json.decode


def owner_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """The process that executes a flow run, as the backend has it."""
    return {"host": found["owner_host"], "pid": found["owner_pid"], "started": found["owner_started"]}


class SpoolFull(ClientError):
    """The spool has as many bytes as it may have; the run waits for its backend."""


class Entry(NamedTuple):
    """A request that waits: its number, its kind, its document, and its `input`."""

    number: int
    kind: str
    document: str
    input: dict[str, Any]


def directory() -> Path:
    """Where spools are kept, for this user alone."""
    return Path(os.path.expanduser(str(config.home_dir))) / "spool"


class Spool:
    """The requests of one flow run that wait on this machine for its backend."""

    def __init__(self, flow_run_id: str, api_server: str, *, folder: Path | None = None) -> None:
        self.flow_run_id = flow_run_id
        self.api_server = api_server
        self.path = (directory() if folder is None else folder) / f"{flow_run_id}.db"
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._use: int | None = None

    def __repr__(self) -> str:
        return f"Spool({str(self.path)!r})"

    def exists(self) -> bool:
        """Whether the backend has been away since the run began, as far as this machine knows."""
        return self._connection is not None or self.path.exists()

    def is_waiting(self) -> bool:
        """Whether anything waits to be told."""
        if not self.exists():
            return False
        with self._lock:
            return self._open().execute("SELECT 1 FROM waiting LIMIT 1").fetchone() is not None

    def add(self, kind: str, document: str, input: dict[str, Any], version: int | None = None) -> None:
        """Keep a request behind those that wait.

        The first one is kept with the version that the flow run had by then: at another one it is somebody else's.

        Raises:
            SpoolFull: there is no more room; nothing was kept.
        """
        with self._lock:
            connection = self._open()
            used = connection.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            free = connection.execute("SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size")
            if used.fetchone()[0] - free.fetchone()[0] > int(config.cloud.spool.max_bytes):
                raise SpoolFull(
                    f"The backend is away, and what waits for it in {self.path} has reached the size that "
                    "cloud.spool.max_bytes allows. The run waits until it is back."
                )
            connection.execute("UPDATE about SET version = ? WHERE version IS NULL", (version,))
            connection.execute(
                "INSERT INTO waiting (kind, document, input) VALUES (?, ?, ?)", (kind, document, _encode(input))
            )

    def first(self) -> Entry | None:
        """The request that waits longest."""
        return next(self.entries(1), None)

    def next_of(self, kind: str) -> Entry | None:
        """The request of this kind that waits longest."""
        sql = "SELECT number, document, input FROM waiting WHERE kind = ? ORDER BY number LIMIT 1"
        with self._lock:
            row = self._open().execute(sql, (kind,)).fetchone()
        return None if row is None else Entry(row[0], kind, row[1], _decode(row[2]))

    def holder(self) -> dict[str, Any] | None:
        """The process whose states wait, as far as it says so with the first of them."""
        with self._lock:
            row = (
                self._open()
                .execute("SELECT input FROM waiting WHERE kind <> ? ORDER BY number LIMIT 1", (OTHER,))
                .fetchone()
            )
        holder: dict[str, Any] | None = None if row is None else _decode(row[0])["states"][0].get("holder")
        return holder

    def entries(self, most: int) -> Iterator[Entry]:
        """The requests that wait longest, in order."""
        with self._lock:
            rows = self._open().execute(
                "SELECT number, kind, document, input FROM waiting ORDER BY number LIMIT ?", (most,)
            )
            for number, kind, document, text in rows.fetchall():
                yield Entry(number, kind, document, _decode(text))

    def told(self, last: int, renamed: dict[str, str] | None = None) -> None:
        """Forget the requests up to this number, and remember which ids the backend gave in place of ours."""
        with self._lock, self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO renamed VALUES (?, ?)", (renamed or {}).items())
            connection.execute("DELETE FROM waiting WHERE number <= ?", (last,))

    def version(self) -> int | None:
        """The version of the flow run that the backend must have, before it is told what waits longest."""
        with self._lock:
            row = self._open().execute("SELECT version FROM about").fetchone()
            return None if row is None else row[0]

    def advance(self, version: int) -> None:
        """The flow run has been told to be at this version now."""
        with self._lock:
            self._open().execute("UPDATE about SET version = ?", (version,))

    def names(self) -> dict[str, str]:
        """Ids that this machine made up while the backend was away, and those that it has for the same task runs."""
        if not self.exists():
            return {}
        with self._lock:
            return dict(self._open().execute("SELECT ours, theirs FROM renamed").fetchall())

    def end(self, state: dict[str, Any]) -> None:
        """Remember that the run has ended elsewhere, in this serialized state: no more of its states are told."""
        with self._lock, self._transaction() as connection:
            connection.execute("DELETE FROM ended")
            connection.execute("INSERT INTO ended VALUES (?)", (_encode(state),))
            connection.execute("DELETE FROM waiting WHERE kind <> ?", (OTHER,))

    def ended(self) -> dict[str, Any] | None:
        """The serialized state in which the run has ended elsewhere, if it has."""
        if not self.exists():
            return None
        with self._lock:
            row = self._open().execute("SELECT state FROM ended").fetchone()
            return None if row is None else _decode(row[0])

    def is_leftover(self) -> bool:
        """Whether no other process uses the file; none can begin to, before this one has closed it."""
        with self._lock:
            if self._use is None:
                self._use = _used(self.path)
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    def remove(self) -> bool:
        """Remove the file if nothing waits in it and nobody else uses it; whether it is gone."""
        if self._use is None and not self.exists():
            return True
        with self._lock, exclusively(self.path) as alone:
            if not alone or not self.is_leftover():
                return False
            assert self._use is not None
            # It may be gone by now; what is left of it is removed then.
            if self.path.exists() and self.is_waiting():
                fcntl.flock(self._use, fcntl.LOCK_SH)
                return False
            self._close_file()
            beside = [self.path.with_name(self.path.name + end) for end in ("-wal", "-shm")]
            for name in (self.path, *beside, _lock_of(self.path), _use_of(self.path)):
                name.unlink(missing_ok=True)
            # Only now: whoever came to use it meanwhile has waited, and makes a new one.
            self.close()
            return True

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close_file()
            if self._use is not None:
                os.close(self._use)
                self._use = None

    def _close_file(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._use is None:
                self._use = _used(self.path)
            if not self.path.exists():
                # States and log lines may say what is nobody else's business. (A file that is there is not opened like
                # this: to close it would give up the locks that SQLite has for this process's other connections.)
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_SCHEMA)
            connection.execute(
                "INSERT INTO about SELECT ?, ?, NULL WHERE NOT EXISTS (SELECT 1 FROM about)",
                (self.flow_run_id, self.api_server),
            )
            self._connection = connection
        return self._connection


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _use_of(path: Path) -> Path:
    return path.with_name(path.name + ".use")


def _used(path: Path) -> int:
    """Say that this process uses the spool, until the descriptor returned is closed; waits while a leftover is told."""
    name = _use_of(path)
    while True:
        use = os.open(name, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(use, fcntl.LOCK_SH)
        # It may have been removed while we waited.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(use), os.stat(name)):
                return use
        os.close(use)


@contextmanager
def exclusively(path: Path) -> Iterator[bool]:
    """Whether this process alone tells what waits in this file, as long as the block lasts."""
    with open(_lock_of(path), "ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def deliver(spool: Spool, client: Client) -> bool:
    """Tell the backend what waits, in order; False where it is away, or another process is telling it already.

    What it refuses, because the run was rescued or cancelled meanwhile, ends the run with that reason; a single
    refusal is logged, as it is when the backend is there.
    """
    if not spool.is_waiting():
        return True
    with exclusively(spool.path) as alone:
        if not alone:
            return False
        names = spool.names()
        try:
            _check_version(spool, client)
        except ServerAway:
            return False
        while True:
            together = _together(list(spool.entries(MOST_TOGETHER)))
            if not together:
                return True
            try:
                renamed = _tell(spool, client, together, names)
            except ServerAway:
                return False
            names.update(renamed)
            spool.told(together[-1].number, renamed)


def _together(entries: list[Entry]) -> list[Entry]:
    """The first entries that may be told in one request: proposals of one kind."""
    first = next(iter(entries), None)
    if first is None:
        return []
    if first.kind == OTHER:
        return [first]
    found: list[Entry] = []
    proposals = 0
    for entry in entries:
        if entry.document != first.document:
            break
        proposals += len(entry.input["states"])
        if found and proposals > MOST_TOGETHER:
            break
        found.append(entry)
    return found


def _tell(spool: Spool, client: Client, entries: list[Entry], names: dict[str, str]) -> dict[str, str]:
    """Tell some entries; ids that the backend has in place of ours."""
    first = entries[0]
    if first.kind == OTHER:
        return _tell_one(client, first, names)
    proposals = [_renamed(proposal, names) for entry in entries for proposal in entry.input["states"]]
    if first.kind == STATES:
        # Who holds the run is told by `holder`. Versions of task runs are known only to the processes that ran them.
        proposals = [{key: item for key, item in each.items() if key != "version"} for each in proposals]
    try:
        answer = client.graphql_fast(first.document, {"input": {"states": proposals}})
        if first.kind == FLOW_STATES:
            spool.advance(answer["set_flow_run_states"]["states"][-1]["version"])
    except ServerAway:
        raise
    except (ClientError, VersionLockMismatchSignal):
        # One refusal undoes the whole request, so each proposal is told again on its own.
        for proposal in proposals:
            try:
                client.graphql_fast(first.document, {"input": {"states": [proposal]}})
            except ServerAway:
                raise
            except (ClientError, VersionLockMismatchSignal) as error:
                if _has_ended(spool, client):
                    return {}
                get_logger("Spool").error("The backend did not accept a state that had waited for it: %s", error)
    return {}


def _tell_one(client: Client, entry: Entry, names: dict[str, str]) -> dict[str, str]:
    try:
        answer = client.graphql_fast(entry.document, {"input": _renamed(entry.input, names)})
    except ServerAway:
        raise
    except (ClientError, VersionLockMismatchSignal) as error:
        get_logger("Spool").error("The backend did not accept what had waited for it: %s", error)
        return {}
    ours = entry.input.get("ids")
    if ours is None:
        return {}
    theirs = [each["id"] for each in answer["get_or_create_mapped_task_runs"]["task_runs"]]
    return {mine: other for mine, other in zip(ours, theirs, strict=False) if mine != other}


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """The same with every id of a task run that is known by another one."""
    if not names:
        return value
    if isinstance(value, dict):
        return {
            key: names.get(item, item) if key == "task_run_id" and isinstance(item, str) else _renamed(item, names)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return value


def _check_version(spool: Spool, client: Client) -> None:
    """End the run here where it has been moved by somebody else: rescued, cancelled, or resumed by another process."""
    found = client.graphql_fast(FLOW_RUN_STATE, {"id": spool.flow_run_id})["flow_run_by_pk"]
    expected, first = spool.version(), spool.first()
    if found is None:
        spool.end({"type": "Failed", "message": "The flow run was deleted while its backend could not be reached."})
        return
    holder = spool.holder()
    if holder is not None and owner_of(found) != holder:
        spool.end(found["serialized_state"])
        return
    if expected is None or found["version"] == expected:
        return
    if first is not None and first.kind == FLOW_STATES and found["version"] == expected + 1:
        return  # it was told, and only the answer was lost: telling it again is answered like the first time
    if found["version"] == expected + 1 and _is_ours(spool, found["serialized_state"]):
        return  # the same, with something before it that another thread had to tell meanwhile
    from prefect.serialization.state import load_state

    # One that is cancelled while it runs is asked to stop, and says itself when it has.
    if not isinstance(load_state(found["serialized_state"]), Cancelling):
        spool.end(found["serialized_state"])
    else:
        spool.advance(found["version"])


def _is_ours(spool: Spool, state: dict[str, Any]) -> bool:
    """Whether the state that the flow run is in is the next one that waits here to be told."""
    entry = spool.next_of(FLOW_STATES)
    if entry is None:
        return False
    ours = entry.input["states"][0].get("state") or {}
    return (ours.get("type"), ours.get("message")) == (state.get("type"), state.get("message"))


def _has_ended(spool: Spool, client: Client) -> bool:
    """Whether the flow run has ended without us, or is in other hands; it is then remembered."""
    from prefect.serialization.state import load_state

    found = client.graphql_fast(FLOW_RUN_STATE, {"id": spool.flow_run_id})["flow_run_by_pk"]
    if found is not None and not load_state(found["serialized_state"]).is_finished():
        holder = spool.holder()
        if holder is None or owner_of(found) == holder:
            return False
    _check_version(spool, client)
    return spool.ended() is not None


class Courier:
    """A thread that tells a backend what waits for it, as soon as it is back."""

    def __init__(self, spool: Spool, client: Client) -> None:
        self.spool = spool
        self._client = client
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_empty = threading.Event()
        self._is_empty.set()

    def start(self) -> None:
        """See to it that what was just added is told; returns at once."""
        with self._lock:
            self._is_empty.clear()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="prefect-spool", daemon=True)
                self._thread.start()

    def wait(self, seconds: float | None) -> bool:
        """Until nothing waits any more; False where that took longer."""
        return self._is_empty.wait(seconds)

    def _work(self) -> None:
        try:
            self._deliver()
        finally:
            # Also where it broke down, which threading tells: nobody waits for it in vain.
            with self._lock:
                if self._thread in (None, threading.current_thread()):
                    self._thread = None
                    self._is_empty.set()

    def _deliver(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        wake = threading.Event()
        while True:
            if deliver(self.spool, self._client):
                with self._lock:
                    if not self.spool.is_waiting():
                        self._thread = None
                        return
                continue
            wake.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def deliver_leftovers(client: Client, *, folder: Path | None = None, but: str | None = None) -> int:
    """Tell the backend what earlier runs of this machine have left for it; how many spools that emptied.

    Runs that are under way tell it themselves.

    Args:
        client: the backend; spools for others stay.
        folder: where spools are kept; None is their usual place.
        but: a flow run whose spool is left alone.
    """
    folder = directory() if folder is None else folder
    if not folder.is_dir():
        return 0
    emptied = 0
    for path in sorted(folder.glob("*.db")):
        if path.stem == but:
            continue
        with closing(Spool(path.stem, client.api_server, folder=folder)) as spool:
            if not spool.is_leftover():
                continue
            if not path.exists():  # whoever used it has removed it
                spool.remove()
            elif _addressee(path) == client.api_server and deliver(spool, client) and spool.remove():
                emptied += 1
    return emptied


def _addressee(path: Path) -> str | None:
    """The backend that a leftover is for. Whoever asks holds it: SQLite removes files by their names at its end."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            row = connection.execute("SELECT api_server FROM about").fetchone()
    except sqlite3.DatabaseError:  # no spool of ours, or one that is just being made
        return None
    return None if row is None else row[0]


# Who waits for the backend asks again after this long, in tests not at all.
Pause = Callable[[float], object]


def until_back(ask: Callable[[], Any], pause: Pause) -> Any:
    """What `ask` gives once the backend is there."""
    seconds = FIRST_PAUSE_SECONDS
    while True:
        try:
            return ask()
        except ServerAway:
            pause(seconds)
            seconds = min(2 * seconds, LONGEST_PAUSE_SECONDS)
