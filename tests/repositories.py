"""Git repositories for tests: made here, and served over HTTP to those who know the password."""

import os
import shutil
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

FLOW = "from prefect import Flow\nflow = Flow({name!r})\nother = Flow('other')\n"


@dataclass
class Repository:
    """A repository on disk; each commit changes its files."""

    path: Path

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.path), "-c", "user.name=me", "-c", "user.email=me@example.com", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, files: Mapping[str, str]) -> str:
        """Write these files and commit them; the id of the commit."""
        for name, content in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(content)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "change")
        return self.git("rev-parse", "HEAD")

    @property
    def url(self) -> str:
        return f"file://{self.path}"


def make_repository(path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A new repository, read and written with none of the person's own settings."""
    if shutil.which("git") is None:
        pytest.skip("Git storage is not tested: there is no git on PATH")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    path.mkdir(parents=True)
    repository = Repository(path)
    repository.git("init", "-q", "-b", "main")
    return repository


@dataclass
class GitServer:
    """A running server of repositories, and who asked for what."""

    url: str
    # The value of Authorization that it wants; None lets everybody in.
    wanted: str | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def want_password(self, username: str, password: str) -> None:
        self.wanted = "Basic " + b64encode(f"{username}:{password}".encode()).decode()


@contextmanager
def serving(root: Path) -> Iterator[GitServer]:
    """A server of all repositories beneath `root`, through git's own program for that."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self.answer(b"")

        def do_POST(self) -> None:
            self.answer(self.rfile.read(int(self.headers["content-length"])))

        def answer(self, body: bytes) -> None:
            given = self.headers.get("authorization")
            server.asked.append((self.path, given))
            if server.wanted is not None and given != server.wanted:
                self.send_response(401)
                self.send_header("www-authenticate", 'Basic realm="here"')
                self.send_header("content-length", "0")
                self.end_headers()
                return
            parts = urlsplit(self.path)
            environment = {
                **os.environ,
                "GIT_PROJECT_ROOT": str(root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": parts.path,
                "QUERY_STRING": parts.query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("content-type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
                "GIT_PROTOCOL": self.headers.get("git-protocol", ""),
                "CONTENT_LENGTH": str(len(body)),
            }
            command = ["git", "http-backend"]
            answer = subprocess.run(command, input=body, env=environment, capture_output=True, check=True).stdout
            head, _, content = answer.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = GitServer(f"http://127.0.0.1:{listening.server_port}")
    thread = threading.Thread(target=listening.serve_forever, name="repositories")
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
