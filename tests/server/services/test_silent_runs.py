"""Runs of whose process nothing is heard any more: what becomes of them, and which are left alone."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from prefect.server.identifiers import stamp
from prefect.server.services.silent_runs import Listening, Policy, rescue_silent_runs
from prefect.utilities.processes import process_start, this_host

if TYPE_CHECKING:
    from tests.server.conftest import Backend

ELSEWHERE = {"host": "far-away", "pid": 4711, "started": "then"}


def in_seconds(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def rescue(backend: Backend, seconds: float) -> list[str]:
    """What a pass does so long after now."""
    moment = in_seconds(seconds)
    return rescue_silent_runs(backend.store, lambda: moment)


def change(backend: Backend, run: str, **values: Any) -> None:
    with backend.store.transaction() as transaction:
        for name, value in values.items():
            transaction.execute(f"UPDATE flow_run SET {name} = ?2 WHERE id = ?1", (run, value))  # noqa: S608


def resurrected(backend: Backend, run: str) -> int:
    with backend.store.snapshot() as snapshot:
        row = snapshot.fetch_one("SELECT times_resurrected FROM flow_run WHERE id = ?1", (run,))
    assert row is not None
    return int(row[0])


def task(number: int, retries: int = 0) -> dict[str, Any]:
    return {"slug": f"task-{number}", "name": "task", "type": "Task", "tags": [], "max_retries": retries}


def running(
    backend: Backend, interval: int | None = 30, retries: int = 0, owner: dict[str, Any] = ELSEWHERE
) -> tuple[str, list[str]]:
    """A run that another machine executes, whose first task is running."""
    run = backend.run(backend.flow(more={"tasks": [task(0, retries), task(1)]}), running=False)
    backend.move_flow_run(run, "Running", owner=owner)
    change(backend, run, heartbeat_interval=interval)
    ids = [task_run["id"] for task_run in backend.task_runs(run)]
    backend.move_task_run(ids[0], "Running")
    return run, ids


def test_silence_counts_after_four_announced_intervals(backend: Backend) -> None:
    run, ids = running(backend)
    assert rescue(backend, 119) == []
    assert rescue(backend, 121) == [run]
    flow_run = backend.flow_run(run)
    assert flow_run["state"] == "Failed"
    task_run = backend.task_runs(run)[0]
    assert task_run["state"] == "Failed"
    message = task_run["serialized_state"]["message"]
    for fact in ("task-0", "far-away", "4711", flow_run["heartbeat"]):
        assert fact in flow_run["state_message"]
        assert fact in message
    assert flow_run["serialized_state"]["context"] == {"rescued": True}
    # Nothing more happens to it, and the machine that only slept is told so.
    assert rescue(backend, 9999) == []
    refused = backend.reply(
        "mutation($input: set_task_run_states_input!) { set_task_run_states(input: $input) { states { status } } }",
        input={"states": [{"task_run_id": ids[0], "version": 2, "state": {"type": "Success"}}]},
    )
    assert refused["errors"][0]["extensions"]["code"] == "VERSION_LOCKING_ERROR"


def test_a_task_that_has_retries_left_waits_for_the_next_agent(backend: Backend) -> None:
    run, ids = running(backend, retries=2)
    assert rescue(backend, 130) == [run]
    task_run = backend.task_runs(run)[0]
    assert task_run["state"] == "Retrying"
    assert task_run["serialized_state"]["run_count"] == 1
    assert "try 1 of 3" in task_run["serialized_state"]["message"]
    assert backend.flow_run(run)["state"] == "Running"
    later = stamp(in_seconds(200))
    queue = {"tenant_id": backend.tenant, "labels": [], "before": later}
    assert backend.do("get_runs_in_queue", "flow_run_ids", **queue)["flow_run_ids"] == [run]
    # Nobody takes it for a while: it goes on waiting.
    assert rescue(backend, 999) == []
    # An agent takes it as agents do, and its process dies as well.
    backend.move_task_run(ids[0], "Submitted")
    assert rescue(backend, 130) == [run]
    assert backend.task_runs(run)[0]["serialized_state"]["run_count"] == 1
    backend.move_task_run(ids[0], "Running")
    assert rescue(backend, 130) == [run]
    task_run = backend.task_runs(run)[0]
    assert (task_run["state"], task_run["serialized_state"]["run_count"]) == ("Retrying", 2)
    backend.move_task_run(ids[0], "Running")
    assert rescue(backend, 130) == [run]
    assert backend.task_runs(run)[0]["state"] == "Failed"
    assert backend.flow_run(run)["state"] == "Failed"


def test_every_sign_of_life_counts(backend: Backend) -> None:
    run, ids = running(backend)
    change(backend, run, heartbeat=stamp(in_seconds(-900)))
    # The task has just moved.
    assert rescue(backend, 0) == []
    with backend.store.transaction() as transaction:
        transaction.execute("UPDATE task_run SET state_timestamp = ?1", (stamp(in_seconds(-900)),))
        transaction.execute("UPDATE flow_run SET state_timestamp = ?1", (stamp(in_seconds(-900)),))
    backend.do("update_flow_run_heartbeat", "success", flow_run_id=run)
    assert rescue(backend, 0) == []
    change(backend, run, heartbeat=stamp(in_seconds(-900)))
    assert rescue(backend, 0) == [run]
    assert ids


@pytest.mark.parametrize("why", ["switched off", "alive here", "embedded elsewhere", "unknown interval", "deleted"])
def test_who_need_not_say_anything_is_left_alone(backend: Backend, why: str) -> None:
    alive: dict[str, Any] = {"host": this_host(), "pid": os.getpid(), "started": process_start(os.getpid())}
    run, _ = running(backend, owner=alive if why == "alive here" else ELSEWHERE)
    if why == "switched off":
        backend.do("disable_flow_heartbeat", "success", flow_id=backend.flow_run(run)["flow_id"])
    elif why == "embedded elsewhere":
        # Runs that are recorded without a server send no heartbeats.
        change(backend, run, heartbeat_interval=None)
    elif why == "unknown interval":
        change(backend, run, heartbeat_interval=None, owner_host=None)
        assert rescue(backend, 599) == []
        assert rescue(backend, 601) == [run]
        return
    elif why == "deleted":
        with backend.store.transaction() as transaction:
            transaction.execute("INSERT INTO flow_run_deletion VALUES (?1, ?2)", (run, stamp(in_seconds(0))))
    assert rescue(backend, 99_999) == []


def test_a_run_that_was_submitted_and_never_began_is_started_again_a_few_times(backend: Backend) -> None:
    run = backend.run(running=False)
    for time in (1, 2, 3):
        backend.move_flow_run(run, "Submitted")
        assert rescue(backend, 599) == []
        assert rescue(backend, 601) == [run]
        flow_run = backend.flow_run(run)
        assert flow_run["state"] == "Scheduled"
        assert f"time {time} of 3" in flow_run["state_message"]
        assert resurrected(backend, run) == time
    backend.move_flow_run(run, "Submitted")
    rescue(backend, 601)
    flow_run = backend.flow_run(run)
    assert flow_run["state"] == "Failed"
    assert "submitted and never began" in flow_run["state_message"]


def test_a_flow_may_ask_not_to_be_started_again(backend: Backend) -> None:
    flow = backend.flow()
    backend.do("disable_flow_lazarus_process", "success", flow_id=flow)
    submitted = backend.run(flow, running=False)
    backend.move_flow_run(submitted, "Submitted")
    between = backend.run(flow)
    assert rescue(backend, 9999) == [between]
    assert backend.flow_run(submitted)["state"] == "Submitted"
    assert backend.flow_run(between)["state"] == "Failed"


def test_a_run_whose_process_died_between_two_tasks_is_started_again(backend: Backend) -> None:
    run = backend.run()
    first, second = (task_run["id"] for task_run in backend.task_runs(run))
    backend.move_task_run(first, "Running")
    backend.move_task_run(first, "Success")
    assert rescue(backend, 601) == [run]
    flow_run = backend.flow_run(run)
    assert (flow_run["state"], flow_run["agent_id"]) == ("Scheduled", None)
    assert [task_run["state"] for task_run in backend.task_runs(run)] == ["Success", "Pending"]
    assert second


@pytest.mark.parametrize("heartbeats", [True, False])
def test_a_cancellation_that_never_ends_is_ended(backend: Backend, heartbeats: bool) -> None:
    run, _ = running(backend)
    if not heartbeats:
        backend.do("disable_flow_heartbeat", "success", flow_id=backend.flow_run(run)["flow_id"])
    backend.do("cancel_flow_run", "state", flow_run_id=run)
    patience = 120 if heartbeats else 600
    assert rescue(backend, patience - 1) == []
    assert rescue(backend, patience + 1) == [run]
    assert backend.flow_run(run)["state"] == "Cancelled"
    assert {task_run["state"] for task_run in backend.task_runs(run)} == {"Cancelled"}


def test_the_settings_say_how_long_and_how_often(backend: Backend) -> None:
    run = backend.run(running=False)
    backend.move_flow_run(run, "Submitted")
    policy = Policy(submitted=timedelta(seconds=30), resurrections=0)
    moment = in_seconds(31)
    assert rescue_silent_runs(backend.store, lambda: moment, policy) == [run]
    assert backend.flow_run(run)["state"] == "Failed"


class Clocks:
    """A wall clock, which can be moved, and what has really passed."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)
        self.passed = 0.0
        self.listening = Listening(lambda: self.passed)

    def pass_(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.passed += seconds

    def rescue(self, backend: Backend) -> list[str]:
        return rescue_silent_runs(backend.store, lambda: self.moment, None, self.listening.since(self.moment))


def test_a_server_that_was_away_itself_first_listens_for_as_long_as_anybody_may_be_silent(backend: Backend) -> None:
    run, _ = running(backend)
    clocks = Clocks()
    # An hour after the last sign of life of the run a server starts.
    clocks.pass_(3600)
    assert clocks.rescue(backend) == []
    clocks.pass_(119)
    assert clocks.rescue(backend) == []
    clocks.pass_(2)
    assert clocks.rescue(backend) == [run]


@pytest.mark.parametrize("what", ["the clock is set an hour ahead", "its machine has slept", "its database was away"])
def test_what_is_no_silence_is_not_taken_for_it(backend: Backend, what: str) -> None:
    run, _ = running(backend)
    clocks = Clocks()
    assert clocks.rescue(backend) == []
    clocks.pass_(60)
    if what == "its database was away":
        clocks.pass_(3600)
        clocks.listening.was_away()
    else:
        clocks.moment += timedelta(hours=1)
    assert clocks.rescue(backend) == []
    clocks.pass_(119)
    assert clocks.rescue(backend) == []
    clocks.pass_(2)
    assert clocks.rescue(backend) == [run]


def test_a_clock_that_is_set_back_delays_a_rescue_and_causes_none(backend: Backend) -> None:
    run, _ = running(backend)
    clocks = Clocks()
    assert clocks.rescue(backend) == []
    clocks.moment -= timedelta(hours=1)
    assert clocks.rescue(backend) == []
    clocks.pass_(3599)
    assert clocks.rescue(backend) == []
    clocks.pass_(122)
    assert clocks.rescue(backend) == [run]


def test_a_thousand_busy_task_runs_are_not_taken_for_dead(backend: Backend) -> None:
    """Their run has beats that come late (its process holds the interpreter's lock), or its process is seen to live."""
    alive = {"host": this_host(), "pid": os.getpid(), "started": process_start(os.getpid())}
    flow = backend.flow(more={"tasks": [task(number) for number in range(500)]})
    for owner in (ELSEWHERE, alive):
        run = backend.run(flow, running=False)
        backend.move_flow_run(run, "Running", owner=owner)
        change(backend, run, heartbeat_interval=30)
        with backend.store.transaction() as transaction:
            transaction.execute("UPDATE task_run SET state = 'Running', version = 2 WHERE flow_run_id = ?1", (run,))
        if owner is alive:
            # Nothing at all comes from a process in a long call: it is there all the same.
            change(backend, run, heartbeat=stamp(in_seconds(-90_000)), state_timestamp=stamp(in_seconds(-90_000)))
    assert rescue(backend, 30) == []
    assert rescue(backend, 90) == []
    assert rescue(backend, 119) == []


def test_a_process_that_died_with_its_machine_before_its_first_heartbeat_is_missed_too(backend: Backend) -> None:
    """It has announced its heartbeats when it took the run."""
    run = backend.run(running=False)
    backend.move_flow_run(run, "Running", owner=ELSEWHERE, interval_seconds=30)
    assert rescue(backend, 119) == []
    assert rescue(backend, 121) == [run]


@pytest.mark.parametrize("retries", [0, 1])
def test_what_a_silent_process_says_after_all_is_refused(backend: Backend, retries: int) -> None:
    run, ids = running(backend, retries=retries)
    assert rescue(backend, 121) == [run]
    history = backend.history(run)
    for kind, id, states in (
        ("task", ids[0], ("Success", "Failed", "Retrying", "Running")),
        ("task", ids[1], ("Running", "Skipped", "Mapped", "TriggerFailed")),
        ("flow", run, ("Success", "Failed", "Scheduled")),
    ):
        for state in states:
            given = {f"{kind}_run_id": id, "state": {"type": state}, "holder": ELSEWHERE}
            if kind == "flow" and not retries and state == "Scheduled":
                continue  # which anybody may ask for
            of = f"set_{kind}_run_states"
            reply = backend.reply(
                f"mutation($input: {of}_input!) {{ {of}(input: $input) {{ states {{ status }} }} }}",
                input={"states": [given]},
            )
            code = reply["errors"][0]["extensions"]["code"]
            assert retries == 0 or code == "VERSION_LOCKING_ERROR", (state, reply)
    assert backend.history(run) == history
