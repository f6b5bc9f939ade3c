"""Journey (g): from a file to a finished run by commands alone, each its own process, with a server between them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Twenty processes one after the other: on a busy machine each takes seconds to start.
pytestmark = pytest.mark.timeout(400)

SOURCE = Path(__file__).resolve().parents[2] / "src"

FLOWS = """
import os
import prefect
from prefect import Flow, task

@task
def numbers():
    return [1, 2, 3]

@task
def half(x):
    for n in range(50):
        prefect.context.logger.info("half of %s, %s", x, n)
    if x == 3 and not os.path.exists("mended"):
        raise ValueError("three is odd")
    return x / 2

with Flow("halves") as flow:
    half.map(numbers())
"""


class Shell:
    """Calls `prefect` in a directory, with settings of this test's own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        settings = {
            "PYTHONPATH": str(SOURCE),
            "PREFECT__HOME_DIR": str(directory / "home"),
            "PREFECT__USER_CONFIG_PATH": str(directory / "config.toml"),
            "PREFECT__BACKEND_CONFIG_PATH": str(directory / "backend.toml"),
            "PREFECT__EMBEDDED__DATABASE": str(directory / "quaestor.db"),
            # Lines are shipped soon, so that a finished run is told to its end soon.
            "PREFECT__CLOUD__LOGGING_HEARTBEAT": "1",
        }
        self.environment = {**os.environ, **settings}

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """The command, running."""
        return subprocess.Popen(
            [sys.executable, "-m", "prefect", *arguments],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """What the command prints; it must end with `code`."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=100)
        assert process.returncode == code, f"{arguments}: {out}{err}"
        assert "Traceback" not in err or "half" in err
        return out


@pytest.fixture
def prefect(tmp_path: Path) -> Iterator[Shell]:
    """A shell whose clients use a server that was started with `--detach`."""
    (tmp_path / "flows.py").write_text(FLOWS)
    shell = Shell(tmp_path)
    started = shell("server", "start", "--detach", "--port", "0")
    try:
        shell.environment["PREFECT__CLOUD__API"] = started.split()[3]
        shell("backend", "server")
        yield shell
    finally:
        shell("server", "stop", "--all")


def test_from_a_file_to_a_finished_run(prefect: Shell, tmp_path: Path) -> None:
    assert prefect("create", "project", "etl") == "etl created\n"
    assert "1 registered" in prefect("register", "--project", "etl", "-p", "flows.py")
    assert "0 registered, 1 skipped" in prefect("register", "--project", "etl", "-p", "flows.py")
    run_id = prefect("run", "--name", "halves", "--run-name", "first", "--quiet").strip()

    following = prefect.start("logs", "first", "--follow", "--output", "json")
    watching = prefect.start("watch", "first", "--no-logs")
    with following, watching:
        prefect("run", "--id", run_id, "--execute", code=1)
        followed, _ = following.communicate(timeout=100)
        watched, _ = watching.communicate(timeout=100)
    assert (following.returncode, watching.returncode) == (0, 3)
    assert watched.splitlines()[-1] == "Flow run 'first' ended: Failed (Some reference tasks failed.)"
    # What was followed while it came is what stands there afterwards, line for line.
    assert followed.splitlines() == prefect("logs", "first", "-o", "json").splitlines()
    lines = [json.loads(text) for text in followed.splitlines()]
    assert len([line for line in lines if line["message"].startswith("half of ")]) == 150

    failed = json.loads(prefect("get", "task-runs", "first", "--state", "Failed", "-o", "json"))
    assert [(row["task"]["slug"], row["map_index"]) for row in failed] == [("half-1", 2)]
    (tmp_path / "mended").touch()
    assert "Flow run 'first' ended: Success" in prefect("restart", "first", "--execute")
    assert prefect("watch", "first", "--quiet").startswith("Flow run 'first' ended: Success")

    prefect("server", "backup", "copy.db")
    prefect("delete", "flow-run", "first")
    assert json.loads(prefect("get", "flow-runs", "-o", "json")) == []
    prefect.environment |= {"PREFECT__BACKEND": "embedded", "PREFECT__EMBEDDED__DATABASE": str(tmp_path / "copy.db")}
    assert [row["id"] for row in json.loads(prefect("get", "flow-runs", "-o", "json"))] == [run_id]


def test_a_log_is_followed_over_the_restart_of_a_server(prefect: Shell, tmp_path: Path) -> None:
    prefect("create", "project", "etl")
    prefect("register", "--project", "etl", "-p", "flows.py")
    run_id = prefect("run", "--name", "halves", "--run-name", "first", "--quiet").strip()
    port = prefect.environment["PREFECT__CLOUD__API"].rpartition(":")[2]
    write = "mutation($input: write_run_logs_input!) { write_run_logs(input: $input) { success } }"

    def tell(message: str) -> None:
        logs = [{"flow_run_id": run_id, "name": "x", "level": "INFO", "message": message}]
        prefect("graphql", write, "--variables", json.dumps({"input": {"logs": logs}}))

    tell("before")
    following = prefect.start("logs", "first", "--follow", "--output", "json")
    with following:
        assert following.stdout is not None
        assert json.loads(following.stdout.readline())["message"] == "before"
        prefect("server", "stop")
        prefect("server", "start", "--detach", "--port", port)
        tell("after")
        assert json.loads(following.stdout.readline())["message"] == "after"
        prefect("cancel", run_id)
        rest, err = following.communicate(timeout=100)
    assert (following.returncode, rest, err) == (0, "", "")


def test_what_is_cut_off_by_a_pipe_ends_quietly(prefect: Shell) -> None:
    prefect("create", "project", "etl")
    prefect("register", "--project", "etl", "-p", "flows.py")
    command = f"{sys.executable} -m prefect graphql --schema | head -n 1"
    done = subprocess.run(
        ["sh", "-c", command], env=prefect.environment, capture_output=True, text=True, check=True, timeout=100
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
