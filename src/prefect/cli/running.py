"""The servers that run on this machine, as each writes down when it starts: `prefect server stop`, `--detach`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from prefect.cli.output import fail
from prefect.configuration import config
from prefect.utilities.processes import is_alive, process_start

LOOK_SECONDS = 0.1
# A server answers what was asked before it ends.
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Running:
    """A server: its process, when that started, and where it answers what."""

    pid: int
    started: str | None
    url: str
    database: str

    def is_there(self) -> bool:
        """Whether the process is still the one that wrote this."""
        return is_alive(self.pid, self.started)


def _directory() -> Path:
    return Path(str(config.home_dir)).expanduser() / "servers"


@contextmanager
def written_down(url: str, database: str) -> Iterator[None]:
    """A block during which this process can be found as a server; where that cannot be written it runs all the same."""
    pid = os.getpid()
    path = _directory() / f"{pid}.json"
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(Running(pid, process_start(pid), url, database))), encoding="utf-8")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def running_servers() -> list[Running]:
    """The servers of this user that run now; notes of those that were killed are removed."""
    found = []
    for path in sorted(_directory().glob("*.json")):
        try:
            server = Running(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):  # it ends just now, or the file is not ours
            continue
        if server.is_there():
            found.append(server)
        else:
            with contextlib.suppress(OSError):
                path.unlink()
    return found


def stop(port: int | None, every: bool, wait: Callable[[float], None] = time.sleep) -> None:
    """Tell a server to end, and wait until it has."""
    servers = running_servers()
    if port is not None:
        servers = [server for server in servers if server.url.endswith(f":{port}")]
    if not servers:
        where = f" at port {port}" if port is not None else ""
        fail(
            f"No server that this user started runs on this machine{where}. One that runs as a service or in a "
            "container is stopped there: systemctl stop, docker compose down."
        )
    if len(servers) > 1 and not every:
        told = ", ".join(f"{server.url} ({server.database})" for server in servers)
        fail(f"Several servers run on this machine: {told}. Say which with --port, or --all.")
    for server in servers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, signal.SIGTERM)
        waited = 0.0
        while server.is_there():
            if waited >= PATIENCE_SECONDS:
                fail(f"The server at {server.url} (process {server.pid}) was told to end and has not ended yet.")
            wait(LOOK_SECONDS)
            waited += LOOK_SECONDS
        click.echo(f"Stopped the server at {server.url} (process {server.pid})")


def start_apart(arguments: Sequence[str], url: str | None, wait: Callable[[float], None] = time.sleep) -> None:
    """Start `prefect server start` with these arguments in a process that goes on when this terminal is closed.

    A database URL goes through the environment: arguments can be read by everybody on the machine.
    """
    directory = _directory()
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / "server.log"
    environment = dict(os.environ)
    if url is not None:
        environment["PREFECT__SERVER__DATABASE__CONNECTION_URL"] = url
    with log.open("ab") as output:
        where = output.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )
    while process.poll() is None:
        for server in running_servers():
            if server.pid == process.pid:
                click.echo(f"Serving {server.database} at {server.url} (process {server.pid})")
                click.echo(f"└── Log: {log}")
                click.echo("└── End it with: prefect server stop")
                process.returncode = 0  # it goes on without us, which is no oversight to be warned of
                return
        wait(LOOK_SECONDS)
    with log.open("rb") as output:
        output.seek(where)
        said = " ".join(output.read().decode(errors="replace").split())
    fail(f"The server did not start: {said or f'it ended with code {process.returncode}'}")
