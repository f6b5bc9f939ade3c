"""Agents register, share configurations, and are told which runs are due for their labels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from prefect.server.identifiers import new_id, stamp
from prefect.server.operations.agents import GIVEN, share

if TYPE_CHECKING:
    from tests.server.conftest import Backend

AGENT = (
    "query($id: uuid!) { agent_by_pk(id: $id) { name type labels tenant_id core_version last_queried"
    " agent_config { name settings } } }"
)


def queue(backend: Backend, *labels: str, **values: Any) -> list[str]:
    answer = backend.do("get_runs_in_queue", "flow_run_ids", tenant_id=backend.tenant, labels=list(labels), **values)
    found: list[str] = answer["flow_run_ids"]
    return found


def after(seconds: float) -> str:
    return stamp(datetime.now(UTC) + timedelta(seconds=seconds))


def test_an_agent_is_registered_with_what_it_says_of_itself(backend: Backend) -> None:
    config = backend.do("create_agent_config", tenant_id=backend.tenant, name="shared", settings={"a": 1})["id"]
    values = {"type": "LocalAgent", "name": "agent", "labels": ["y", "x", "y"], "agent_config_id": config}
    reply = backend.reply(
        "mutation($input: register_agent_input!) { register_agent(input: $input) { id } }",
        {"X-PREFECT-CORE-VERSION": "1.4.1"},
        input=values,
    )
    agent = reply["data"]["register_agent"]["id"]
    found = backend.ask(AGENT, id=agent)["agent_by_pk"]
    assert found == {
        "name": "agent",
        "type": "LocalAgent",
        "labels": ["x", "y"],
        "tenant_id": backend.tenant,
        "core_version": "1.4.1",
        "last_queried": None,
        "agent_config": {"name": "shared", "settings": {"a": 1}},
    }
    # Two agents of one name are two: each must know which runs are its own.
    assert backend.do("register_agent", **values)["id"] != agent
    backend.do("delete_agent", "success", agent_id=agent)
    assert backend.ask(AGENT, id=agent)["agent_by_pk"] is None
    assert backend.refused("delete_agent", "success", agent_id=agent)["extensions"]["code"] == "NOT_FOUND"


def test_a_configuration_changes_in_part_and_agents_go_on_without_it(backend: Backend) -> None:
    config = backend.do("create_agent_config", tenant_id=backend.tenant)["id"]
    agent = backend.do("register_agent", type="LocalAgent", agent_config_id=config)["id"]
    backend.do("update_agent_config", "success", agent_config_id=config, name="n")
    backend.do("update_agent_config", "success", agent_config_id=config, settings='{"a": [1]}')
    assert backend.ask(AGENT, id=agent)["agent_by_pk"]["agent_config"] == {"name": "n", "settings": {"a": [1]}}
    backend.do("delete_agent_config", "success", agent_config_id=config)
    assert backend.ask(AGENT, id=agent)["agent_by_pk"]["agent_config"] is None
    for name in ("update_agent_config", "delete_agent_config"):
        assert backend.refused(name, "success", agent_config_id=config)["extensions"]["code"] == "NOT_FOUND"
    error = backend.refused("register_agent", type="LocalAgent", agent_config_id=config)
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert backend.refused("create_agent_config", tenant_id=new_id())["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("labels", "agent", "matches"),
    [
        ([], [], True),
        ([], ["x"], False),
        (["x"], [], False),
        (["x"], ["x"], True),
        (["x"], ["x", "y"], True),
        (["x", "y"], ["x"], False),
        (["x", "ü"], ["ü", "x"], True),
        (["X"], ["x"], False),
    ],
)
def test_a_run_goes_to_agents_that_have_all_of_its_labels(
    backend: Backend, labels: list[str], agent: list[str], matches: bool
) -> None:
    run = backend.run(running=False, labels=labels)
    assert queue(backend, *agent) == ([run] if matches else [])


def test_runs_are_given_when_they_are_due_the_longest_waiting_first(backend: Backend) -> None:
    flow = backend.flow()
    late = backend.run(flow, running=False, scheduled_start_time=after(5))
    due = backend.run(flow, running=False, scheduled_start_time=after(-5))
    older = backend.run(flow, running=False, scheduled_start_time=after(-50))
    later = backend.run(flow, running=False, scheduled_start_time=after(3600))
    assert queue(backend) == [older, due]
    # Agents ask ten seconds ahead.
    assert queue(backend, before=after(10)) == [older, due, late]
    # What somebody wants to start at once is due at once.
    backend.move_flow_run(later, "Scheduled", attributes={"start_time": after(-100)})
    assert queue(backend) == [later, older, due]


def test_only_runs_that_wait_are_given(backend: Backend) -> None:
    flow = backend.flow()
    runs = [backend.run(flow, running=False, scheduled_start_time=after(-10)) for _ in range(5)]
    backend.move_flow_run(runs[0], "Submitted")
    backend.move_flow_run(runs[1], "Running")
    backend.move_flow_run(runs[2], "Cancelled")
    backend.do("delete_flow_run", "success", flow_run_id=runs[3])
    assert queue(backend) == [runs[4]]
    # Asking again changes nothing: who moves it to Submitted has it.
    assert queue(backend) == [runs[4]]


def test_a_running_run_is_given_when_a_task_run_of_it_is_due(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]["id"]
    assert queue(backend) == []
    backend.move_task_run(task_run, "Retrying", attributes={"start_time": after(1000)})
    assert queue(backend) == []
    backend.move_task_run(task_run, "Retrying", attributes={"start_time": after(-1)})
    assert queue(backend) == [run]
    assert queue(backend, "x") == []
    # It is paused until somebody resumes it, whatever time it names.
    backend.move_task_run(task_run, "Paused", attributes={"start_time": after(-1)})
    assert queue(backend) == []


def test_a_run_that_a_process_without_server_executes_is_left_to_it(backend: Backend) -> None:
    run = backend.run(running=False)
    backend.move_flow_run(run, "Running", owner={"host": "h", "pid": 1, "started": "s"})
    backend.move_task_run(backend.task_runs(run)[0]["id"], "Retrying", attributes={"start_time": after(-1)})
    assert queue(backend) == []


def test_at_most_a_share_is_given_at_once(backend: Backend) -> None:
    flow = backend.flow(tasks=0)
    runs = [backend.run(flow, running=False, scheduled_start_time=after(-100 + number)) for number in range(GIVEN + 2)]
    # Whatever waits for others in front of them does not hold them up.
    for _ in range(3):
        backend.run(flow, running=False, scheduled_start_time=after(-1000), labels=["elsewhere"])
    assert queue(backend) == runs[:GIVEN]


def test_asking_is_noted_for_the_agent_that_asks(backend: Backend) -> None:
    agent = backend.do("register_agent", type="LocalAgent")["id"]
    document = "mutation($input: get_runs_in_queue_input!) { get_runs_in_queue(input: $input) { flow_run_ids } }"
    for header in (agent, new_id(), "no id at all"):
        reply = backend.reply(document, {"x-prefect-agent-id": header}, input={"tenant_id": backend.tenant})
        assert reply == {"data": {"get_runs_in_queue": {"flow_run_ids": []}}}
    assert backend.ask(AGENT, id=agent)["agent_by_pk"]["last_queried"] is not None


def test_a_paused_queue_gives_nothing_until_it_is_resumed(backend: Backend) -> None:
    run = backend.run(running=False)
    backend.do("pause_tenant_work_queue", "success", tenant_id=backend.tenant)
    assert queue(backend) == []
    backend.do("resume_tenant_work_queue", "success", tenant_id=backend.tenant)
    assert queue(backend) == [run]


def test_bad_questions_are_refused(backend: Backend) -> None:
    error = backend.refused("get_runs_in_queue", "flow_run_ids", tenant_id=new_id())
    assert error["extensions"]["code"] == "NOT_FOUND"
    error = backend.refused("get_runs_in_queue", "flow_run_ids", tenant_id=backend.tenant, before="soon")
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    error = backend.refused("get_runs_in_queue", "flow_run_ids", tenant_id="x")
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_runs_stay_behind_when_a_limit_has_no_slot_left_for_them(backend: Backend) -> None:
    backend.do("update_flow_concurrency_limit", label="db", limit=2)
    flow = backend.flow(tasks=0)
    runs = [
        backend.run(flow, running=False, labels=["db"], scheduled_start_time=after(-100 + number))
        for number in range(4)
    ]
    assert queue(backend, "db") == runs[:2]
    # Who is on the way to running needs its slot already.
    backend.move_flow_run(runs[0], "Submitted")
    assert queue(backend, "db") == runs[1:2]
    backend.move_flow_run(runs[1], "Running")
    assert queue(backend, "db") == []
    backend.move_flow_run(runs[0], "Failed")
    assert queue(backend, "db") == runs[2:3]


def test_a_run_that_stays_behind_takes_no_slot_from_those_that_go() -> None:
    rows = [("a", "full", 0), ("a", "db", 1), ("b", "db", 1), ("c", "db", 1), ("d", None, None)]
    assert share(rows, 25) == ["b", "d"]
    assert share(rows, 1) == ["b"]
    assert share([], 25) == []


MATCHING = (
    "query($id: uuid!) { flow_run_matching(flow_run_id: $id) {"
    " labels reason agents { name labels is_looking matches missing_labels } } }"
)


def matching(backend: Backend, run: str) -> Any:
    return backend.ask(MATCHING, id=run)["flow_run_matching"]


def test_it_is_said_which_agents_match_and_what_the_others_lack(backend: Backend) -> None:
    run = backend.run(running=False, labels=["gpu", "here"])
    assert matching(backend, run)["reason"] == "No agent is looking for runs. Start one with the labels 'gpu', 'here'."
    asked = "mutation($input: get_runs_in_queue_input!) { get_runs_in_queue(input: $input) { flow_run_ids } }"
    for name, labels in (("near", ["gpu"]), ("far", [])):
        agent = backend.do("register_agent", type="LocalAgent", name=name, labels=labels)["id"]
        given = {"tenant_id": backend.tenant, "labels": labels}
        assert "errors" not in backend.reply(asked, {"X-PREFECT-AGENT-ID": agent}, input=given)
    backend.do("register_agent", type="LocalAgent", name="idle", labels=["gpu", "here"])
    found = matching(backend, run)
    assert found["reason"] == (
        "2 agents are looking for runs, and none has the labels 'gpu', 'here'. "
        "The nearest is 'near', which has 'gpu' and lacks 'here'."
    )
    by_name = {agent.pop("name"): agent for agent in found["agents"]}
    assert by_name["near"] == {"labels": ["gpu"], "is_looking": True, "matches": False, "missing_labels": ["here"]}
    assert (by_name["idle"]["matches"], by_name["idle"]["is_looking"]) == (True, False)
    unlabelled = backend.run(backend.flow(backend.project("other"), name="other"), running=False)
    assert matching(backend, unlabelled)["reason"] is None


def test_a_run_without_labels_is_not_for_agents_that_have_some(backend: Backend) -> None:
    run = backend.run(running=False)
    agent = backend.do("register_agent", type="LocalAgent", name="a", labels=["x"])["id"]
    asked = "mutation($input: get_runs_in_queue_input!) { get_runs_in_queue(input: $input) { flow_run_ids } }"
    given = {"tenant_id": backend.tenant, "labels": ["x"]}
    assert backend.reply(asked, {"X-PREFECT-AGENT-ID": agent}, input=given)["data"]["get_runs_in_queue"] == {
        "flow_run_ids": []
    }
    assert matching(backend, run)["reason"] == (
        "1 agent is looking for runs, all with labels; a run without labels waits for an agent without any."
    )
