"""States are proposed and written: guards, repetitions, batches, effects, and the feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from prefect.server.identifiers import new_id, now

if TYPE_CHECKING:
    from tests.server.conftest import Backend

STATES = "states { id status message version sequence state }"
SET_TASK_RUN_STATES = (
    "mutation($input: set_task_run_states_input!) { set_task_run_states(input: $input) "
    "{ states { id status message version sequence state } } }"
)
SET_FLOW_RUN_STATES = SET_TASK_RUN_STATES.replace("task_run", "flow_run")


def state(kind: str, **attributes: Any) -> dict[str, Any]:
    return {"type": kind, "message": f"now {kind}", **attributes}


def test_what_is_scheduled_without_a_time_is_due_now_and_what_is_paused_never(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    times = []
    for kind in ("Paused", "Resume"):
        backend.move_task_run(task_run, kind)
        (found,) = backend.ask(
            "query($id: uuid!) { task_run(where: {id: {_eq: $id}}) { state state_start_time } }", id=task_run
        )["task_run"]
        times.append(found["state_start_time"])
    assert times[0] is None
    assert times[1] is not None


def test_a_move_is_written_to_history_and_projection(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]
    answer = backend.move_task_run(task_run["id"], "Running", version=1)
    assert (answer["status"], answer["version"], answer["state"]["type"]) == ("SUCCESS", 2, "Running")
    now = backend.task_runs(run)[0]
    rows = backend.ask(
        "query($id: uuid!) { task_run_state(where: {task_run_id: {_eq: $id}}, order_by: {sequence: asc})"
        " { version state message serialized_state timestamp sequence flow_run_id } }",
        id=task_run["id"],
    )["task_run_state"]
    assert [(row["version"], row["state"]) for row in rows] == [(1, "Pending"), (2, "Running")]
    assert now["version"] == 2
    assert now["state"] == rows[1]["state"]
    assert now["serialized_state"] == rows[1]["serialized_state"] == state("Running")
    assert now["start_time"] == now["heartbeat"] == rows[1]["timestamp"]
    assert rows[1]["sequence"] == answer["sequence"] == backend.flow_run(run)["sequence"]
    assert rows[1]["flow_run_id"] == run


def test_the_first_states_are_those_of_1_x(backend: Backend) -> None:
    run = backend.run(running=False)
    flow_run = backend.flow_run(run)
    assert (flow_run["version"], flow_run["state"], flow_run["state_message"]) == (
        1,
        "Scheduled",
        "Flow run scheduled.",
    )
    assert flow_run["serialized_state"]["start_time"] == flow_run["scheduled_start_time"]
    for task_run in backend.task_runs(run):
        assert (task_run["version"], task_run["state"]) == (1, "Pending")
        assert task_run["serialized_state"] == {"type": "Pending", "message": "Task run created"}


def test_start_is_the_earliest_running_and_end_the_latest_outcome(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    backend.move_task_run(task_run, "Running")
    started = backend.task_runs(run)[0]["start_time"]
    backend.move_task_run(task_run, "Failed")
    first_end = backend.task_runs(run)[0]["end_time"]
    backend.move_task_run(task_run, "Retrying", attributes={"start_time": "2030-01-01T00:00:00Z", "run_count": 2})
    backend.move_task_run(task_run, "Running")
    backend.move_task_run(task_run, "Success")
    now = backend.task_runs(run)[0]
    assert now["start_time"] == started
    assert now["end_time"] > first_end


@pytest.mark.parametrize("kind", ["TriggerFailed", "Skipped", "Mapped", "ValidationFailed"])
def test_what_never_worked_has_no_end(backend: Backend, kind: str) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    backend.move_task_run(task_run, kind)
    assert backend.task_runs(run)[0]["end_time"] is None


def test_two_callers_with_one_version_have_one_winner(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    first = {"task_run_id": task_run, "version": 1, "state": state("Running"), "timestamp": "2024-01-01T00:00:00Z"}
    second = {**first, "timestamp": "2024-01-01T00:00:01Z"}
    assert "errors" not in backend.reply(SET_TASK_RUN_STATES, input={"states": [first]})
    reply = backend.reply(SET_TASK_RUN_STATES, input={"states": [second]})
    assert reply["errors"][0]["extensions"]["code"] == "VERSION_LOCKING_ERROR"
    assert reply["errors"][0]["path"] == ["set_task_run_states", "states", 0]
    assert reply["data"]["set_task_run_states"]["states"][0]["status"] == "REFUSED"
    # The first, sent again since its answer was lost, is answered as before and writes nothing.
    again = backend.reply(SET_TASK_RUN_STATES, input={"states": [first]})
    assert again["data"]["set_task_run_states"]["states"][0]["version"] == 2
    assert "errors" not in again
    assert backend.task_runs(run)[0]["version"] == 2


def test_two_agents_submit_a_run_once(backend: Backend) -> None:
    run = backend.run(running=False)
    proposal = {"flow_run_id": run, "version": 1, "state": state("Submitted", state=state("Scheduled"))}
    ours, theirs = new_id(), new_id()
    won = backend.reply(SET_FLOW_RUN_STATES, {"X-Prefect-Agent-Id": ours}, input={"states": [proposal]})
    assert "errors" not in won
    lost = backend.reply(SET_FLOW_RUN_STATES, {"X-PREFECT-AGENT-ID": theirs}, input={"states": [proposal]})
    assert lost["errors"][0]["extensions"]["code"] == "VERSION_LOCKING_ERROR"
    repeated = backend.reply(SET_FLOW_RUN_STATES, {"X-PREFECT-AGENT-ID": ours}, input={"states": [proposal]})
    assert "errors" not in repeated
    assert backend.flow_run(run)["agent_id"] == ours
    # The holder tells of a failure with the version that it used for Submitted, which has passed by then.
    failure = {"flow_run_id": run, "version": 1, "state": state("Failed")}
    refused = backend.reply(SET_FLOW_RUN_STATES, {"X-PREFECT-AGENT-ID": theirs}, input={"states": [failure]})
    assert refused["errors"][0]["extensions"]["code"] == "VERSION_LOCKING_ERROR"
    told = backend.reply(SET_FLOW_RUN_STATES, {"X-PREFECT-AGENT-ID": ours}, input={"states": [failure]})
    assert "errors" not in told
    assert backend.flow_run(run)["state"] == "Failed"


def test_two_processes_start_a_run_once(backend: Backend) -> None:
    run = backend.run(running=False)
    ours = {
        "flow_run_id": run,
        "version": 1,
        "state": state("Running"),
        "owner": {"host": "here", "pid": 10, "started": "now"},
    }
    theirs = {**ours, "owner": {"host": "here", "pid": 11, "started": "now"}}
    assert "errors" not in backend.reply(SET_FLOW_RUN_STATES, input={"states": [ours]})
    lost = backend.reply(SET_FLOW_RUN_STATES, input={"states": [theirs]})
    assert lost["errors"][0]["extensions"]["code"] == "VERSION_LOCKING_ERROR"
    assert "errors" not in backend.reply(SET_FLOW_RUN_STATES, input={"states": [ours]})
    assert backend.flow_run(run)["owner_pid"] == 10


def test_without_a_version_the_current_one_counts(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    for kind in ("Running", "Failed", "Retrying", "Running", "Success", "Cached"):
        assert backend.move_task_run(task_run, kind)["status"] == "SUCCESS"
    assert backend.task_runs(run)[0]["version"] == 7


def test_a_closed_run_refuses_late_proposals(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    backend.move_task_run(task_run, "Failed")
    for kind in ("Running", "Success", "Submitted", "Cancelled"):
        error = backend.refused("set_task_run_states", STATES, states=[{"task_run_id": task_run, "state": state(kind)}])
        assert error["extensions"]["code"] == "STATE_TRANSITION_REFUSED"
        assert error["extensions"]["state"] == "Failed"
        assert task_run in error["message"]
    # A person restarts it.
    assert backend.move_task_run(task_run, "Pending")["status"] == "SUCCESS"


def test_a_task_run_starts_only_while_its_flow_run_runs(backend: Backend) -> None:
    run = backend.run(running=False)
    task_run = backend.task_runs(run)[0]["id"]
    proposal = {"task_run_id": task_run, "state": state("Running")}
    error = backend.refused("set_task_run_states", STATES, states=[proposal])
    assert error["extensions"]["code"] == "FLOW_RUN_NOT_RUNNING"
    backend.move_flow_run(run, "Running")
    backend.move_flow_run(run, "Cancelling")
    error = backend.refused("set_task_run_states", STATES, states=[proposal])
    assert "Cancelling" in error["message"]
    assert backend.task_runs(run)[0]["version"] == 1


def test_one_batch_closes_a_run_and_starts_the_next(backend: Backend) -> None:
    run = backend.run()
    first, second = (task_run["id"] for task_run in backend.task_runs(run))
    backend.move_task_run(first, "Running")
    end = backend.flow_run(run)["sequence"]
    states = [
        {"task_run_id": first, "version": 2, "state": state("Success")},
        {"task_run_id": second, "version": 1, "state": state("Running")},
    ]
    answers = backend.do("set_task_run_states", STATES, states=states)["states"]
    assert [(answer["version"], answer["sequence"]) for answer in answers] == [(3, end + 1), (2, end + 2)]


def test_what_is_accepted_of_a_batch_stays_when_the_rest_is_refused(backend: Backend) -> None:
    run = backend.run()
    first, second = (task_run["id"] for task_run in backend.task_runs(run))
    backend.move_task_run(first, "Running")
    backend.move_flow_run(run, "Cancelling")
    missing = new_id()
    states = [
        {"task_run_id": first, "version": 2, "state": state("Success")},
        {"task_run_id": second, "version": 1, "state": state("Running")},
        {"task_run_id": missing, "state": state("Running")},
    ]
    reply = backend.reply(SET_TASK_RUN_STATES, input={"states": states})
    assert [error["path"][-1] for error in reply["errors"]] == [1, 2]
    assert [error["extensions"]["code"] for error in reply["errors"]] == ["FLOW_RUN_NOT_RUNNING", "NOT_FOUND"]
    answers = reply["data"]["set_task_run_states"]["states"]
    assert [answer["status"] for answer in answers] == ["SUCCESS", "REFUSED", "REFUSED"]
    assert [task_run["state"] for task_run in backend.task_runs(run)] == ["Success", "Pending"]


def test_a_conflict_comes_first_among_the_errors(backend: Backend) -> None:
    run = backend.run()
    first, second = (task_run["id"] for task_run in backend.task_runs(run))
    backend.move_task_run(first, "Success")
    states = [
        {"task_run_id": first, "state": state("Running")},
        {"task_run_id": second, "version": 7, "state": state("Running")},
    ]
    reply = backend.reply(SET_TASK_RUN_STATES, input={"states": states})
    codes = [error["extensions"]["code"] for error in reply["errors"]]
    assert codes == ["VERSION_LOCKING_ERROR", "STATE_TRANSITION_REFUSED"]


def test_after_a_refusal_the_rest_of_the_batch_for_that_run_is_refused(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    backend.move_task_run(task_run, "Running")
    backend.move_task_run(task_run, "Failed")
    # A process that slept: its run was failed for it, and its own retry must not revive it.
    states = [
        {"task_run_id": task_run, "version": 2, "state": state("Failed", context={"late": True})},
        {"task_run_id": task_run, "state": state("Retrying")},
    ]
    reply = backend.reply(SET_TASK_RUN_STATES, input={"states": states})
    assert len(reply["errors"]) == 2
    assert backend.task_runs(run)[0]["state"] == "Failed"


def test_failed_and_retrying_go_in_one_batch(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    backend.move_task_run(task_run, "Running")
    states = [
        {"task_run_id": task_run, "version": 2, "state": state("Failed")},
        {"task_run_id": task_run, "version": 3, "state": state("Retrying", start_time="2030-01-01T00:00:00Z")},
    ]
    answers = backend.do("set_task_run_states", STATES, states=states)["states"]
    assert [answer["version"] for answer in answers] == [3, 4]
    # Sent again, each is recognised; the first one is two versions back by now.
    assert backend.task_runs(run)[0]["state"] == "Retrying"


def test_an_idempotency_id_makes_a_proposal_once(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    proposal = {"task_run_id": task_run, "state": state("Running"), "idempotency_id": "sent-once"}
    first = backend.do("set_task_run_states", STATES, states=[proposal])["states"][0]
    backend.move_task_run(task_run, "Success")
    again = backend.do("set_task_run_states", STATES, states=[proposal])["states"][0]
    assert again == first
    assert backend.task_runs(run)[0]["version"] == 3


def test_both_clocks_are_kept_and_the_servers_never_goes_back(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    from prefect.server.operations import states as operations

    monkeypatch.setattr(operations, "now", lambda: "2100-01-01T00:00:00+00:00")
    backend.move_task_run(task_run, "Running", timestamp="2024-05-05T05:05:05.500+02:00")
    monkeypatch.setattr(operations, "now", lambda: "2099-01-01T00:00:00+00:00")
    backend.move_task_run(task_run, "Success")
    data = backend.ask("{ task_run_state(order_by: {sequence: asc}) { timestamp client_timestamp state } }")
    rows = [row for row in data["task_run_state"] if row["state"] != "Pending"]
    assert [row["timestamp"] for row in rows] == ["2100-01-01T00:00:00+00:00"] * 2
    assert [row["client_timestamp"] for row in rows] == ["2024-05-05T03:05:05.5+00:00", None]


def test_cached_inputs_are_carried_over(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    inputs = {"x": {"type": "LocalResult", "location": "/x"}}
    backend.move_task_run(task_run, "Retrying", attributes={"cached_inputs": inputs})
    backend.move_task_run(task_run, "Running", attributes={"cached_inputs": {}})
    assert backend.task_runs(run)[0]["serialized_state"]["cached_inputs"] == inputs
    others = {"y": {"type": "LocalResult", "location": "/y"}}
    backend.move_task_run(task_run, "Failed", attributes={"cached_inputs": others})
    assert backend.task_runs(run)[0]["serialized_state"]["cached_inputs"] == others


def test_a_cancelled_flow_run_cancels_what_is_unfinished(backend: Backend) -> None:
    run = backend.run(backend.flow(tasks=4))
    done, running, mapped, waiting = (task_run["id"] for task_run in backend.task_runs(run))
    backend.move_task_run(done, "Success")
    backend.move_task_run(running, "Running")
    backend.move_task_run(mapped, "Mapped", attributes={"n_map_states": 0})
    assert waiting
    backend.move_flow_run(run, "Cancelled")
    found = [(task_run["state"], task_run["version"]) for task_run in backend.task_runs(run)]
    assert found == [("Success", 2), ("Cancelled", 3), ("Cancelled", 3), ("Cancelled", 2)]
    numbers = [number for number, _ in backend.history(run)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert backend.flow_run(run)["sequence"] == len(numbers)


def test_the_states_of_a_batch_for_several_runs_go_to_their_feeds(backend: Backend) -> None:
    flow = backend.flow()
    runs = [backend.run(flow), backend.run(flow)]
    ids = [backend.task_runs(run)[0]["id"] for run in runs]
    ends = [backend.flow_run(run)["sequence"] for run in runs]
    answers = backend.do(
        "set_task_run_states", STATES, states=[{"task_run_id": one, "state": state("Running")} for one in ids]
    )["states"]
    assert [answer["sequence"] for answer in answers] == [end + 1 for end in ends]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"state": {"type": "Sleeping"}}, "BAD_USER_INPUT"),
        ({"state": {}}, "BAD_USER_INPUT"),
        ({"state": 3}, "BAD_USER_INPUT"),
        ({"state": {"type": "Running"}, "version": "first"}, "BAD_USER_INPUT"),
        ({"state": {"type": "Scheduled", "start_time": "soon"}}, "BAD_USER_INPUT"),
        ({"state": {"type": "Running"}, "unknown": 1}, "BAD_USER_INPUT"),
        ({"task_run_id": "nonsense", "state": {"type": "Running"}}, "BAD_USER_INPUT"),
    ],
)
def test_a_malformed_proposal_writes_nothing(backend: Backend, given: dict[str, Any], code: str) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    good = {"task_run_id": task_run, "state": state("Running")}
    error = backend.refused("set_task_run_states", STATES, states=[good, {"task_run_id": task_run, **given}])
    assert error["extensions"]["code"] == code
    assert backend.task_runs(run)[0]["version"] == 1


def test_a_state_with_text_that_is_not_unicode_is_kept(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    spoiled = {"type": "Failed", "message": "bad \x00 \ud800", "context": {"x": "\udfff"}}
    states = [{"task_run_id": task_run, "state": spoiled}]
    answer = backend.do("set_task_run_states", STATES, states=states)["states"][0]
    assert answer["state"]["message"] == "bad \ufffd \ufffd"
    assert answer["state"]["context"] == {"x": "\ufffd"}


def test_a_state_written_into_the_document_is_a_string_of_json(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    data = backend.ask(
        f'mutation {{ set_task_run_states(input: {{ states: {{ task_run_id: "{task_run}", '
        'state: "{\\"type\\": \\"Running\\"}" } }) { states { status version } } }'
    )
    assert data["set_task_run_states"]["states"] == [{"status": "SUCCESS", "version": 2}]


def test_cancelling_depends_on_what_the_run_does(backend: Backend) -> None:
    flow = backend.flow()
    waiting, running = backend.run(flow, running=False), backend.run(flow)
    assert backend.do("cancel_flow_run", "state", flow_run_id=waiting) == {"state": "Cancelled"}
    assert backend.do("cancel_flow_run", "state", flow_run_id=running) == {"state": "Cancelling"}
    version = backend.flow_run(running)["version"]
    assert backend.do("cancel_flow_run", "state", flow_run_id=running) == {"state": "Cancelling"}
    assert backend.flow_run(running)["version"] == version
    backend.move_flow_run(running, "Cancelled")
    assert backend.do("cancel_flow_run", "state", flow_run_id=running) == {"state": "Cancelled"}
    error = backend.refused("cancel_flow_run", "state", flow_run_id=new_id())
    assert error["extensions"]["code"] == "NOT_FOUND"


def test_the_states_of_a_deleted_run_are_refused(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    with backend.store.transaction() as transaction:
        transaction.execute("INSERT INTO flow_run_deletion VALUES (?, ?)", (run, now()))
    error = backend.refused(
        "set_task_run_states", STATES, states=[{"task_run_id": task_run, "state": state("Running")}]
    )
    assert error["extensions"]["code"] == "NOT_FOUND"
