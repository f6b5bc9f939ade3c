"""What happens without anybody asking: rescue, deletion in batches, retention."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from prefect.server import services
from prefect.server.identifiers import now
from prefect.server.store.statements import statement
from prefect.utilities.processes import process_start, this_host

if TYPE_CHECKING:
    from tests.server.conftest import Backend

RESUMED = "id status version sequence task_runs { id version state map_index serialized_state }"


def ended_process() -> tuple[int, str]:
    """The id and start of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        start = process_start(process.pid)
        assert start is not None
    return process.pid, start


def owner(pid: int, started: str | None, host: str | None = None) -> dict[str, Any]:
    return {"host": host or this_host(), "pid": pid, "started": started}


def this_owner() -> dict[str, Any]:
    return owner(os.getpid(), process_start(os.getpid()))


def killed_run(backend: Backend) -> tuple[str, list[str]]:
    """A run whose process is gone: one task run had succeeded, one was running, one was waiting."""
    run = backend.run(backend.flow(tasks=3), running=False)
    pid, started = ended_process()
    backend.move_flow_run(run, "Running", owner=owner(pid, started))
    ids = [task_run["id"] for task_run in backend.task_runs(run)]
    backend.move_task_run(ids[0], "Running")
    backend.move_task_run(ids[0], "Success")
    backend.move_task_run(ids[1], "Running")
    return run, ids


def test_a_run_whose_process_is_gone_is_failed_with_what_it_was_doing(backend: Backend) -> None:
    run, _ = killed_run(backend)
    pid = backend.flow_run(run)["owner_pid"]
    assert services.rescue_dead_runs(backend.store) == [run]
    flow_run = backend.flow_run(run)
    assert flow_run["state"] == "Failed"
    assert flow_run["serialized_state"]["context"] == {"rescued": True}
    for fact in (str(pid), this_host(), "task-1", flow_run["heartbeat"]):
        assert fact in flow_run["state_message"]
    assert "task-0" not in flow_run["state_message"]
    assert [task_run["state"] for task_run in backend.task_runs(run)] == ["Success", "Failed", "Pending"]
    assert services.rescue_dead_runs(backend.store) == []
    numbers = [number for number, _ in backend.history(run)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_run_that_another_process_takes_up_just_then_is_not_taken_for_dead(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose it is, is looked at by whoever holds the lock of the run: on PostgreSQL it could change in between."""
    run, _ = killed_run(backend)
    held: list[str] = []

    def watch(transaction_class: Any) -> None:
        lock, fetch = transaction_class.lock_flow_runs, transaction_class.fetch_one

        def locking(self: Any, run_ids: Any) -> Any:
            held.extend(run_ids)
            return lock(self, run_ids)

        def fetching(self: Any, sql: Any, *given: Any) -> Any:
            assert sql != statement("flow_run_owner") or run in held
            return fetch(self, sql, *given)

        monkeypatch.setattr(transaction_class, "lock_flow_runs", locking)
        monkeypatch.setattr(transaction_class, "fetch_one", fetching)

    with backend.store.transaction() as transaction:
        kind = type(transaction)
    watch(kind)
    assert services.rescue_dead_runs(backend.store) == [run]


@pytest.mark.parametrize("who", ["alive", "elsewhere", "nobody"])
def test_other_runs_are_left_alone(backend: Backend, who: str) -> None:
    owners = {"alive": this_owner(), "elsewhere": owner(1, "then", "another-host"), "nobody": None}
    run = backend.run(running=False)
    backend.move_flow_run(run, "Running", owner=owners[who])
    assert services.rescue_dead_runs(backend.store) == []
    assert backend.flow_run(run)["state"] == "Running"


def test_a_pid_that_was_used_again_does_not_keep_a_run_alive(backend: Backend) -> None:
    run = backend.run(running=False)
    backend.move_flow_run(run, "Running", owner=owner(os.getpid(), "another start"))
    assert services.rescue_dead_runs(backend.store) == [run]


def test_resuming_waits_again_for_what_was_interrupted_and_keeps_what_has_ended(backend: Backend) -> None:
    run, ids = killed_run(backend)
    services.rescue_dead_runs(backend.store)
    resumed = backend.do("resume_flow_run", RESUMED, flow_run_id=run, owner=this_owner())
    assert resumed["id"] == run
    assert [(found["id"], found["state"]) for found in resumed["task_runs"]] == [
        (ids[0], "Success"),
        (ids[1], "Pending"),
        (ids[2], "Pending"),
    ]
    flow_run = backend.flow_run(run)
    assert (flow_run["state"], flow_run["owner_pid"]) == ("Running", os.getpid())
    assert resumed["version"] == flow_run["version"]
    assert resumed["sequence"] == flow_run["sequence"]
    assert backend.move_task_run(ids[1], "Running", version=resumed["task_runs"][1]["version"])["status"] == "SUCCESS"


def test_resuming_rescues_first_where_nobody_did(backend: Backend) -> None:
    run, ids = killed_run(backend)
    resumed = backend.do("resume_flow_run", RESUMED, flow_run_id=run, owner=this_owner())
    assert [found["state"] for found in resumed["task_runs"]] == ["Success", "Pending", "Pending"]
    assert (3, "Failed") not in backend.history(run)
    assert "Failed" in {state for _, state in backend.history(run)}
    assert ids


def test_a_run_that_is_being_executed_is_not_resumed(backend: Backend) -> None:
    flow = backend.flow()
    mine, agents = backend.run(flow, running=False), backend.run(flow)
    backend.move_flow_run(mine, "Running", owner=this_owner())
    for run, says in ((mine, str(os.getpid())), (agents, "agent")):
        error = backend.refused("resume_flow_run", flow_run_id=run, owner=this_owner())
        assert error["extensions"]["code"] == "VERSION_LOCKING_ERROR"
        assert says in error["message"]


def test_a_failed_run_is_resumed_and_its_own_failures_stay(backend: Backend) -> None:
    run = backend.run()
    first = backend.task_runs(run)[0]["id"]
    backend.move_task_run(first, "Failed", attributes={"context": {"rescued": "a text of the user's"}})
    backend.move_flow_run(run, "Failed")
    resumed = backend.do("resume_flow_run", RESUMED, flow_run_id=run, owner=this_owner())
    assert [found["state"] for found in resumed["task_runs"]] == ["Failed", "Pending"]


def test_a_run_that_succeeded_is_not_resumed(backend: Backend) -> None:
    run = backend.run()
    backend.move_flow_run(run, "Success")
    error = backend.refused("resume_flow_run", flow_run_id=run, owner=this_owner())
    assert error["extensions"]["code"] == "STATE_TRANSITION_REFUSED"


def hide(backend: Backend, run: str) -> None:
    with backend.store.transaction() as transaction:
        transaction.execute("INSERT INTO flow_run_deletion VALUES (?, ?)", (run, now()))


def count(backend: Backend, table: str) -> int:
    with backend.store.snapshot() as snapshot:
        found = snapshot.fetch_one(f"SELECT count(*) FROM {table}")  # noqa: S608
    assert found is not None
    return int(found[0])


def test_a_hidden_run_is_removed_in_bounded_steps(backend: Backend) -> None:
    run = backend.run(backend.flow(tasks=10))
    backend.do("write_run_logs", "success", logs=[{"flow_run_id": run, "message": "x"}] * 25)
    hide(backend, run)
    # Each look at the clock is one step.
    ticks = iter(range(100))
    assert not services.remove_deleted_runs(backend.store, batch=10, at_most_seconds=3, clock=lambda: next(ticks))
    assert count(backend, "log") == 5
    assert count(backend, "task_run") == 10
    assert services.remove_deleted_runs(backend.store, batch=10)
    for table in ("log", "task_run", "task_run_state", "flow_run", "flow_run_state", "flow_run_deletion", "log_client"):
        assert count(backend, table) == 0, table


def test_the_room_of_deleted_runs_is_given_back_by_a_file(backend_in_file: Backend) -> None:
    backend = backend_in_file
    run = backend.run()
    backend.do("write_run_logs", "success", logs=[{"flow_run_id": run, "message": "x" * 500_000}] * 3)
    with backend.store.snapshot() as snapshot:
        before = snapshot.fetch_one("PRAGMA page_count")
    backend.do("delete_flow_run", "success", flow_run_id=run)
    with backend.store.snapshot() as snapshot:
        after = snapshot.fetch_one("PRAGMA page_count")
    assert before is not None
    assert after is not None
    assert after[0] < before[0] / 2


def test_a_project_keeps_its_finished_runs_as_long_as_it_says(backend: Backend) -> None:
    project, other = backend.project(), backend.project("other")
    flow = backend.flow(project)
    finished, running = backend.run(flow), backend.run(flow)
    elsewhere = backend.run(backend.flow(other))
    for run in (finished, elsewhere):
        backend.move_flow_run(run, "Success")
    later = datetime.now(UTC) + timedelta(days=10)
    services.apply_retention(backend.store, later)
    assert count(backend, "flow_run_deletion") == 0
    backend.do("set_project_retention", project_id=project, retention_days=11)
    services.apply_retention(backend.store, later)
    assert count(backend, "flow_run_deletion") == 0
    backend.do("set_project_retention", project_id=project, retention_days=9)
    services.apply_retention(backend.store, later)
    left = {row["id"] for row in backend.ask("{ flow_run { id } }")["flow_run"]}
    assert left == {running, elsewhere}
    error = backend.refused("set_project_retention", project_id=project, retention_days=-1)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert backend.do("set_project_retention", project_id=project, retention_days=None) == {"id": project}
