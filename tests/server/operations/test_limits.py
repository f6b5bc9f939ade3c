"""Limits: who may not start waits where it is, and starts when a slot is free."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from prefect.server.identifiers import new_id
from prefect.server.operations.limits import LARGEST_LIMIT
from tests.server.conftest import STATES

if TYPE_CHECKING:
    from tests.server.conftest import Backend


def tagged(backend: Backend, *tags: list[str]) -> str:
    """A flow with a task for each list of tags."""
    tasks = [{"slug": f"t-{number}", "name": "t", "tags": given} for number, given in enumerate(tags)]
    described = {"name": "tagged", "tasks": tasks, "edges": []}
    flow: str = backend.do("create_flow", project_id=backend.project(), serialized_flow=described)["id"]
    return flow


def usage(backend: Backend) -> dict[str, int]:
    return {row["name"]: row["usage"] for row in backend.ask("{ task_concurrency { name usage } }")["task_concurrency"]}


def start(backend: Backend, task_run: str, **values: Any) -> str:
    status: str = backend.move_task_run(task_run, "Running", **values)["status"]
    return status


@pytest.fixture
def runs(backend: Backend) -> list[str]:
    """Task runs of one running flow run: three tagged db, one db and gpu, one gpu, one without tags."""
    flow = tagged(backend, ["db"], ["db"], ["db"], ["db", "gpu"], ["gpu"], [])
    return [run["id"] for run in backend.task_runs(backend.run(flow))]


def test_a_task_run_waits_where_it_is_until_a_slot_is_free(backend: Backend, runs: list[str]) -> None:
    backend.do("update_task_tag_limit", tag="db", limit=2)
    assert [start(backend, run, version=1) for run in runs[:2]] == ["SUCCESS", "SUCCESS"]
    answer = backend.move_task_run(runs[2], "Running", version=1)
    assert (answer["status"], answer["version"]) == ("QUEUED", 1)
    assert answer["message"] == (
        "The task run waits: every slot of the concurrency limit on the tag 'db' (2 slots) is taken."
    )
    assert answer["state"]["type"] == "Queued"
    assert answer["state"]["start_time"] > "2024"
    waiting = backend.task_runs(backend.ask("{ flow_run { id } }")["flow_run"][0]["id"])[2]
    assert (waiting["state"], waiting["version"]) == ("Pending", 1)
    assert usage(backend) == {"db": 2}
    backend.move_task_run(runs[0], "Success")
    assert usage(backend) == {"db": 1}
    assert start(backend, runs[2], version=1) == "SUCCESS"


def test_every_limit_needs_a_free_slot_and_none_is_taken_in_vain(backend: Backend, runs: list[str]) -> None:
    backend.do("update_task_tag_limit", tag="db", limit=1)
    backend.do("update_task_tag_limit", tag="gpu", limit=1)
    assert start(backend, runs[4]) == "SUCCESS"
    assert start(backend, runs[3]) == "QUEUED"
    # It did not take the slot of db while it found gpu full.
    assert start(backend, runs[0]) == "SUCCESS"
    assert start(backend, runs[5]) == "SUCCESS"
    assert usage(backend) == {"db": 1, "gpu": 1}


@pytest.mark.parametrize("state", ["Success", "Failed", "Retrying", "Cancelled", "Pending", "TimedOut"])
def test_a_slot_is_free_however_a_task_run_leaves_it(backend: Backend, runs: list[str], state: str) -> None:
    backend.do("update_task_tag_limit", tag="db", limit=1)
    assert start(backend, runs[0]) == "SUCCESS"
    assert start(backend, runs[1]) == "QUEUED"
    backend.move_task_run(runs[0], state)
    assert start(backend, runs[1]) == "SUCCESS"


def test_a_task_run_keeps_its_slot_from_one_iteration_of_its_loop_to_the_next(
    backend: Backend, runs: list[str]
) -> None:
    backend.do("update_task_tag_limit", tag="db", limit=1)
    start(backend, runs[0])
    backend.move_task_run(runs[0], "Looped")
    assert start(backend, runs[1]) == "QUEUED"
    assert start(backend, runs[0]) == "SUCCESS"


def test_slots_of_a_flow_run_that_has_ended_or_was_deleted_are_free(backend: Backend) -> None:
    backend.do("update_task_tag_limit", tag="db", limit=1)
    flow = tagged(backend, ["db"])
    first, second, third = (backend.run(flow) for _ in range(3))
    task_runs = [backend.task_runs(run)[0]["id"] for run in (first, second, third)]
    assert [start(backend, run) for run in task_runs] == ["SUCCESS", "QUEUED", "QUEUED"]
    # Its process is gone, and nobody said what became of its task.
    backend.move_flow_run(first, "Failed")
    assert start(backend, task_runs[1]) == "SUCCESS"
    assert start(backend, task_runs[2]) == "QUEUED"
    backend.do("delete_flow_run", "success", flow_run_id=second)
    assert start(backend, task_runs[2]) == "SUCCESS"


def test_a_batch_hands_the_slot_on(backend: Backend, runs: list[str]) -> None:
    """One transaction closes a task run and starts the next; what waits in it keeps its later states back."""
    backend.do("update_task_tag_limit", tag="db", limit=1)
    start(backend, runs[0])
    states = [
        {"task_run_id": runs[0], "state": {"type": "Success"}},
        {"task_run_id": runs[1], "state": {"type": "Running"}},
        {"task_run_id": runs[2], "state": {"type": "Running"}},
        {"task_run_id": runs[2], "state": {"type": "Success"}},
    ]
    answers = backend.do("set_task_run_states", STATES, states=states)["states"]
    assert [answer["status"] for answer in answers] == ["SUCCESS", "SUCCESS", "QUEUED", "QUEUED"]
    assert [answer["version"] for answer in answers] == [3, 2, 1, 1]


def test_a_repeated_start_is_answered_like_the_first_although_the_limit_is_full(
    backend: Backend, runs: list[str]
) -> None:
    backend.do("update_task_tag_limit", tag="db", limit=1)
    assert start(backend, runs[0], version=1) == "SUCCESS"
    assert start(backend, runs[0], version=1) == "SUCCESS"
    assert usage(backend) == {"db": 1}
    # A stale version is refused, not told to wait.
    backend.move_task_run(runs[1], "Pending", attributes={"message": "another"})
    error = backend.refused(
        "set_task_run_states", STATES, states=[{"task_run_id": runs[1], "state": {"type": "Running"}, "version": 1}]
    )
    assert error["extensions"]["code"] == "VERSION_LOCKING_ERROR"


def test_what_runs_when_a_limit_is_made_counts_and_is_not_ended(backend: Backend, runs: list[str]) -> None:
    assert [start(backend, run) for run in runs[:3]] == ["SUCCESS"] * 3
    limit = backend.do("update_task_tag_limit", tag="db", limit=2)["id"]
    assert usage(backend) == {"db": 3}
    assert start(backend, runs[3]) == "QUEUED"
    for run in runs[:2]:
        backend.move_task_run(run, "Success")
    assert start(backend, runs[3]) == "SUCCESS"
    assert backend.do("update_task_tag_limit", tag="db", limit=LARGEST_LIMIT)["id"] == limit
    backend.do("delete_task_tag_limit", "success", limit_id=limit)
    assert usage(backend) == {}


def test_a_limit_of_none_holds_everything_up(backend: Backend, runs: list[str]) -> None:
    limit = backend.do("update_task_tag_limit", tag="db", limit=0)["id"]
    assert start(backend, runs[0]) == "QUEUED"
    backend.do("delete_task_tag_limit", "success", limit_id=limit)
    assert start(backend, runs[0]) == "SUCCESS"


def test_limits_of_tags_have_the_two_names_of_the_interface(backend: Backend) -> None:
    first = backend.do("update_task_tag_limit", tag="db", limit=3)["id"]
    assert backend.do("update_task_concurrency_limit", name="db", limit=4)["id"] == first
    assert backend.ask('{ task_tag_limit(where: {tag: {_eq: "db"}}) { limit } }') == {"task_tag_limit": [{"limit": 4}]}
    assert backend.ask("{ task_concurrency_limit(order_by: {limit: desc}) { id name limit } }") == {
        "task_concurrency_limit": [{"id": first, "name": "db", "limit": 4}]
    }
    backend.do("delete_task_concurrency_limit", "success", limit_id=first)
    assert backend.ask("{ task_tag_limit { id } }") == {"task_tag_limit": []}


@pytest.mark.parametrize(
    "name", ["delete_task_tag_limit", "delete_task_concurrency_limit", "delete_flow_concurrency_limit"]
)
def test_a_limit_that_is_not_there_cannot_be_deleted(backend: Backend, name: str) -> None:
    assert backend.refused(name, "success", limit_id=new_id())["extensions"]["code"] == "NOT_FOUND"
    assert backend.refused(name, "success", limit_id="x")["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_limit_is_a_number_of_runs(backend: Backend) -> None:
    for limit in (-1, LARGEST_LIMIT + 1):
        for name, what in (("update_task_tag_limit", "tag"), ("update_flow_concurrency_limit", "label")):
            error = backend.refused(name, limit=limit, **{what: "x"})
            assert error["extensions"]["code"] == "BAD_USER_INPUT"


# -- flow runs ---------------------------------------------------------------------------------------------------------


def test_a_flow_run_waits_where_it_is_until_a_slot_is_free(backend: Backend) -> None:
    limit = backend.do("update_flow_concurrency_limit", label="db", limit=1)["id"]
    flow = backend.flow(tasks=0)
    first, second = (backend.run(flow, running=False, labels=["db", "x"]) for _ in range(2))
    other = backend.run(flow, running=False, labels=["x"])
    backend.move_flow_run(second, "Submitted")
    assert backend.move_flow_run(first, "Running")["status"] == "SUCCESS"
    answer = backend.move_flow_run(second, "Running", version=2)
    assert (answer["status"], answer["version"], answer["state"]["type"]) == ("QUEUED", 2, "Queued")
    assert backend.flow_run(second)["state"] == "Submitted"
    assert backend.move_flow_run(other, "Running")["status"] == "SUCCESS"
    labels = "query($labels: [String!]) { flow_concurrency(labels: $labels) { label usage } }"
    assert backend.ask(labels, labels=["db"])["flow_concurrency"] == [{"label": "db", "usage": 1}]
    assert backend.ask(labels, labels=["x"])["flow_concurrency"] == []
    assert backend.ask("{ flow_concurrency { usage } }")["flow_concurrency"] == [{"usage": 1}]
    # One that is being cancelled works still.
    backend.move_flow_run(first, "Cancelling")
    assert backend.move_flow_run(second, "Running")["status"] == "QUEUED"
    backend.move_flow_run(first, "Cancelled")
    assert backend.move_flow_run(second, "Running")["status"] == "SUCCESS"
    backend.do("delete_flow_concurrency_limit", "success", limit_id=limit)
    assert backend.ask("{ flow_concurrency_limit { id } }")["flow_concurrency_limit"] == []


def test_resuming_a_run_needs_a_slot_too(backend: Backend) -> None:
    backend.do("update_flow_concurrency_limit", label="db", limit=1)
    flow = backend.flow(tasks=1)
    first, second = (backend.run(flow, running=False, labels=["db"]) for _ in range(2))
    backend.move_flow_run(first, "Running")
    error = backend.refused("resume_flow_run", "id status", flow_run_id=second)
    assert error["extensions"]["code"] == "CONCURRENCY_LIMIT_REACHED"
    assert backend.flow_run(second)["state"] == "Scheduled"
    backend.move_flow_run(first, "Success")
    assert backend.do("resume_flow_run", "status", flow_run_id=second)["status"] == "SUCCESS"


# -- races -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["task_run", "flow_run"])
def test_however_many_race_no_more_than_the_limit_run_at_once(backend: Backend, kind: str) -> None:
    threads, each, limit = 6, 4, 2
    backend.do("update_task_tag_limit", tag="db", limit=limit)
    backend.do("update_flow_concurrency_limit", label="db", limit=limit)
    flow = tagged(backend, ["db"])
    labels = ["db"] if kind == "flow_run" else []
    runs = [backend.run(flow, running=kind == "task_run", labels=labels) for _ in range(threads * each)]
    ids = [backend.task_runs(run)[0]["id"] for run in runs] if kind == "task_run" else runs
    name = f"set_{kind}_states"
    propose = f"mutation($input: {name}_input!) {{ {name}(input: $input) {{ states {{ status }} }} }}"
    count = f'{{ {kind}_aggregate(where: {{state: {{_eq: "Running"}}}}) {{ aggregate {{ count }} }} }}'
    barrier = threading.Barrier(threads)
    seen: list[int] = []
    statuses: list[str] = []

    def move(run: str, state: str) -> str:
        variables = {"input": {"states": [{f"{kind}_id": run, "state": {"type": state}}]}}
        reply = json.loads(backend.endpoint.answer(propose, variables))
        status: str = reply["errors"][0]["message"] if "errors" in reply else reply["data"][name]["states"][0]["status"]
        statuses.append(status)
        return status

    def work(mine: list[str]) -> None:
        barrier.wait()
        while mine:
            run = mine.pop(0)
            if move(run, "Running") == "QUEUED":
                mine.append(run)
            else:
                seen.append(backend.ask(count)[f"{kind}_aggregate"]["aggregate"]["count"])
                move(run, "Success")

    workers = [threading.Thread(target=work, args=(ids[number::threads],)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert set(statuses) <= {"SUCCESS", "QUEUED"}
    assert statuses.count("SUCCESS") == 2 * len(ids)
    assert 1 <= max(seen) <= limit
