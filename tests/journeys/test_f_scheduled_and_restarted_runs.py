"""Journey (f): a schedule plans runs, somebody takes and executes them; runs are restarted, and wait for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pendulum
import pytest

from prefect import Flow, task
from prefect.backend import FlowRunView
from prefect.backend.execution import execute_flow_run
from prefect.client.client import Client
from prefect.engine.state import Failed, Mapped, Paused, Resume, Running, Scheduled, Submitted, Success
from prefect.schedules import IntervalSchedule
from prefect.server import services
from prefect.server.embedded import open_endpoint
from prefect.server.services.scheduler import plan
from prefect.server.store.interface import Store
from prefect.triggers import manual_only

QUEUE = "mutation($input: get_runs_in_queue_input!) { get_runs_in_queue(input: $input) { flow_run_ids } }"
RESTART = "mutation($input: restart_flow_run_input!) { restart_flow_run(input: $input) { id version task_run_ids } }"


@pytest.fixture
def client(database: Path) -> Client:
    client = Client()
    client.create_project("p")
    return client


@pytest.fixture
def store(database: Path) -> Store:
    return open_endpoint().store


def queue(client: Client) -> list[str]:
    answer = client.graphql(QUEUE, variables={"input": {"tenant_id": client.tenant_id, "labels": []}})
    found: list[str] = answer.data.get_runs_in_queue.flow_run_ids
    return found


def register(flow: Flow) -> str:
    flow_id = flow.register("p", labels=[], no_url=True, build=False, add_default_labels=False)
    assert flow_id is not None
    return flow_id


def states(run: str) -> dict[str, str]:
    found = FlowRunView.from_flow_run_id(run).get_all_task_runs()
    return {
        f"{each.task_slug}{'' if each.map_index < 0 else each.map_index}": type(each.state).__name__ for each in found
    }


@pytest.mark.parametrize("by_agent", [True, False])
def test_a_planned_run_is_taken_and_executed(client: Client, store: Store, by_agent: bool) -> None:
    @task
    def once() -> int:
        return 1

    start = pendulum.now("UTC").subtract(hours=2)
    with Flow("hourly", schedule=IntervalSchedule(start, timedelta(hours=1))) as flow:
        once()
    register(flow)
    moment = datetime.now(UTC) + timedelta(seconds=30)
    assert plan(store, lambda: moment).text == "10 runs planned"
    rows = client.graphql("{ flow_run(order_by: {scheduled_start_time: asc}) { id version } }").data.flow_run
    run = rows[0].id
    assert states(run) == {}
    past = Scheduled("Run it now.", start_time=pendulum.now("UTC").subtract(minutes=1))
    client.set_flow_run_state(run, past)
    if by_agent:
        assert queue(client) == [run]
        client.set_flow_run_state(run, Submitted("Submitted for execution", state=past), version=2)
        assert list(states(run).values()) == ["Pending"]
    view = execute_flow_run(run, flow=flow)
    assert isinstance(view.state, Success)
    assert list(states(run).values()) == ["Success"]


def test_a_failed_run_is_restarted_and_runs_only_what_it_must(client: Client, tmp_path: Path) -> None:
    ran = tmp_path / "ran"

    def note(name: str) -> None:
        with ran.open("a") as file:
            file.write(f"{name} ")

    @task
    def numbers() -> list[int]:
        note("numbers")
        return [0, 1, 2]

    @task
    def divide(number: int) -> float:
        note(f"divide{number}")
        if number == 1 and not (tmp_path / "mended").exists():
            raise ValueError("not yet")
        return 6 / (number + 1)

    @task
    def add(values: list[float]) -> float:
        note("add")
        return sum(values)

    with Flow("mapped") as flow:
        add(divide.map(numbers()))
    run = client.create_flow_run(register(flow))
    assert isinstance(execute_flow_run(run, flow=flow).state, Failed)
    assert set(ran.read_text().split()) == {"numbers", "divide0", "divide1", "divide2"}
    ran.unlink()
    (tmp_path / "mended").touch()
    answer: Any = client.graphql(RESTART, variables={"input": {"flow_run_id": run}})
    assert len(answer.data.restart_flow_run.task_run_ids) == 2
    assert queue(client) == [run]
    view = execute_flow_run(run, flow=flow)
    assert isinstance(view.state, Success)
    assert ran.read_text().split() == ["divide1", "add"]
    assert isinstance(view.get_task_run(task_slug="divide-1").state, Mapped)
    assert view.get_task_run(task_slug="add-1").get_result() == 11


def test_a_task_waits_for_a_person_without_a_process_and_goes_on(client: Client, store: Store) -> None:
    @task
    def before() -> int:
        return 1

    @task(trigger=manual_only)
    def approved(value: int) -> int:
        return value + 1

    with Flow("approval") as flow:
        approved(before())
    run = client.create_flow_run(register(flow))
    assert isinstance(execute_flow_run(run, flow=flow).state, Running)
    assert states(run) == {"before-1": "Success", "approved-1": "Paused"}
    assert queue(client) == []
    # The process has ended, which is no reason to fail the run.
    with store.transaction() as transaction:
        transaction.execute("UPDATE flow_run SET owner_pid = 1, owner_started = 'then' WHERE id = ?1", (run,))
    assert services.rescue_dead_runs(store) == []
    assert isinstance(FlowRunView.from_flow_run_id(run).state, Running)
    task_runs = FlowRunView.from_flow_run_id(run).get_all_task_runs()
    waiting = next(each for each in task_runs if isinstance(each.state, Paused))
    resumed = Resume("Approved.", start_time=pendulum.now("UTC").subtract(seconds=5))
    client.set_task_run_state(waiting.task_run_id, resumed)
    assert queue(client) == [run]
    # As agents do with a run that goes on.
    client.set_task_run_state(waiting.task_run_id, Submitted("Submitted for execution", state=resumed))
    assert queue(client) == []
    view = execute_flow_run(run, flow=flow)
    assert isinstance(view.state, Success)
    assert view.get_task_run(task_slug="approved-1").get_result() == 2
    assert states(run) == {"before-1": "Success", "approved-1": "Success"}
