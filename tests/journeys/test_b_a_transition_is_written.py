"""Journey (b): a transition, written to the backend through the embedded transport; durable before user code runs."""

import datetime
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import prefect
from prefect import Flow, task
from prefect.backend import FlowRunView
from prefect.backend.execution import run_flow
from prefect.client.client import Client
from prefect.engine.state import Cancelled, Running, State
from prefect.exceptions import VersionLockMismatchSignal
from prefect.utilities.configuration import set_temporary_config


def states_of(database: Path, task_run_id: str) -> list[str]:
    """What any other process can read at this moment."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "SELECT state FROM task_run_state WHERE task_run_id = ? ORDER BY sequence", (task_run_id,)
        ).fetchall()
    connection.close()
    return [state for (state,) in rows]


def test_running_is_durable_before_user_code_and_the_end_before_anything_downstream(database: Path) -> None:
    seen: dict[str, list[str]] = {}
    ids: dict[str, str] = {}

    @task
    def first() -> int:
        ids["first"] = prefect.context.task_run_id
        seen["in first"] = states_of(database, ids["first"])
        return 1

    @task
    def second(x: int) -> int:
        seen["in second"] = states_of(database, ids["first"])
        seen["second itself"] = states_of(database, prefect.context.task_run_id)
        return x

    with Flow("durable") as flow:
        second(first())
    view = run_flow(flow)
    assert view.state.is_successful()
    assert seen == {
        "in first": ["Pending", "Running"],
        "in second": ["Pending", "Running", "Success"],
        "second itself": ["Pending", "Running"],
    }


def test_a_failure_and_its_retry_are_both_in_the_history(database: Path) -> None:
    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def flaky() -> int:
        if prefect.context.task_run_count == 1:
            raise ValueError("once")
        return 5

    with Flow("flaky") as flow:
        flaky()
    view = run_flow(flow)
    task_run = view.get_task_run(task_slug="flaky-1")
    assert task_run.get_result() == 5
    assert states_of(database, task_run.task_run_id) == [
        "Pending",
        "Running",
        "Failed",
        "Retrying",
        "Running",
        "Success",
    ]


def test_a_run_moved_elsewhere_is_not_overwritten(database: Path) -> None:
    client = Client()

    @task
    def moved() -> None:
        raise AssertionError("must not run: somebody else has started it")

    with Flow("moved") as flow:
        moved()

    def start_elsewhere(_: Any, __: State, new: State) -> None:
        # Between the moment in which the runner read the run and the moment in which it starts it.
        if isinstance(new, Running):
            info = client.get_flow_run_info(prefect.context.flow_run_id)
            client.set_task_run_state(info.task_runs[0].id, Running("elsewhere"), version=info.task_runs[0].version)

    (only,) = flow.tasks
    only.state_handlers.append(start_elsewhere)
    view = run_flow(flow)
    assert view.state.is_running()
    assert view.get_task_run(task_slug="moved-1").state.message == "elsewhere"
    with pytest.raises(VersionLockMismatchSignal):
        client.set_task_run_state(view.get_task_run(task_slug="moved-1").task_run_id, Running(), version=1)


def test_a_cancelled_run_starts_nothing_more(database: Path) -> None:
    ran: list[str] = []

    @task
    def cancel() -> None:
        Client().cancel_flow_run(prefect.context.flow_run_id)

    @task
    def after() -> None:
        ran.append("after")

    with Flow("cancelled") as flow:
        after(upstream_tasks=[cancel()])
    view = run_flow(flow)
    assert isinstance(view.state, Cancelled)
    assert isinstance(view.get_task_run(task_slug="after-1").state, Cancelled)
    assert ran == []


def test_flow_run_records_too_where_the_settings_say_so(database: Path) -> None:
    @task
    def one() -> int:
        return 1

    with Flow("recorded") as flow:
        done = one()
    with set_temporary_config({"flows.record": True}):
        state = flow.run()
    assert isinstance(state, State)
    assert state.result[done].result == 1
    (run,) = Client().graphql("{ flow_run { id state name } }").data.flow_run
    assert run.state == "Success"
    assert FlowRunView.from_flow_run_id(run.id).get_task_run(task_slug="one-1").get_result() == 1
