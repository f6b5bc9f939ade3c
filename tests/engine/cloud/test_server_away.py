"""A run whose server is away goes on, and its record becomes that of a run that nothing disturbed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server_process import SOURCE, Json, Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "served.db")
    server.start()
    yield server
    server.kill()


# The server is killed in the middle of the first task; where it is started again is what the cases differ in.
PROGRAM = """
import os, signal, subprocess, sys
from datetime import timedelta
import prefect
from prefect import Flow, task
from prefect.backend import create_link_artifact, create_markdown_artifact, delete_artifact, run_flow
from prefect.backend import update_markdown_artifact
from prefect.executors import LocalDaskExecutor

def reach(where):
    if os.environ.get("BEGIN") == where:
        os.kill(int(os.environ["SERVER"]), signal.SIGKILL)
    if os.environ.get("END") == where:
        print("START", flush=True)
        sys.stdin.readline()
        # From now on what waits is told; the run does not wait for it.

@task
def numbers():
    reach("first")
    prefect.context.logger.info("three numbers")
    return [1, 2, 3]

@task(max_retries=1, retry_delay=timedelta(seconds=0), task_run_name="twice {number}")
def twice(number):
    if number == 2 and prefect.context.task_run_count == 1:
        raise ValueError("not yet")
    prefect.context.logger.info("%d doubled", number)
    # The ids are good at once, wherever the server is.
    note, mistake = create_markdown_artifact(f"# {number}"), create_link_artifact("https://example.com/mistake")
    update_markdown_artifact(note, f"# {number} doubled")
    delete_artifact(mistake)
    return 2 * number

@task
def total(them):
    # Made while the server is away, and changed when it is back.
    note = create_markdown_artifact("adding")
    reach("last")
    update_markdown_artifact(note, f"# {sum(them)}")
    prefect.context.logger.info("the sum is %d", sum(them))
    return sum(them)

@task(tags=["few"])
def limited(value):
    return value

if os.environ.get("ELSEWHERE"):
    # As if on another machine than the server's, which then does not see that this process is gone.
    from prefect.engine.cloud import backend_runs
    backend_runs.owner = lambda: {"host": "elsewhere", "pid": 1, "started": None}

with Flow("away") as flow:
    result = total(twice.map(numbers()))
    limited(result)

def main():
    executor = LocalDaskExecutor("processes", num_workers=2) if os.environ.get("PROCESSES") else None
    try:
        view = run_flow(flow, run_name=sys.argv[1], **({"executor": executor} if executor else {}))
        print("SAID", view.state, flush=True)
    except Exception as error:
        print("SAID", type(error).__name__, error, flush=True)

if __name__ == "__main__":
    main()
"""

RECORD = """{ flow_run(where: {name: {_eq: "NAME"}}) { state version
  states(order_by: {version: asc}) { state version }
  task_runs { map_index name state version task { slug } states(order_by: {version: asc}) { state version message } }
  logs(order_by: {sequence: asc}) { message level name } }
  task_run_artifact(where: {task_run: {flow_run: {name: {_eq: "NAME"}}}}) {
    kind data task_run { map_index task { slug } } } }"""


def recorded(server: Server, name: str) -> Json:
    found = server.ask(RECORD.replace("NAME", name))
    return {**found["flow_run"][0], "artifacts": sorted(found["task_run_artifact"], key=json.dumps)}


def run(
    server: Server, directory: Path, name: str, begin: str = "", end: str = "", **more: str
) -> tuple[list[str], Json]:
    """Run the program, starting the server again when it says so; what it printed, and what was recorded."""
    assert server.process is not None
    program = directory / "away.py"
    program.write_text(textwrap.dedent(PROGRAM))
    environment = {
        **os.environ,
        "PYTHONPATH": str(SOURCE),
        "PREFECT__BACKEND": "server",
        "PREFECT__CLOUD__API": server.url,
        "PREFECT__HOME_DIR": str(directory / "home"),
        "PREFECT__CLOUD__LOGGING_HEARTBEAT": "0.05",
        "SERVER": str(server.process.pid),
        "BEGIN": begin,
        "END": end,
        **more,
    }
    running = subprocess.Popen(
        [sys.executable, str(program), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert running.stdout is not None
    assert running.stdin is not None
    printed = []
    for line in running.stdout:
        if line.strip() == "START":
            server.kill()
            server.start()
            running.stdin.write("go\n")
            running.stdin.flush()
        elif line.startswith("SAID "):
            printed.append(line.removeprefix("SAID ").strip())
    assert running.stderr is not None
    errors = running.stderr.read()
    running.communicate()
    if server.process is None or server.process.poll() is not None:
        server.kill()
        server.start()
    assert running.returncode == 0, errors
    return printed, recorded(server, name)


def comparable(record: Json) -> Json:
    record = dict(record)
    record["task_runs"] = sorted(record["task_runs"], key=lambda each: (each["task"]["slug"], each["map_index"]))
    # Which of the lines of the server's absence are there depends on nothing but the run; the warning is about it.
    record["logs"] = [line for line in record["logs"] if "backend" not in line["message"].lower()]
    return record


@pytest.mark.parametrize("mode", ["here", "processes"])
def test_a_run_whose_server_was_away_is_recorded_like_its_undisturbed_twin(
    server: Server, tmp_path: Path, mode: str
) -> None:
    more = {"PROCESSES": "1"} if mode == "processes" else {}
    said, twin = run(server, tmp_path, "undisturbed", **more)
    assert said == ['<Success: "All reference tasks succeeded.">']
    said, disturbed = run(server, tmp_path, "disturbed", "first", "last", **more)
    assert said == ['<Success: "All reference tasks succeeded.">']
    expected, found = comparable(twin), comparable(disturbed)
    if mode == "processes":
        # Lines of tasks that run at the same time come in any order.
        for record in (expected, found):
            record["logs"] = sorted(record["logs"], key=json.dumps)
    assert found == expected
    assert [each["data"]["markdown"] for each in found["artifacts"]] == [
        "# 1 doubled",
        "# 12",
        "# 2 doubled",
        "# 3 doubled",
    ]
    assert [each["state"] for each in found["task_runs"] if each["task"]["slug"] == "twice-1"] == ["Mapped"] + [
        "Success"
    ] * 3
    assert list((tmp_path / "home" / "spool").glob("*.db")) == [], "what has been told is removed"


@pytest.mark.parametrize("where", ["elsewhere", "here"])
def test_a_run_that_ends_while_its_server_is_away_leaves_its_record_to_the_next(
    server: Server, tmp_path: Path, where: str
) -> None:
    """Where the server saw that the process was gone, it has failed the run meanwhile, and that stands."""
    _, twin = run(server, tmp_path, "undisturbed")
    more = {"ELSEWHERE": "1"} if where == "elsewhere" else {}
    said, left = run(server, tmp_path, "disturbed", "first", PREFECT__CLOUD__SPOOL__PATIENCE="0", **more)
    assert said[0].startswith("ServerAway Flow run ")
    assert '(<Success: "All reference tasks succeeded.">), but its backend is away' in said[0]
    assert left["state"] == ("Running" if more else "Failed")
    assert len(list((tmp_path / "home" / "spool").glob("*.db"))) == 1
    run(server, tmp_path, "next")
    told = recorded(server, "disturbed")
    if more:
        assert comparable(told) == comparable(twin)
    else:
        assert told["state"] == "Failed"
        assert comparable(told)["logs"] == comparable(twin)["logs"]
    assert list((tmp_path / "home" / "spool").glob("*.db")) == []


def test_a_run_that_was_cancelled_meanwhile_ends_with_that_reason(server: Server, tmp_path: Path) -> None:
    assert server.process is not None
    start = server.start

    def start_and_cancel() -> None:
        start()
        id = server.ask('{ flow_run(where: {name: {_eq: "disturbed"}}) { id } }')["flow_run"][0]["id"]
        server.ask(
            f'mutation {{ set_flow_run_state(input: {{flow_run_id: "{id}", '
            'state: "{\\"type\\": \\"Cancelled\\", \\"message\\": \\"by hand\\"}"}) { id } }'
        )

    server.start = start_and_cancel  # type: ignore[method-assign]
    said, record = run(server, tmp_path, "disturbed", "first", "last")
    assert record["state"] == "Cancelled"
    assert said == ['<Cancelled: "by hand">']
