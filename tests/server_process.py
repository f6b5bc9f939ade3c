"""A server in a process of its own, which can be killed and started again at the same address."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[1] / "src"
Json = dict[str, Any]


class Server:
    """A server of the database at this path or URL; who asks it brings the key, where there is one."""

    def __init__(self, database: Path | str, home: Path | None = None, *, host: str = "127.0.0.1") -> None:
        self.database = database
        self.host, self.port = host, 0
        self.key: str | None = None
        self.process: subprocess.Popen[str] | None = None
        self.environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}
        if home is not None:
            self.environment["PREFECT__HOME_DIR"] = str(home)
        #: What it has written so far, without its first line.
        self.lines: list[str] = []

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """What a request brings."""
        authorization = {} if self.key is None else {"Authorization": f"Bearer {self.key}"}
        return {"Content-Type": "application/json", **authorization}

    def make_key(self) -> None:
        """Make an administrator's key, without which a server that other machines reach does not start."""
        command = [sys.executable, "-m", "prefect", "server", "create-key", "--role", "admin", "--quiet"]
        command += ["--database", str(self.database)]
        made = subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True)
        self.key = made.stdout.strip()

    def start(self) -> None:
        command = [sys.executable, "-m", "prefect", "server", "start", "--database", str(self.database)]
        process = subprocess.Popen(
            [*command, "--host", self.host, "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
        )
        self.process = process
        assert process.stdout is not None
        before: list[str] = []
        line = process.stdout.readline()
        # What it does by itself it may do, and tell, before it says where it is.
        while line and not line.startswith("Serving "):
            before.append(line)
            line = process.stdout.readline()
        found = re.search(r" at http://\S+?:(\d+)", line)
        assert found is not None, "".join(before)
        self.lines.extend(before)
        self.port = int(found[1])
        # Read on, or it would wait for a full pipe one day.
        threading.Thread(target=self._read, args=(process,), name="output of the server", daemon=True).start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as stdout:
            self.lines.extend(stdout)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """End it in order."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            self.process = None

    def ask(self, query: str, variables: Json | None = None) -> Json:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(self.url, body, headers=self.headers)
        with urllib.request.urlopen(request) as response:
            answer: Json = json.load(response)
        assert "errors" not in answer, answer
        data: Json = answer["data"]
        return data
