"""A process that executed a run has ended before the run had, and somebody says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from prefect.server.store.statements import statement

if TYPE_CHECKING:
    from tests.server.conftest import Backend

REPORT = (
    "mutation($input: report_flow_run_process_exit_input!) {"
    " report_flow_run_process_exit(input: $input) { state moved } }"
)
OWNER = {"host": "machine", "pid": 17, "started": "then"}


def report(backend: Backend, run: str, agent: str | None = None, **values: Any) -> tuple[str, bool]:
    headers = {"X-PREFECT-AGENT-ID": agent} if agent else {}
    reply = backend.reply(REPORT, headers, input={"flow_run_id": run, **values})
    answer = reply["data"]["report_flow_run_process_exit"]
    return answer["state"], answer["moved"]


def submitted(backend: Backend) -> tuple[str, str]:
    run = backend.run(running=False)
    agent = backend.do("register_agent", type="LocalAgent")["id"]
    states = [{"flow_run_id": run, "state": {"type": "Submitted"}, "version": 1}]
    document = "mutation($input: set_flow_run_states_input!) { set_flow_run_states(input: $input) { states { id } } }"
    assert "errors" not in backend.reply(document, {"X-PREFECT-AGENT-ID": agent}, input={"states": states})
    return run, agent


def test_a_run_fails_with_what_is_known_of_the_end(backend: Backend) -> None:
    run, agent = submitted(backend)
    backend.move_flow_run(run, "Running", owner=OWNER)
    task_run = backend.task_runs(run)[0]["id"]
    backend.move_task_run(task_run, "Running")
    told = {"signal": "SIGKILL", "host": "machine", "pid": 17, "message": "MemoryError"}
    assert report(backend, run, agent, **told) == ("Failed", True)
    found = backend.flow_run(run)
    assert "Process 17, which executed this run, on machine was ended by SIGKILL" in found["state_message"]
    assert "It said last: MemoryError" in found["state_message"]
    assert "task-0" in found["state_message"]
    assert backend.task_runs(run)[0]["state"] == "Failed"
    # Whoever reports it as well changes nothing.
    assert report(backend, run, host="machine", pid=17) == ("Failed", False)


def test_a_run_that_was_being_cancelled_becomes_cancelled(backend: Backend) -> None:
    run = backend.run()
    backend.do("cancel_flow_run", "state", flow_run_id=run)
    assert report(backend, run, signal="SIGKILL") == ("Cancelled", True)
    # Nobody wonders why a process is gone that was to go.
    message = backend.flow_run(run)["state_message"]
    assert message == "The flow run was cancelled. The process that executed this run was ended by SIGKILL."
    assert {task_run["state"] for task_run in backend.task_runs(run)} == {"Cancelled"}


@pytest.mark.parametrize("state", ["Success", "Scheduled", "Paused"])
def test_a_run_that_has_ended_or_waits_stays_as_it_is(backend: Backend, state: str) -> None:
    run = backend.run()
    backend.move_flow_run(run, state)
    assert report(backend, run, exit_code=0) == (state, False)


def test_the_end_of_another_process_is_not_the_end_of_the_run(backend: Backend) -> None:
    run, agent = submitted(backend)
    backend.move_flow_run(run, "Running", owner=OWNER)
    assert report(backend, run, agent, exit_code=1, host="machine", pid=16) == ("Running", False)
    assert report(backend, run, agent, exit_code=1, host="elsewhere", pid=17) == ("Running", False)
    other = backend.do("register_agent", type="LocalAgent")["id"]
    assert report(backend, run, other, exit_code=1) == ("Running", False)


def test_of_a_run_that_has_not_begun_only_its_agent_knows(backend: Backend) -> None:
    run, agent = submitted(backend)
    other = backend.do("register_agent", type="LocalAgent")["id"]
    assert report(backend, run, exit_code=1) == ("Submitted", False)
    assert report(backend, run, other, exit_code=1) == ("Submitted", False)
    assert report(backend, run, agent, exit_code=1) == ("Failed", True)


def test_a_heartbeat_announces_its_interval(backend: Backend) -> None:
    run = backend.run()
    asked = "query($id: uuid!) { flow_run_by_pk(id: $id) { heartbeat_interval } }"
    backend.do("update_flow_run_heartbeat", "success", flow_run_id=run)
    assert backend.ask(asked, id=run)["flow_run_by_pk"]["heartbeat_interval"] is None
    backend.do("update_flow_run_heartbeat", "success", flow_run_id=run, interval_seconds=30)
    backend.do("update_flow_run_heartbeat", "success", flow_run_id=run)
    assert backend.ask(asked, id=run)["flow_run_by_pk"]["heartbeat_interval"] == 30
    error = backend.refused("update_flow_run_heartbeat", "success", flow_run_id=run, interval_seconds=0)
    assert "between 1 and" in error["message"]


def beats(backend: Backend, run: str, holder: dict[str, Any]) -> bool:
    """Whether a heartbeat of this process counts; it announces 7 seconds."""
    answer = backend.do("update_flow_run_heartbeat", "success", flow_run_id=run, holder=holder, interval_seconds=7)
    return bool(answer["success"])


def test_heartbeats_of_a_process_that_has_the_run_no_more_do_not_count(backend: Backend) -> None:
    run, _ = submitted(backend)
    # It has been started, and has not begun.
    assert beats(backend, run, OWNER)
    backend.move_flow_run(run, "Running", owner=OWNER)
    assert beats(backend, run, OWNER)
    before = backend.flow_run(run)["heartbeat"]
    for other in ({"pid": 18}, {"host": "elsewhere"}, {"started": "later"}, {"started": None}):
        assert not beats(backend, run, {**OWNER, **other})
    assert backend.flow_run(run)["heartbeat"] == before
    with backend.store.transaction() as transaction:
        transaction.execute(statement("free_flow_run"), (run,))
    assert not beats(backend, run, OWNER)
    assert backend.flow_run(run)["heartbeat"] is None
    gone = "00000000-0000-4000-8000-000000000000"
    error = backend.refused("update_flow_run_heartbeat", "success", flow_run_id=gone, holder=OWNER)
    assert "There is no flow run" in error["message"]


def test_who_takes_a_run_announces_its_heartbeats_and_nobody_is_held_to_those_of_another(backend: Backend) -> None:
    asked = "query($id: uuid!) { flow_run_by_pk(id: $id) { heartbeat_interval } }"
    run = backend.run(running=False)
    backend.move_flow_run(run, "Running", owner=OWNER, interval_seconds=5)
    assert backend.ask(asked, id=run)["flow_run_by_pk"]["heartbeat_interval"] == 5
    backend.move_flow_run(run, "Scheduled")
    backend.move_flow_run(run, "Running", owner={**OWNER, "pid": 18})
    assert backend.ask(asked, id=run)["flow_run_by_pk"]["heartbeat_interval"] is None


def test_the_late_end_of_a_process_is_not_the_end_of_a_run_that_waits_for_another(backend: Backend) -> None:
    """Also where no agent has it, which could be given it."""
    run = backend.run(running=False)
    backend.move_flow_run(run, "Running", owner=OWNER)
    backend.move_task_run(backend.task_runs(run)[0]["id"], "Retrying")
    with backend.store.transaction() as transaction:
        transaction.execute(statement("free_flow_run"), (run,))
    assert report(backend, run, exit_code=1, host="machine", pid=17) == ("Running", False)
