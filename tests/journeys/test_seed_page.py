"""Every snippet of the page "Inspecting flow runs" runs as it is written there and prints what is printed there."""

import ast
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from prefect.backend.flow_run import FlowRunView
from prefect.client.client import Client
from prefect.core.building import task
from prefect.core.flow import Flow
from prefect.engine.state import Failed, Running, Success
from prefect.storage import Module

PAGE = (Path(__file__).resolve().parents[1] / "fixtures" / "seed" / "inspecting-flow-runs.md").read_text()

FLOW_RUN = "4c0101af-c6bb-4b96-8661-63a5bbfb5596"
FLOW = "8bdcf5b5-7598-49d1-a885-61612ca550de"
SAY_HELLO = "34b0dd2d-582e-4f0a-923d-63daf1e38fe5"
TASK_RUNS = {
    "say_hello-1": "c8751f34-9d5e-4ea7-aead-8b50978dabb7",
    "say_hello-2": "f5f422f6-4f56-45d2-bd55-5ea048070d84",
    "say_hello-3": "7cc167d3-737d-4187-85d8-d5e5a75fbd93",
}
WOODOO_LEOPARD = "8e445d74-9ca6-425b-98e5-72754b7ea174"
FAILED_RUNS = 14


def hello_world() -> Flow:
    @task
    def say_hello() -> str:
        return "hello"

    with Flow("hello-world") as flow:
        for _ in range(3):
            say_hello()
    flow.storage = Module("hello_world")
    flow.storage.add_flow(flow)
    return flow


@pytest.fixture
def recorded(database: Path) -> None:
    """The runs of the page, recorded by the public client, and given the ids and times that the page shows."""
    client = Client()
    client.create_project("default")
    flow_id = client.register(hello_world(), project_name="default", build=False, no_url=True)
    flow_run = client.create_flow_run(flow_id)
    client.set_flow_run_state(flow_run, Running("Running flow."))
    info = client.get_flow_run_info(flow_run)
    names = {flow_id: FLOW, flow_run: FLOW_RUN}
    for task_run in info.task_runs:
        assert task_run.task_slug is not None
        client.set_task_run_state(task_run.id, Running("Starting task run."))
        client.set_task_run_state(task_run.id, Success("Task run succeeded."))
        names[task_run.id] = TASK_RUNS[task_run.task_slug]
        if task_run.task_slug == "say_hello-1":
            names[task_run.task_id] = SAY_HELLO
    client.set_flow_run_state(flow_run, Success("All reference tasks succeeded."))

    leopard = client.create_flow_run(flow_id, run_name="woodoo-leopard")
    client.set_flow_run_state(leopard, Running())
    client.set_flow_run_state(leopard, Success())
    names[leopard] = WOODOO_LEOPARD
    for _ in range(FAILED_RUNS):
        failed = client.create_flow_run(flow_id)
        client.set_flow_run_state(failed, Running())
        client.set_flow_run_state(failed, Failed("It went wrong."))
    rename(database, names)


def rename(database: Path, names: dict[str, str]) -> None:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        for column in (name for name in columns if name == "id" or name.endswith("_id")):
            for old, new in names.items():
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new, old))  # noqa: S608
    connection.execute(
        "UPDATE flow_run SET start_time = '2021-05-12T17:59:56.383629+00:00' WHERE id = ?", (WOODOO_LEOPARD,)
    )
    connection.execute("COMMIT")
    connection.close()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def python_steps() -> list[tuple[str, str | None]]:
    """The statements of the page's Python, each with what the page prints beneath it."""
    steps: list[tuple[str, str | None]] = []
    for block in blocks("python"):
        lines = block.splitlines()
        for statement in ast.parse(block).body:
            assert statement.end_lineno is not None
            code = "\n".join(lines[statement.lineno - 1 : statement.end_lineno])
            printed = []
            for line in lines[statement.end_lineno :]:
                if not line.startswith("#"):
                    break
                printed.append(line.removeprefix("#").strip())
            steps.append((code, on_one_line(printed) if printed else None))
    return steps


def on_one_line(printed: list[str]) -> str:
    """What the page prints, without the line breaks that only its column is to blame for."""
    return " ".join(printed).replace("( ", "(").replace(" )", ")")


def value_of(code: str, names: dict[str, Any]) -> Any:
    """Run a statement; the value of an expression, or what an assignment assigned."""
    (statement,) = ast.parse(code).body
    if isinstance(statement, ast.Expr):
        return eval(code, names)
    exec(code, names)
    if isinstance(statement, ast.Assign):
        (target,) = statement.targets
        assert isinstance(target, ast.Name)
        return names[target.id]
    return None


def test_the_page_has_what_this_test_looks_at() -> None:
    printed = [expected for _, expected in python_steps() if expected is not None]
    assert len(printed) == 7
    assert len(blocks("graphql")) == 2


def test_every_python_snippet_prints_what_the_page_prints(recorded: None) -> None:
    names: dict[str, Any] = {}
    shown = 0
    for code, expected in python_steps():
        value = value_of(code, names)
        if expected is not None:
            assert repr(value) == expected, code
            shown += 1
    assert shown == 7


def answers() -> list[Any]:
    after = PAGE[PAGE.index("Example response") :]
    return [json.loads(block) for block in re.findall(r"```(?:json)?\n(\{.*?\n\})\n```", after, re.DOTALL)]


def test_every_query_is_answered_as_the_page_answers_it(recorded: None) -> None:
    queries = blocks("graphql")
    assert len(answers()) == len(queries)
    for query, answer in zip(queries, answers(), strict=True):
        assert Client().graphql(query).to_dict() == answer


def test_a_view_does_not_change_and_the_latest_is_another_one(recorded: None) -> None:
    flow_run = FlowRunView.from_flow_run_id(FLOW_RUN)
    Client().set_flow_run_name(FLOW_RUN, "renamed")
    assert flow_run.name != "renamed"
    latest = flow_run.get_latest()
    assert latest is not flow_run
    assert latest.name == "renamed"


def test_flow_metadata_is_asked_for_once(recorded: None, requests: list[str]) -> None:
    flow_run = FlowRunView.from_flow_run_id(FLOW_RUN)
    requests.clear()
    assert flow_run.flow is flow_run.flow is flow_run.get_flow_metadata()
    assert len(requests) == 1
    assert flow_run.get_flow_metadata(no_cache=True) is not None
    assert len(requests) == 2


def test_finished_task_runs_are_asked_for_once_and_kept_by_the_latest_view(recorded: None, requests: list[str]) -> None:
    flow_run = FlowRunView.from_flow_run_id(FLOW_RUN)
    requests.clear()
    task_run = flow_run.get_task_run(task_slug="say_hello-1")
    assert flow_run.get_task_run(task_slug="say_hello-1") is task_run
    assert flow_run.get_task_run(task_run_id=task_run.task_run_id) is task_run
    assert len(requests) == 1
    latest = flow_run.get_latest()
    assert len(requests) == 2
    assert latest.get_task_run(task_slug="say_hello-1") is task_run
    assert len(requests) == 2


def test_both_spellings_list_the_task_runs(recorded: None, requests: list[str]) -> None:
    flow_run = FlowRunView.from_flow_run_id(FLOW_RUN)
    requests.clear()
    assert flow_run.task_run_ids == flow_run.get_task_run_ids() == list(TASK_RUNS.values())
    assert len(requests) == 1
