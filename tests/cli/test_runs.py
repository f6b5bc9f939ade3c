"""What is done with a run by its id or name: logs, watch, cancel, restart, delete, and its task runs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from prefect.backend import flow_run as runs
from prefect.backend import run_flow
from prefect.backend.flow_run import FlowRunView
from prefect.cli import cli
from prefect.client.client import Client
from prefect.core.building import task
from prefect.core.flow import Flow
from prefect.engine.state import Cancelled, Failed, Running, Success
from prefect.utilities.context import context

Prefect = Callable[..., Result]
MISSING = "00000000-0000-4000-8000-000000000404"


# With the backend in this process, and with one that is reached over HTTP.
pytestmark = pytest.mark.parametrize("database", ["embedded", "served"], indirect=True)


@pytest.fixture
def prefect() -> Prefect:
    return lambda *arguments, **kwargs: CliRunner().invoke(cli, [*arguments], **kwargs)


@task
def numbers() -> list[int]:
    context.logger.warning("three numbers")
    return [1, 2, 3]


@task
def half(x: int) -> float:
    context.logger.info("half of %s", x)
    if x == 3:
        raise ValueError("three is odd")
    return x / 2


@pytest.fixture
def failed(database: Path) -> FlowRunView:
    """A run, called `a-run`, of which the last of three mapped task runs has failed."""
    with Flow("halves") as flow:
        half.map(numbers())
    return run_flow(flow, run_name="a-run")


@pytest.fixture
def waiting(database: Path) -> str:
    """The id of a run called `waiting`, which nobody has started."""
    with Flow("waits") as flow:
        numbers()
    client = Client()
    client.create_project("proj")
    flow_id = client.register(flow, "proj", build=False, no_url=True)
    return client.create_flow_run(flow_id, run_name="waiting")


def fails_with(result: Result, start: str) -> None:
    """One line on stderr, a non-zero exit code, no traceback."""
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith(start), result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output


def line(flow_run_id: str, message: str, level: str = "INFO") -> dict[str, Any]:
    return {"flow_run_id": flow_run_id, "name": "test", "message": message, "level": level}


def printed(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(text) for text in result.stdout.splitlines()]


# Names


def test_a_run_is_named_by_its_id_or_its_name(prefect: Prefect, failed: FlowRunView) -> None:
    by_id = prefect("logs", failed.flow_run_id)
    assert by_id.exit_code == 0
    assert by_id.stdout == prefect("logs", "a-run").stdout
    fails_with(prefect("logs", "nope"), "No flow run has the name 'nope'.")
    fails_with(prefect("watch", MISSING), f"No flow run has the id '{MISSING}'.")


def test_of_several_runs_of_one_name_none_is_taken(prefect: Prefect, failed: FlowRunView) -> None:
    with Flow("other") as flow:
        numbers()
    other = run_flow(flow, run_name="a-run")
    for command in (["logs"], ["watch"], ["cancel"], ["restart"], ["delete", "flow-run"], ["get", "task-runs"]):
        result = prefect(*command, "a-run")
        fails_with(result, f"Several flow runs are called 'a-run': {other.flow_run_id} (other, Success, ")
        assert f"{failed.flow_run_id} (halves, Failed, " in result.stderr


# Logs


def test_the_log_names_the_tasks(prefect: Prefect, failed: FlowRunView) -> None:
    lines = prefect("logs", "a-run").stdout.splitlines()
    assert lines[0].endswith(" INFO     Beginning Flow run for 'halves'")
    assert any(line.endswith(" WARNING  numbers-1 | three numbers") for line in lines)
    assert any(line.endswith(" INFO     half-1:1 | half of 2") for line in lines)


def test_the_log_is_narrowed_by_level_and_task(prefect: Prefect, failed: FlowRunView) -> None:
    every = printed(prefect("logs", "a-run", "-o", "json"))
    assert [row["sequence"] for row in every] == sorted(row["sequence"] for row in every)
    assert {"timestamp", "level", "name", "message", "info", "task_run_id", "task_slug", "map_index"} <= set(every[0])
    serious = printed(prefect("logs", "a-run", "-o", "json", "--level", "warning"))
    assert serious == [row for row in every if row["level"] in ("WARNING", "ERROR", "CRITICAL")]
    assert next(row["message"] for row in serious) == "three numbers"
    of_one = printed(prefect("logs", "a-run", "-o", "json", "--task", "half-1:1"))
    assert {(row["task_slug"], row["map_index"]) for row in of_one} == {("half-1", 1)}
    # What the engine says of a task run is as much about it as what its task says.
    assert [row["message"] for row in of_one] == [
        "Task 'half[1]': Starting task run...",
        "half of 2",
        "Task 'half[1]': Finished task run for task with final state: 'Success'",
    ]
    of_all = printed(prefect("logs", "a-run", "-o", "json", "-t", "half-1", "-t", "numbers-1", "-l", "INFO"))
    assert of_all == [row for row in every if row["task_slug"]]
    fails_with(
        prefect("logs", "a-run", "-t", "nope-1"), "No task 'nope-1' in flow run 'a-run'. Its tasks are: half-1, "
    )
    fails_with(prefect("logs", "a-run", "-t", "half-1:7"), "No task run 'half-1:7' in flow run 'a-run'.")


def test_a_long_log_is_read_to_its_end(prefect: Prefect, waiting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prefect.backend.query.PAGE", 7)
    Client().write_run_logs([line(waiting, str(n), "ERROR" if n % 10 == 0 else "INFO") for n in range(100)])
    assert [row["message"] for row in printed(prefect("logs", "waiting", "-o", "json"))] == list(map(str, range(100)))
    serious = printed(prefect("logs", "waiting", "-o", "json", "--level", "ERROR"))
    assert [row["message"] for row in serious] == list(map(str, range(0, 100, 10)))


def test_a_log_is_followed_until_the_run_has_finished(
    prefect: Prefect, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    moments = iter(range(1, 100))
    told = 0

    def goes_on(seconds: float, flow_run_id: str | None) -> None:
        nonlocal told
        told += 1
        if told == 1:
            client.set_flow_run_state(waiting, Running("now"), version=1)
        if told <= 5:
            client.write_run_logs([line(waiting, f"{told}a"), line(waiting, f"{told}b")])
        if told == 5:
            client.set_flow_run_state(waiting, Success("over"))
            client.write_run_logs([line(waiting, "after the end")])

    monkeypatch.setattr(runs, "wait", goes_on)
    monkeypatch.setattr(runs, "clock", lambda: float(next(moments)))
    followed = printed(prefect("logs", "waiting", "--follow", "-o", "json"))
    expected = [f"{n}{half}" for n in range(1, 6) for half in "ab"] + ["after the end"]
    assert [row["message"] for row in followed] == expected
    assert followed == printed(prefect("logs", "waiting", "-o", "json"))


# Watching


@pytest.mark.parametrize(
    ("state", "code", "told"),
    [
        (Success("fine"), 0, "Success (fine)"),
        (Failed("broken\noff"), 3, "Failed (broken off)"),
        (Cancelled("enough"), 4, "Cancelled (enough)"),
    ],
)
def test_the_exit_code_says_how_a_watched_run_ended(
    prefect: Prefect, waiting: str, monkeypatch: pytest.MonkeyPatch, state: Any, code: int, told: str
) -> None:
    client = Client()
    client.set_flow_run_state(waiting, Running("now"), version=1)
    ended = iter([state])
    moments = iter(range(1, 100))

    def end(seconds: float, flow_run_id: str | None) -> None:
        for each in ended:
            client.set_flow_run_state(waiting, each)

    monkeypatch.setattr(runs, "wait", end)
    monkeypatch.setattr(runs, "clock", lambda: float(next(moments)))
    result = prefect("watch", "waiting")
    assert result.exit_code == code, result.output
    assert result.stdout.splitlines()[-1] == f"Flow run 'waiting' ended: {told}"
    assert "Entered state <Running>: now" in result.stdout
    quiet = prefect("watch", "waiting", "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (code, f"Flow run 'waiting' ended: {told}\n")


# Task runs


def test_task_runs_are_listed(prefect: Prefect, failed: FlowRunView) -> None:
    lines = prefect("get", "task-runs", "a-run").stdout.splitlines()
    assert lines[0].split() == ["TASK", "STATE", "START", "TIME", "DURATION", "MESSAGE", "ID"]
    assert sorted(text.split()[:2] for text in lines[1:]) == [
        ["half-1", "Mapped"],
        ["half-1:0", "Success"],
        ["half-1:1", "Success"],
        ["half-1:2", "Failed"],
        ["numbers-1", "Success"],
    ]

    def found(*arguments: str) -> list[tuple[str, int]]:
        result = prefect("get", "task-runs", "a-run", "-o", "json", *arguments)
        assert result.exit_code == 0, result.output
        return sorted((row["task"]["slug"], row["map_index"]) for row in json.loads(result.stdout))

    assert found("--state", "failed") == [("half-1", 2)]
    assert found("--state", "Failed", "--state", "Mapped") == [("half-1", -1), ("half-1", 2)]
    assert found("--task", "half-1:1", "--task", "numbers-1") == [("half-1", 1), ("numbers-1", -1)]
    assert len(found("--limit", "2")) == 2
    assert len(found()) == 5
    fails_with(
        prefect("get", "task-runs", "a-run", "-s", "Done"),
        "There is no state 'Done'. The states are: Cached, Cancelled, ",
    )


def test_a_task_run_is_described(prefect: Prefect, failed: FlowRunView) -> None:
    row = json.loads(prefect("describe", "task-runs", "a-run", "half-1:2").stdout)
    assert row["serialized_state"]["type"] == "Failed"
    assert [state["state"] for state in row["states"]] == ["Pending", "Running", "Failed"]
    assert json.loads(prefect("describe", "task-runs", "a-run", row["id"]).stdout) == row
    several = json.loads(prefect("describe", "task-runs", "a-run", "half-1:2", "half-1:0", "-o", "json").stdout)
    assert [each["map_index"] for each in several] == [2, 0]
    table = prefect("describe", "task-runs", "a-run", "half-1:2", "-o", "table").stdout
    assert "task.slug" in table
    assert "three is odd" in table


@pytest.mark.parametrize("nouns", ["flows", "projects", "flow-runs", "tasks", "task-runs", "logs"])
def test_every_list_is_there_for_programs(prefect: Prefect, failed: FlowRunView, nouns: str) -> None:
    more = {"task-runs": ["a-run"], "logs": ["--name", "a-run"]}.get(nouns, [])
    result = prefect("get", nouns, *more, "--output", "json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)
    keys = {
        "flows": {"id", "name", "version", "created", "project"},
        "projects": {"id", "name", "description", "created", "flow_count"},
        "flow-runs": {"id", "name", "state", "created", "start_time", "flow"},
        "tasks": {"id", "name", "slug", "created", "flow", "mapped", "type"},
        "task-runs": {
            *(
                "id",
                "name",
                "map_index",
                "version",
                "state",
                "state_message",
                "created",
                "start_time",
                "end_time",
                "task",
            )
        },
        "logs": {"sequence", "timestamp", "level", "message", "info"},
    }
    assert set(rows[0]) == keys[nouns]


# Restarting


THREE = """
import os
from prefect import Flow, task

@task
def numbers():
    return [1, 2, 3]

@task
def half(x):
    if x == 3 and not os.environ.get("MENDED"):
        raise ValueError("three is odd")
    return x / 2

@task
def total(halves):
    return sum(halves)

with Flow("restarted") as flow:
    total(half.map(numbers()))
"""


@pytest.fixture
def broken(prefect: Prefect, database: Path, tmp_path: Path) -> str:
    """The id of a run, called `broken`, of which half-1:2 has failed; with MENDED=1 it would not."""
    (tmp_path / "three.py").write_text(THREE)
    prefect("create", "project", "proj")
    assert prefect("register", "--project", "proj", "-p", str(tmp_path / "three.py")).exit_code == 0
    result = prefect("run", "--name", "restarted", "--run-name", "broken", "--execute")
    assert result.exit_code == 1, result.output
    return next(text.split()[-1] for text in result.stdout.splitlines() if text.startswith("└── UUID: "))


def begun(flow_run_id: str) -> dict[tuple[str, int], int]:
    """How often each task run of a run has been running."""
    view = FlowRunView.from_flow_run_id(flow_run_id)
    query = """query($id: uuid!) { task_run(where: {flow_run_id: {_eq: $id}}) {
      map_index task { slug } states(where: {state: {_eq: "Running"}}) { id }
    } }"""
    rows = Client().graphql_fast(query, {"id": view.flow_run_id})["task_run"]
    return {(row["task"]["slug"], row["map_index"]): len(row["states"]) for row in rows}


def test_a_failed_run_starts_again_from_what_failed(
    prefect: Prefect, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = begun(broken)
    monkeypatch.setenv("MENDED", "1")
    result = prefect("restart", "broken", "--execute")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].startswith("Flow run 'broken' ended: Success")
    after = begun(broken)
    assert {key for key in after if after[key] > before[key]} >= {("half-1", 2), ("total-1", -1)}
    assert all(after[key] == before[key] == 1 for key in [("numbers-1", -1), ("half-1", 0), ("half-1", 1)])
    fails_with(
        prefect("restart", "broken"), "Nothing has failed in broken (Success). Say which tasks run again: --task"
    )


def test_a_run_starts_again_from_chosen_tasks(prefect: Prefect, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENDED", "1")
    assert prefect("restart", broken, "--execute").exit_code == 0
    before = begun(broken)
    result = prefect("restart", "broken", "--task", "half-1:1", "--execute")
    assert result.exit_code == 0, result.output
    after = begun(broken)
    assert {key for key in after if after[key] > before[key]} >= {("half-1", 1), ("total-1", -1)}
    assert all(after[key] == before[key] for key in [("numbers-1", -1), ("half-1", 0), ("half-1", 2)])


def test_a_run_that_fails_again_is_told_by_the_exit_code(prefect: Prefect, broken: str) -> None:
    result = prefect("restart", "broken", "--execute")
    assert result.exit_code == 3, result.output
    assert result.stdout.splitlines()[-1].startswith("Flow run 'broken' ended: Failed")


def test_a_restarted_run_waits_for_an_agent(prefect: Prefect, broken: str) -> None:
    result = prefect("restart", "broken")
    assert result.exit_code == 0, result.output
    # What failed, and the total that it had stopped.
    assert "broken starts again: 2 task runs once more, and what had not run yet." in result.stdout
    assert FlowRunView.from_flow_run_id(broken).state.is_scheduled()
    fails_with(prefect("restart", "broken"), f"The flow run {broken} is Scheduled: only one that is over can be")
    fails_with(prefect("restart", "broken", "-t", "nope"), "No task 'nope' in flow run 'broken'. Its tasks are: half-1")


# Cancelling, deleting


def test_runs_are_cancelled(prefect: Prefect, waiting: str) -> None:
    result = prefect("cancel", "waiting")
    assert (result.exit_code, result.stdout) == (0, "waiting: Cancelled\n")
    again = prefect("cancel", waiting)
    assert (again.exit_code, again.stdout) == (0, "waiting: Cancelled\n")
    assert isinstance(FlowRunView.from_flow_run_id(waiting).state, Cancelled)


def test_a_run_that_has_begun_is_told_to_stop(prefect: Prefect, waiting: str) -> None:
    Client().set_flow_run_state(waiting, Running("now"), version=1)
    assert prefect("cancel", "waiting").stdout == "waiting: Cancelling\n"


def test_a_finished_run_cannot_be_cancelled(prefect: Prefect, failed: FlowRunView, waiting: str) -> None:
    result = prefect("cancel", "a-run", "waiting")
    assert result.exit_code == 1
    assert result.stderr == "a-run cannot be cancelled: it is finished already (Failed).\n"
    assert result.stdout == "waiting: Cancelled\n"


def test_a_typing_error_cancels_and_deletes_nothing(prefect: Prefect, waiting: str) -> None:
    fails_with(prefect("cancel", "waiting", "wating"), "No flow run has the name 'wating'.")
    fails_with(prefect("delete", "flow-run", "waiting", "wating"), "No flow run has the name 'wating'.")
    assert FlowRunView.from_flow_run_id(waiting).state.is_scheduled()


def test_runs_and_flows_are_deleted(prefect: Prefect, failed: FlowRunView, waiting: str) -> None:
    assert prefect("delete", "flow-run", "waiting").stdout == "waiting deleted\n"
    fails_with(prefect("logs", "waiting"), "No flow run has the name 'waiting'.")
    assert prefect("delete", "flow", "halves", "--project", "default").stdout == "halves (version 1) deleted\n"
    fails_with(prefect("logs", "a-run"), "No flow run has the name 'a-run'.")
    fails_with(prefect("delete", "flow", "halves"), "No flow is called 'halves'.")
