"""Runs that are over run once more, from where they failed or from a chosen task; and runs that pause."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.server.conftest import Backend

RESTARTED = "id version task_run_ids"


def chain(backend: Backend, *slugs: str) -> str:
    """A flow whose tasks wait for each other in this order."""
    tasks = [{"slug": slug, "name": slug, "type": "Task", "tags": [], "mapped": slug == "m"} for slug in slugs]
    edges = [
        {"upstream_task": {"slug": before}, "downstream_task": {"slug": after}}
        for before, after in itertools.pairwise(slugs)
    ]
    return backend.flow(more={"tasks": tasks, "edges": edges})


def finished(backend: Backend, flow: str, states: list[str], end: str = "Failed") -> tuple[str, list[str]]:
    run = backend.run(flow)
    ids = [task_run["id"] for task_run in backend.task_runs(run)]
    for task_run, state in zip(ids, states, strict=True):
        if state != "Pending":
            backend.move_task_run(task_run, "Running")
            backend.move_task_run(task_run, state)
    backend.move_flow_run(run, end)
    return run, ids


def states(backend: Backend, run: str) -> list[str]:
    return [task_run["state"] for task_run in backend.task_runs(run)]


def queued(backend: Backend) -> list[str]:
    found: list[str] = backend.do("get_runs_in_queue", "flow_run_ids", tenant_id=backend.tenant, labels=[])[
        "flow_run_ids"
    ]
    return found


def test_what_failed_and_everything_downstream_runs_again(backend: Backend) -> None:
    run, ids = finished(backend, chain(backend, "a", "b", "c", "d"), ["Success", "Failed", "TriggerFailed", "Pending"])
    restarted = backend.do("restart_flow_run", RESTARTED, flow_run_id=run)
    assert restarted["task_run_ids"] == ids[1:3]
    assert states(backend, run) == ["Success", "Pending", "Pending", "Pending"]
    assert backend.flow_run(run)["state"] == "Scheduled"
    assert restarted["version"] == backend.flow_run(run)["version"]
    assert queued(backend) == [run]
    numbers = [number for number, _ in backend.history(run)]
    assert numbers == list(range(1, len(numbers) + 1))
    # It runs as ever.
    backend.move_flow_run(run, "Running", version=restarted["version"])
    assert backend.move_task_run(ids[1], "Running", version=4)["status"] == "SUCCESS"


def test_a_chosen_task_runs_again_although_all_went_well(backend: Backend) -> None:
    run, ids = finished(backend, chain(backend, "a", "b", "c"), ["Success"] * 3, "Success")
    assert "say which ones" in backend.refused("restart_flow_run", flow_run_id=run)["message"]
    backend.do("restart_flow_run", RESTARTED, flow_run_id=run, task_run_ids=[ids[1]])
    assert states(backend, run) == ["Success", "Pending", "Pending"]


def test_of_a_mapped_task_only_the_failed_children_run_again(backend: Backend) -> None:
    flow = chain(backend, "a", "m", "z")
    run = backend.run(flow)
    a, m, z = (task_run["id"] for task_run in backend.task_runs(run))
    task_id = backend.task_runs(run)[1]["task_id"]
    backend.move_task_run(a, "Running")
    backend.move_task_run(a, "Success")
    backend.move_task_run(m, "Mapped")
    values = {"flow_run_id": run, "task_id": task_id, "count": 3}
    made = backend.do("get_or_create_mapped_task_runs", "task_runs { id }", **values)["task_runs"]
    children = [child["id"] for child in made]
    for child, state in zip(children, ["Success", "Failed", "Success"], strict=True):
        backend.move_task_run(child, "Running")
        backend.move_task_run(child, state)
    backend.move_task_run(z, "TriggerFailed")
    backend.move_flow_run(run, "Failed")
    restarted = backend.do("restart_flow_run", RESTARTED, flow_run_id=run)
    assert set(restarted["task_run_ids"]) == {z, children[1]}
    assert states(backend, run) == ["Success", "Mapped", "Pending", "Success", "Pending", "Success"]
    # From further up the whole of it runs again.
    backend.move_flow_run(run, "Cancelled")
    backend.do("restart_flow_run", RESTARTED, flow_run_id=run, task_run_ids=[a])
    assert set(states(backend, run)) == {"Pending"}


@pytest.mark.parametrize("state", ["Scheduled", "Running"])
def test_only_what_is_over_is_restarted(backend: Backend, state: str) -> None:
    run = backend.run(running=state == "Running")
    error = backend.refused("restart_flow_run", flow_run_id=run)
    assert error["extensions"]["code"] == "STATE_TRANSITION_REFUSED"
    assert state in error["message"]


def test_a_task_run_of_another_run_is_refused_and_nothing_changes(backend: Backend) -> None:
    flow = chain(backend, "a", "b")
    run, _ = finished(backend, flow, ["Success", "Failed"])
    _, others = finished(backend, flow, ["Success", "Failed"])
    error: Any = backend.refused("restart_flow_run", flow_run_id=run, task_run_ids=[others[0]])
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert backend.flow_run(run)["state"] == "Failed"


def test_a_cancelled_run_is_restarted_with_what_was_cancelled(backend: Backend) -> None:
    run = backend.run(chain(backend, "a", "b"))
    backend.do("cancel_flow_run", "state", flow_run_id=run)
    backend.move_flow_run(run, "Cancelled")
    backend.do("restart_flow_run", RESTARTED, flow_run_id=run)
    assert states(backend, run) == ["Pending", "Pending"]
    assert queued(backend) == [run]


def test_a_task_that_waits_for_a_person_is_handed_out_when_it_is_resumed(backend: Backend) -> None:
    run = backend.run()
    first = backend.task_runs(run)[0]["id"]
    backend.move_task_run(first, "Paused", attributes={"start_time": "2020-01-01T00:00:00+00:00"})
    assert queued(backend) == []
    backend.move_task_run(first, "Resume", attributes={"start_time": "2020-01-01T00:00:00+00:00"})
    assert queued(backend) == [run]
    backend.move_task_run(first, "Submitted")
    assert queued(backend) == []


def test_a_run_that_waits_for_a_person_is_handed_out_when_it_is_scheduled_again(backend: Backend) -> None:
    run = backend.run(running=False)
    backend.move_flow_run(run, "Paused")
    assert queued(backend) == []
    backend.move_flow_run(run, "Scheduled", attributes={"start_time": "2020-01-01T00:00:00+00:00"})
    assert queued(backend) == [run]
