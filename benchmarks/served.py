"""A server process to be measured, and a client that costs next to nothing beside it."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Client:
    """One connection that is kept, on which one request after the other is sent."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=300)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, query: str, variables: dict[str, Any] | None = None) -> bytes:
        """The body of the answer; what is no answer with data is an error of the measurement."""
        body = self.send(encoded(query, variables))
        if not body.startswith(b'{"data":'):
            raise RuntimeError(f"The question to be measured was refused: {body[:500]!r}")
        return body

    def send(self, request: bytes) -> bytes:
        """The body of the answer to a request that is ready to be sent."""
        self._socket.sendall(request)
        found = self._socket.recv(262_144)
        while b"\r\n\r\n" not in found:
            found += self._more()
        head, _, body = found.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        parts = [body]
        left = length - len(body)
        while left > 0:
            parts.append(self._more())
            left -= len(parts[-1])
        return b"".join(parts)

    def _more(self) -> bytes:
        part = self._socket.recv(262_144)
        if not part:
            raise RuntimeError("The server closed the connection.")
        return part

    def close(self) -> None:
        self._socket.close()


def encoded(query: str, variables: dict[str, Any] | None = None) -> bytes:
    """A request, ready to be sent."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    head = f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Server:
    """A running server process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """What the process has used of the processors; in steps of 10 ms where the kernel keeps no finer account."""
        try:
            # Of each thread, in nanoseconds.
            accounts = [path.read_text() for path in Path(f"/proc/{self.pid}/task").glob("*/schedstat")]
            if accounts:
                return sum(int(account.split()[0]) for account in accounts) / 1e9
        except OSError:  # a thread has ended meanwhile
            pass
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mebibytes(self) -> float:
        """What the process holds of the memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    """A server in a process of its own, on a free port."""
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", "0", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline().strip()
            if not line.startswith("Serving "):
                raise RuntimeError("The server to be measured did not start; its message is above.")
            yield Server(int(line.rpartition(":")[2]), process.pid)
        finally:
            process.terminate()


@dataclass(frozen=True)
class Cost:
    """Of one request: the median of its time, and the mean of the server's CPU, in milliseconds."""

    median_ms: float
    cpu_ms: float


def cost(server: Server, requests: list[Callable[[], object]], warm: int) -> Cost:
    """What these requests cost, one after the other; the first `warm` of them are not counted."""
    for request in requests[:warm]:
        request()
    taken = []
    before = server.cpu_seconds()
    for request in requests[warm:]:
        started = time.perf_counter()
        request()
        taken.append(time.perf_counter() - started)
    cpu = (server.cpu_seconds() - before) / len(taken)
    return Cost(statistics.median(taken) * 1000, cpu * 1000)
