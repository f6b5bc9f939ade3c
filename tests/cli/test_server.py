"""`prefect server start` as a process: it says where it is, answers, stops in order, and fails in one line."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from prefect.cli import cli
from prefect.configuration import config
from prefect.server import app

if TYPE_CHECKING:
    from tests.support.postgres import Server

COMMAND = [sys.executable, "-m", "prefect", "server", "start"]


@contextlib.contextmanager
def started(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A server in a process of its own, and its first line."""
    source = Path(__file__).resolve().parents[2] / "src"
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    with process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def ask(url: str, query: str) -> Any:
    request = urllib.request.Request(
        url, json.dumps({"query": query}).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_a_file_until_it_is_stopped(tmp_path: Path, stop: signal.Signals) -> None:
    path = tmp_path / "served.db"
    with started("--port", "0", "--database", str(path)) as (process, line):
        start, _, url = line.rpartition(" at ")
        assert start == f"Serving {path}"
        assert url.startswith("http://127.0.0.1:")
        assert ask(url, "{ hello }") == {"data": {"hello": "hi"}}
        process.send_signal(stop)
        assert process.stdout is not None
        assert process.stdout.read() == "Stopped.\n"
        assert process.wait() == 0


@pytest.mark.parametrize(
    "way", ["--database-url", "--postgres-url", "--database", "PREFECT__SERVER__DATABASE__CONNECTION_URL"]
)
def test_it_serves_a_postgresql_database(way: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = postgres_url.replace("postgres@", "postgres:geheim@")
    if way.startswith("--"):
        arguments = [way, url]
    else:
        arguments = []
        monkeypatch.setenv(way, url)
    with started("--port", "0", *arguments) as (process, line):
        start, _, address = line.rpartition(" at ")
        assert start.startswith("Serving postgresql://postgres@/test_")
        assert "geheim" not in line
        assert ask(address, "{ tenant { slug } }") == {"data": {"tenant": [{"slug": "default"}]}}
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert process.stdout.read() == "Stopped.\n"
        assert process.wait() == 0


def test_a_server_that_is_away_is_told_in_one_line() -> None:
    url = "postgresql://me:geheim@127.0.0.1:1/runs?connect_timeout=2"
    fails_with("The server of postgresql://me@127.0.0.1:1/runs cannot be reached", "--database", url, "--port", "0")


def fails_with(start: str, *arguments: str) -> None:
    result = CliRunner().invoke(cli, ["server", "start", *arguments])
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith(start), result.stderr
    assert result.stderr.count("\n") == 1


def test_a_taken_port_is_told_in_one_line() -> None:
    with app.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        fails_with(f"Port {port} on 127.0.0.1 is taken", "--port", str(port))


def test_it_is_not_opened_to_others_without_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = "The server would be reachable from other machines at 0.0.0.0"
    database = ("--port", "0", "--database", str(tmp_path / "a.db"))
    fails_with(start, "--host", "0.0.0.0", *database)
    fails_with(start, "--expose", *database)
    monkeypatch.setitem(config.server, "allowed_hosts", ["runs.example.com"])
    fails_with("The server requires API keys", *database)


def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader, " * 1000)
    fails_with(f"{tmp_path}/letter.txt is not a SQLite database", "--database", f"{tmp_path}/letter.txt", "--port", "0")


def test_a_directory_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    fails_with("Cannot create the directory", "--database", f"{tmp_path}/file/quaestor.db", "--port", "0")


def test_one_database_is_served(tmp_path: Path) -> None:
    fails_with("Give either", "--database", f"{tmp_path}/a.db", "--database-url", "postgresql://localhost/a")


def test_the_database_of_an_old_server_is_imported(tmp_path: Path, postgres_server: "Server") -> None:
    from tests.server.test_importing import RUNS, Theirs, fill

    target = tmp_path / "ours.db"
    with postgres_server.database() as url:
        theirs = Theirs(url)
        with theirs.connection:
            fill(theirs)
        runner = CliRunner()
        first = runner.invoke(cli, ["server", "import", url, "--database", str(target)])
        assert first.exit_code == 0, first.output
        rows = {line.split()[0]: line.split()[1:] for line in first.output.splitlines() if line}
        assert rows["flow_run"] == [str(RUNS), "0"]
        assert "1 log lines that belong to no run were left behind." in first.output
        assert first.output.endswith(f"Everything is in {target}\n")
        again = runner.invoke(cli, ["server", "import", url, "--database", str(target)])
        rows = {line.split()[0]: line.split()[1:] for line in again.output.splitlines() if line}
        assert rows["flow_run"] == ["0", str(RUNS)]


def test_an_import_from_nowhere_is_refused_in_a_sentence(tmp_path: Path, postgres_server: "Server") -> None:
    url = postgres_server.url("no_such_database")
    result = CliRunner().invoke(cli, ["server", "import", url, "--database", str(tmp_path / "ours.db")])
    assert result.exit_code == 1
    assert "cannot be read" in result.output


# Stopping, starting apart, and what 1.x had for its containers


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own, for its processes too."""
    monkeypatch.setitem(config, "home_dir", str(tmp_path))
    monkeypatch.setenv("PREFECT__HOME_DIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2] / "src"))
    return tmp_path


def test_a_server_is_stopped_from_elsewhere(own_home: Path) -> None:
    nobody = CliRunner().invoke(cli, ["server", "stop"])
    assert nobody.exit_code == 1
    assert nobody.stderr.startswith("No server that this user started runs on this machine.")
    with started("--port", "0", "--database", str(own_home / "a.db")) as (process, line):
        url = line.rpartition(" at ")[2]
        told = json.loads(CliRunner().invoke(cli, ["server", "config"]).stdout)
        assert [(each["pid"], each["url"]) for each in told["running"]] == [(process.pid, url)]
        wrong = CliRunner().invoke(cli, ["server", "stop", "--port", "1"])
        assert wrong.stderr.startswith("No server that this user started runs on this machine at port 1.")
        result = CliRunner().invoke(cli, ["server", "stop"])
        assert (result.exit_code, result.stdout) == (0, f"Stopped the server at {url} (process {process.pid})\n")
        assert process.wait(30) == 0
    assert list((own_home / "servers").iterdir()) == []


def test_of_several_servers_none_is_stopped_unless_all_are(own_home: Path) -> None:
    with started("--port", "0", "--database", str(own_home / "a.db")) as (one, _):
        with started("--port", "0", "--database", str(own_home / "b.db")) as (two, _):
            unsure = CliRunner().invoke(cli, ["server", "stop"])
            assert unsure.exit_code == 1
            assert unsure.stderr.startswith("Several servers run on this machine: http://127.0.0.1:")
            assert CliRunner().invoke(cli, ["server", "stop", "--all"]).exit_code == 0
            assert (one.wait(30), two.wait(30)) == (0, 0)


def test_a_server_that_was_killed_is_forgotten(own_home: Path) -> None:
    with started("--port", "0", "--database", str(own_home / "a.db")) as (process, _):
        process.kill()
        process.wait()
        assert len(list((own_home / "servers").iterdir())) == 1
        assert CliRunner().invoke(cli, ["server", "stop"]).exit_code == 1
        assert list((own_home / "servers").iterdir()) == []


def test_a_server_is_started_apart(own_home: Path) -> None:
    result = CliRunner().invoke(cli, ["server", "start", "-d", "--port", "0", "--database", str(own_home / "a.db")])
    try:
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith(f"Serving {own_home / 'a.db'} at http://127.0.0.1:")
        url = result.stdout.split()[3]
        assert ask(url, "{ hello }") == {"data": {"hello": "hi"}}
    finally:
        assert CliRunner().invoke(cli, ["server", "stop"]).exit_code == 0


def test_a_server_that_cannot_start_apart_says_why(own_home: Path) -> None:
    (own_home / "text.db").write_text("This is not a database. " * 100)
    result = CliRunner().invoke(cli, ["server", "start", "-d", "--port", "0", "--database", str(own_home / "text.db")])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"The server did not start: {own_home / 'text.db'} is not a SQLite database.")
    assert result.stderr.count("\n") == 1


def test_options_for_containers_are_taken_and_ignored(own_home: Path) -> None:
    flags = ["--use-volume", "--hasura-port", "3001", "-v", "latest", "--no-graphql-port"]
    result = CliRunner().invoke(cli, ["server", "config", *flags, "--database", str(own_home / "none.db")])
    assert result.exit_code == 0, result.output
    told = [line.partition(" means nothing here")[0] for line in result.stderr.splitlines()]
    assert sorted(told) == ["--hasura-port", "--no-graphql-port", "--use-volume", "--version"]
    assert json.loads(result.stdout)["schema_version"] is None


def test_an_older_database_is_not_upgraded_against_ones_will(own_home: Path) -> None:
    from tests.server.store.test_migrations import old_file

    old_file(own_home / "old.db", 3)
    result = CliRunner().invoke(cli, ["server", "start", "--no-upgrade", "--database", str(own_home / "old.db")])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"The database {own_home / 'old.db'} must be upgraded from schema version 3 to ")


def _children(process: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


def test_workers_share_one_address_and_are_replaced(postgres_url: str) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("Which processes are the workers is read from /proc.")
    with started("--port", "0", "--workers", "2", "--database", postgres_url) as (process, line):
        url = line.rpartition(" at ")[2]
        workers = _children(process.pid)
        assert len(workers) == 2
        assert ask(url, "{ tenant { slug } }") == {"data": {"tenant": [{"slug": "default"}]}}
        os.kill(min(workers), signal.SIGKILL)
        assert process.stdout is not None
        assert "was killed by signal 9" in process.stdout.readline()
        assert "has begun again as process" in process.stdout.readline()
        for _ in range(10):
            assert ask(url, "{ hello }") == {"data": {"hello": "hi"}}
        with urllib.request.urlopen(f"{url}/metrics") as answer:
            text = answer.read().decode()
        # Whoever answers tells what all of them have counted, also the one that is gone.
        assert 'quaestor_requests_total{operation="query",status="ok"} 11\n' in text
        assert "quaestor_workers 2\n" in text
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read().endswith("Stopped.\n")
        assert process.wait() == 0


def test_a_file_is_served_by_one_worker(tmp_path: Path) -> None:
    fails_with("Several workers need PostgreSQL", "--workers", "2", "--port", "0", "--database", f"{tmp_path}/a.db")


def test_the_log_can_be_json(tmp_path: Path) -> None:
    with started("--port", "0", "--log-format", "json", "--database", f"{tmp_path}/a.db") as (process, line):
        entry = json.loads(line)
        assert entry["message"].startswith(f"Serving {tmp_path}/a.db at http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert json.loads(process.stdout.read())["message"] == "Stopped."
        assert process.wait() == 0
