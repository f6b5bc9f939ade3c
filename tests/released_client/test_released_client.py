"""The released client of 1.4.1, in an environment of its own, with our server: command line, agent, views."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.released_client.environment import NoReleasedClient, released_client
from tests.server_process import Server

# Each of its commands starts an interpreter that imports everything.
pytestmark = pytest.mark.timeout(300)

HERE = Path(__file__).parent
DATABASES = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def environment() -> Path:
    """Where the released client is installed."""
    try:
        return released_client(os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"alone-{os.getpid()}")
    except NoReleasedClient as error:
        pytest.skip(f"Released client: {error}")


class Client:
    """The released client, told to use a server."""

    def __init__(self, environment: Path, server: Server, directory: Path) -> None:
        self.programs = environment / "bin"
        self.server = server
        self.flows = str(shutil.copy(HERE / "flows.py", directory / "flows.py"))
        self.directory = directory
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "PYTHON"))}
        self.variables = {
            **kept,
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "PREFECT__BACKEND": "server",
            "PREFECT__SERVER__HOST": "http://127.0.0.1",
            "PREFECT__SERVER__PORT": str(server.port),
            "PREFECT__HOME_DIR": str(directory / "home"),
            "PREFECT__USER_CONFIG_PATH": str(directory / "config.toml"),
            # What takes seconds by default.
            "PREFECT__CLOUD__CHECK_CANCELLATION_INTERVAL": "0.2",
            "PREFECT__CLOUD__HEARTBEAT_INTERVAL": "1",
            "PREFECT__CLOUD__LOGGING_HEARTBEAT": "0.2",
            "PREFECT__CLOUD__AGENT__POLL_INTERVAL": "0.2",
            "PYTHONWARNINGS": "ignore",
            "PYTHONUNBUFFERED": "1",
            "RESULTS": str(directory / "results"),
        }

    def say(self, *arguments: str, code: int = 0) -> str:
        """What a command of it prints."""
        done = subprocess.run(
            [str(self.programs / "prefect"), *arguments],
            env=self.variables,
            cwd=self.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, _said(done.stdout)
        return done.stdout

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        """A program of it at work."""
        return subprocess.Popen(
            [str(self.programs / arguments[0]), *arguments[1:]],
            env=self.variables,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=more.get("stdout", subprocess.PIPE),
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @contextlib.contextmanager
    def agent(self) -> Iterator[None]:
        """Its agent, which also takes what is left from then on until the block ends."""
        with open(self.directory / "agent.log", "w") as log:
            process = self.start("prefect", "agent", "local", "start", "-l", "here", "--no-hostname-label", stdout=log)
            try:
                yield
            finally:
                process.terminate()
                process.wait(60)


def _said(text: str) -> str:
    """What a program printed, without lines of its source."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("    "))


@pytest.fixture(params=DATABASES)
def client(request: pytest.FixtureRequest, environment: Path, tmp_path: Path) -> Iterator[Client]:
    database = tmp_path / "served.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    server = Server(database, home=tmp_path / "home of the server")
    server.start()
    try:
        yield Client(environment, server, tmp_path)
        assert server.process is not None
        assert server.process.poll() is None, server.lines
    finally:
        server.stop()
        print("The server wrote:", *server.lines, sep="\n")


def test_its_command_line_registers_runs_and_looks(client: Client) -> None:
    assert "released created" in client.say("create", "project", "released")
    assert "released created" in client.say("create", "project", "released"), "it may be repeated"
    registered = client.say("register", "--project", "released", "--path", client.flows, "--name", "here")
    assert "Version: 1" in registered
    again = client.say("register", "--project", "released", "--path", client.flows, "--name", "here")
    assert "Skipped (metadata unchanged)" in again

    ran = client.say("run", "--project", "released", "--name", "here", "--param", "count=4", "--execute", "--watch")
    assert "counting to 4" in ran
    assert "doubled 3" in ran
    assert "Flow run succeeded!" in ran
    (run,) = client.server.ask("{ flow_run { id name state task_runs_aggregate { aggregate { count } } } }")["flow_run"]
    assert run["state"] == "Success"
    assert run["task_runs_aggregate"]["aggregate"]["count"] == 4 + 4

    described = json.loads(client.say("describe", "flow-runs", "--name", run["name"], "--output", "json"))
    assert described["name"] == run["name"]
    assert described.get("state", "Success") == "Success", described
    flow = json.loads(client.say("describe", "flows", "--name", "here", "--project", "released", "--output", "json"))
    assert (flow["name"], flow["version"], flow["project"]["name"]) == ("here", 1, "released")
    tasks = client.say("describe", "tasks", "--name", "here", "--project", "released", "--output", "json")
    assert [each["slug"] for each in json.loads(tasks)] == ["count", "double-1", "numbers-1", "total-1"]
    assert "released" in client.say("get", "projects")
    assert "here" in client.say("get", "flows", "--project", "released")
    assert run["name"] in client.say("get", "flow-runs", "--flow", "here", "--project", "released")
    assert "total" in client.say("get", "tasks", "--flow-name", "here")
    logs = client.say("get", "logs", "--id", run["id"])
    assert "counting to 4" in logs
    assert "Flow run SUCCESS" in logs


def test_its_agent_takes_runs_and_its_views_show_them(client: Client) -> None:
    client.say("create", "project", "released")
    assert "6 registered" in client.say("register", "--project", "released", "--path", client.flows)
    program = shutil.copy(HERE / "driver.py", client.directory / "driver.py")
    driver = client.start("python", str(program))
    assert driver.stdout is not None
    with driver:
        try:
            line = driver.stdout.readline()
            assert line == "READY\n", _said(line + driver.stdout.read())
            with client.agent():
                last = driver.stdout.read()
        finally:
            driver.kill()
    seen = json.loads(last)
    assert "broke" not in seen, seen["broke"]
    every = ["Scheduled", "Submitted", "Running", "Success"]
    for name, count in (("here", 3), ("threads", 3), ("cluster", 3), ("counted", 2), ("brought forward", 3)):
        run = seen[name]
        doubled = [2 * number for number in range(count)]
        assert (run["state"], run["states"][-4:]) == ("Success", every), name
        assert run["total"] == sum(doubled), name
        assert run["doubled"] == run["mapped"] == doubled, name
        children = [["double-1", index, "Success"] for index in range(count)]
        assert run["task_runs"] == [
            ["count", -1, "Success"],
            ["double-1", -1, "Mapped"],
            *children,
            ["numbers-1", -1, "Success"],
            ["total-1", -1, "Success"],
        ], name
        assert f"counting to {count}" in run["logs"]
        assert [f"doubled {index}" in run["logs"] for index in range(count)] == [True] * count, name
    assert seen["failing"]["state"] == "Failed"
    assert seen["staying"]["state"] == "Cancelled"
    assert seen["staying"]["states"] == ["Scheduled", "Submitted", "Running", "Cancelling", "Cancelled"]
    assert "counting to 2" in seen["watched"]
    assert seen["planned"]
    assert set(seen["planned"]) == {0}, "planned runs have no task runs yet"
    assert seen["brought forward"]["name"] == "brought forward"
    assert seen["artifacts"] == [{"markdown": "the sum is **6**"}]
    assert seen["key-value pairs"] == ["ClientError"] * 3
    assert client.server.ask("{ agent { type } }")["agent"] == [{"type": "LocalAgent"}]
