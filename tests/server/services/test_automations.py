"""Automations: what sets them off, once, and what follows, once, whoever dies in between."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from prefect.configuration import config
from prefect.server.errors import DatabaseAway
from prefect.server.identifiers import new_id
from prefect.server.operations.base import Caller
from prefect.server.services import automations, registry, remove_deleted_runs
from prefect.server.services.automations import act, forget_events, notice
from prefect.server.services.runner import Runner
from tests.server.operations.test_hooks import deliveries, hook, messages

if TYPE_CHECKING:
    from tests.server.conftest import Backend

EVENTS = (
    "{ automation_event(order_by: {id: asc}) { automation_id subject flow_run_id content depth actions_done finished"
    " last_error } }"
)


class Clock:
    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def automation(backend: Backend, trigger: dict[str, Any], *actions: dict[str, Any], name: str = "a") -> str:
    given = {"tenant_id": backend.tenant, "name": name, "trigger": trigger, "actions": list(actions)}
    made: str = backend.do("create_automation", **given)["id"]
    return made


def events(backend: Backend) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = backend.ask(EVENTS)["automation_event"]
    return found


def group_of(backend: Backend, flow: str) -> str:
    asked = "query($id: uuid!) { flow_by_pk(id: $id) { flow_group_id } }"
    group: str = backend.ask(asked, id=flow)["flow_by_pk"]["flow_group_id"]
    return group


def runs_of(backend: Backend, flow: str) -> list[dict[str, Any]]:
    asked = (
        "query($id: uuid!) { flow_run(where: {flow_id: {_eq: $id}}, order_by: {created: asc})"
        " { id name state parameters context } }"
    )
    found: list[dict[str, Any]] = backend.ask(asked, id=flow)["flow_run"]
    return found


ON_FAILURE = {"type": "STATE_CHANGE", "states": ["Failed"]}
CANCEL = {"type": "CANCEL_FLOW_RUN"}


def notify(backend: Backend) -> dict[str, Any]:
    """Leaves a message, by a hook that no state sets off."""
    return {"type": "NOTIFY", "cloud_hook_id": hook(backend, "Mapped", name="messages")}


def test_an_automation_is_made_changed_and_deleted(backend: Backend) -> None:
    made = automation(backend, ON_FAILURE, CANCEL)
    asked = "{ automation { id name active trigger actions events { id } } }"
    assert backend.ask(asked)["automation"] == [
        {
            "id": made,
            "name": "a",
            "active": True,
            "trigger": {"type": "STATE_CHANGE", "states": ["Failed"]},
            "actions": [{"type": "CANCEL_FLOW_RUN"}],
            "events": [],
        }
    ]
    trigger = {"type": "LATE_FINISH", "seconds": 60.5, "from_schedule": True, "run_filter": {"labels": ["x"]}}
    backend.do("update_automation", automation_id=made, name="b", trigger=trigger)
    backend.do("update_automation", automation_id=made, active=False)
    (found,) = backend.ask(asked)["automation"]
    assert (found["name"], found["active"], found["actions"]) == ("b", False, [CANCEL])
    assert found["trigger"] == trigger
    backend.do("delete_automation", "success", automation_id=made)
    for name, selection in (("delete_automation", "success"), ("update_automation", "id")):
        assert backend.refused(name, selection, automation_id=made)["extensions"]["code"] == "NOT_FOUND"


def test_one_whose_hook_is_gone_can_be_stopped_and_is_changed_with_another(backend: Backend) -> None:
    gone = notify(backend)
    made = automation(backend, ON_FAILURE, gone, CANCEL)
    backend.do("delete_cloud_hook", "success", cloud_hook_id=gone["cloud_hook_id"])
    backend.do("update_automation", automation_id=made, active=False, name="b")
    assert backend.ask("{ automation { name active } }") == {"automation": [{"name": "b", "active": False}]}
    error = backend.refused("update_automation", automation_id=made, actions=[CANCEL, gone])
    assert error["extensions"]["code"] == "NOT_FOUND"
    trigger = {"type": "AGENT_UNHEALTHY", "seconds": 5}
    error = backend.refused("update_automation", automation_id=made, trigger=trigger)
    assert error["extensions"]["code"] in ("NOT_FOUND", "BAD_USER_INPUT")
    other = notify(backend)
    backend.do("update_automation", automation_id=made, actions=[other, CANCEL])
    assert backend.ask("{ automation { actions } }") == {"automation": [{"actions": [other, CANCEL]}]}


SENSELESS: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({"type": "STATE_CHANGE"}, [CANCEL]),
    ({"type": "STATE_CHANGE", "states": ["Nonsense"]}, [CANCEL]),
    ({"type": "STATE_CHANGE", "states": ["Failed"], "seconds": 3}, [CANCEL]),
    ({"type": "LATE_START"}, [CANCEL]),
    ({"type": "LATE_START", "seconds": -1}, [CANCEL]),
    ({"type": "LATE_START", "seconds": 5, "states": ["Failed"]}, [CANCEL]),
    ({"type": "LATE_START", "seconds": 5, "from_schedule": True}, [CANCEL]),
    ({"type": "LATE_START", "seconds": 5, "agent_name": "x"}, [CANCEL]),
    ({"type": "AGENT_UNHEALTHY", "seconds": 5}, [CANCEL]),
    ({"type": "AGENT_UNHEALTHY", "seconds": 5}, [{"type": "PAUSE_SCHEDULE"}]),
    ({"type": "AGENT_UNHEALTHY", "seconds": 5, "run_filter": {}}, [{"type": "PAUSE_SCHEDULE"}]),
    (ON_FAILURE, []),
    (ON_FAILURE, [CANCEL] * 11),
    (ON_FAILURE, [{"type": "NOTIFY"}]),
    (ON_FAILURE, [{"type": "START_FLOW_RUN"}]),
    (ON_FAILURE, [{**CANCEL, "parameters": {}}]),
    (ON_FAILURE, [{"type": "EXPLODE"}]),
]


@pytest.mark.parametrize(("trigger", "actions"), SENSELESS)
def test_an_automation_without_sense_is_refused(
    backend: Backend, trigger: dict[str, Any], actions: list[dict[str, Any]]
) -> None:
    given = {"tenant_id": backend.tenant, "name": "a", "trigger": trigger, "actions": actions}
    assert backend.refused("create_automation", **given)["extensions"]["code"] == "BAD_USER_INPUT"


def test_what_an_automation_names_must_be_of_its_tenant(backend: Backend) -> None:
    other = backend.do("create_tenant", name="Other", slug="other")["id"]
    group, made = group_of(backend, backend.flow()), hook(backend, "Failed")
    for trigger, action in (
        (ON_FAILURE, {"type": "NOTIFY", "cloud_hook_id": made}),
        (ON_FAILURE, {"type": "PAUSE_SCHEDULE", "flow_group_id": group}),
        (ON_FAILURE, {"type": "START_FLOW_RUN", "flow_group_id": new_id()}),
        ({**ON_FAILURE, "run_filter": {"flow_group_ids": [group]}}, CANCEL),
        ({**ON_FAILURE, "run_filter": {"project_ids": [new_id()]}}, CANCEL),
    ):
        given = {"tenant_id": other, "name": "a", "trigger": trigger, "actions": [action]}
        assert backend.refused("create_automation", **given)["extensions"]["code"] == "NOT_FOUND"


def test_a_state_sets_it_off_and_a_run_of_another_flow_follows(backend: Backend) -> None:
    project = backend.project()
    flow = backend.flow(project, name="etl")
    parameters = [{"name": "failed", "required": False, "default": None, "slug": "failed"}]
    cleaner = backend.flow(project, name="cleaner", parameters=parameters)
    start = {
        "type": "START_FLOW_RUN",
        "flow_group_id": group_of(backend, cleaner),
        "flow_run_name": "after {flow_run.name}",
        "parameters": {"failed": "{flow_run.id}"},
        "context": {"why": ["{flow_run.state_message}"]},
    }
    made = automation(backend, {**ON_FAILURE, "run_filter": {"flow_group_ids": [group_of(backend, flow)]}}, start)
    run = backend.run(flow, flow_run_name="nightly")
    assert act(backend.store, Clock()) == 0
    # A state below the one that is named counts as well.
    backend.move_flow_run(run, "TriggerFailed", attributes={"message": "no luck"})
    assert act(backend.store, Clock()) == 1
    assert act(backend.store, Clock()) == 0
    (started,) = runs_of(backend, cleaner)
    assert (started["name"], started["state"], started["parameters"]) == ("after nightly", "Scheduled", {"failed": run})
    context = started["context"]
    assert context["why"] == ["no luck"]
    assert (context["automation"]["id"], context["automation"]["event"]["flow_run_id"]) == (made, run)
    (event,) = events(backend)
    assert (event["flow_run_id"], event["actions_done"], event["last_error"], event["depth"]) == (run, 1, None, 1)
    assert event["content"]["automation_name"] == "a"
    # The new run fails as well, and is of a flow that nobody asked about.
    backend.move_flow_run(started["id"], "Running")
    backend.move_flow_run(started["id"], "Failed")
    assert len(events(backend)) == 1


def test_a_run_is_cancelled_by_the_automation_itself(backend: Backend) -> None:
    automation(backend, {"type": "STATE_CHANGE", "states": ["Running"]}, CANCEL, name="no runs today")
    run = backend.run()
    assert act(backend.store, Clock()) == 1
    assert backend.flow_run(run)["state"] == "Cancelling"
    asked = "query($id: uuid!) { flow_run_state(where: {flow_run_id: {_eq: $id}}, order_by: {version: asc})"
    asked += " { set_by } }"
    assert backend.ask(asked, id=run)["flow_run_state"][-1]["set_by"] == "automation no runs today"


def test_a_schedule_is_paused(backend: Backend) -> None:
    schedule = {"clocks": [{"type": "CronClock", "cron": "0 9 * * *"}]}
    flow = backend.flow(schedule=schedule)
    asked = "query($id: uuid!) { flow_by_pk(id: $id) { is_schedule_active } }"
    assert backend.ask(asked, id=flow)["flow_by_pk"]["is_schedule_active"] is True
    automation(backend, ON_FAILURE, {"type": "PAUSE_SCHEDULE"})
    run = backend.run(flow)
    backend.move_flow_run(run, "Failed")
    assert act(backend.store, Clock()) == 1
    assert backend.ask(asked, id=flow)["flow_by_pk"]["is_schedule_active"] is False


def test_an_action_that_is_refused_is_noted_and_the_next_follows(backend: Backend) -> None:
    gone = notify(backend)
    automation(backend, ON_FAILURE, gone, notify(backend))
    backend.do("delete_cloud_hook", "success", cloud_hook_id=gone["cloud_hook_id"])
    run = backend.run(backend.flow(name="etl"), flow_run_name="r")
    backend.move_flow_run(run, "Failed", attributes={"message": "broken"})
    act(backend.store, Clock())
    assert messages(backend) == ["The run r of the flow etl is Failed: broken"]
    (event,) = events(backend)
    assert event["actions_done"] == 2
    assert event["finished"] is not None
    assert event["last_error"].startswith("Action 1 (NOTIFY): There is no cloud hook ")


def test_a_hook_is_told_by_the_automation_what_has_happened(backend: Backend) -> None:
    made = hook(
        backend, "Mapped", type="WEBHOOK", config={"url": "https://x.invalid"}, template={"text": "{automation.name}!"}
    )
    automation(backend, ON_FAILURE, {"type": "NOTIFY", "cloud_hook_id": made}, name="alarm")
    flow = backend.flow()
    backend.move_flow_run(backend.run(flow), "Failed")
    act(backend.store, Clock())
    (told,) = deliveries(backend)
    assert (told["cloud_hook_id"], told["content"]["text"]) == (made, "alarm!")
    backend.do("set_cloud_hook_inactive", "success", cloud_hook_id=made)
    backend.move_flow_run(backend.run(flow), "Failed")
    act(backend.store, Clock())
    assert "not active" in events(backend)[-1]["last_error"]


def test_one_that_is_turned_off_does_nothing_not_even_what_was_left_to_do(backend: Backend) -> None:
    flow = backend.flow()
    made = automation(backend, ON_FAILURE, notify(backend))
    backend.move_flow_run(backend.run(flow), "Failed")
    backend.do("update_automation", automation_id=made, active=False)
    backend.move_flow_run(backend.run(flow), "Failed")
    act(backend.store, Clock())
    assert messages(backend) == []
    (event,) = events(backend)
    assert "turned off" in event["last_error"]


def test_nothing_is_done_twice_where_actions_are_moved_between_two_of_them(backend: Backend) -> None:
    flow = backend.flow()
    tells = notify(backend)
    pauses = {"type": "PAUSE_SCHEDULE", "flow_group_id": group_of(backend, flow)}
    made = automation(backend, ON_FAILURE, tells, pauses)
    backend.move_flow_run(backend.run(flow), "Failed")
    (begun,) = backend.ask("{ automation_event { id } }")["automation_event"]
    assert automations._next_action(backend.store, Clock(), begun["id"], 5)
    backend.do("update_automation", automation_id=made, name="b", actions=[tells, pauses])
    assert events(backend)[0]["finished"] is None, "the same actions are no others"
    backend.do("update_automation", automation_id=made, actions=[pauses, tells])
    backend.move_flow_run(backend.run(flow), "Failed")
    act(backend.store, Clock())
    first, second = events(backend)
    assert (first["actions_done"], second["actions_done"]) == (1, 2)
    assert "were changed before all of them were done" in first["last_error"]
    assert len(messages(backend)) == 2


def test_automations_that_start_each_other_end(backend: Backend) -> None:
    """Every run of either flow starts one of the other, and nobody stands beside."""
    project = backend.project()
    one, two = backend.flow(project, name="one"), backend.flow(project, name="two")
    for flow, other in ((one, two), (two, one)):
        trigger = {
            "type": "STATE_CHANGE",
            "states": ["Success"],
            "run_filter": {"flow_group_ids": [group_of(backend, flow)]},
        }
        automation(backend, trigger, {"type": "START_FLOW_RUN", "flow_group_id": group_of(backend, other)})
    backend.move_flow_run(backend.run(one), "Success")
    asked = '{ flow_run(where: {state: {_eq: "Scheduled"}}) { id } }'
    for _ in range(10):
        act(backend.store, Clock(), most_depth=3)
        for run in backend.ask(asked)["flow_run"]:
            backend.move_flow_run(run["id"], "Running")
            backend.move_flow_run(run["id"], "Success")
    assert len(runs_of(backend, one)) + len(runs_of(backend, two)) == 1 + 3
    found = events(backend)
    assert [event["depth"] for event in found] == [1, 2, 3, 4]
    assert "3 automations led to this" in found[-1]["last_error"]


def test_a_process_that_dies_between_an_action_and_the_next_does_neither_twice(
    backend: Backend, in_child: Callable[[Callable[[], None]], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    cleaner = backend.flow(name="cleaner")
    start = {"type": "START_FLOW_RUN", "flow_group_id": group_of(backend, cleaner)}
    automation(backend, ON_FAILURE, notify(backend), start, notify(backend))
    backend.move_flow_run(backend.run(backend.flow(backend.project("other"), name="etl")), "Failed")

    def dies_after(action: int) -> Callable[[], None]:
        def tell(store: Any, caller: Caller) -> None:
            (event,) = events(backend)
            if event["actions_done"] == action:
                os.kill(os.getpid(), signal.SIGKILL)

        def work() -> None:
            monkeypatch.setattr(automations, "tell", tell)
            act(backend.store, Clock())

        return work

    for action in (1, 2, 3):
        assert in_child(dies_after(action)) == -signal.SIGKILL
    assert act(backend.store, Clock()) == 1
    assert len(messages(backend)) == 2
    assert len(runs_of(backend, cleaner)) == 1


def test_several_servers_do_each_action_once(backend: Backend) -> None:
    automation(backend, ON_FAILURE, notify(backend))
    flow = backend.flow()
    for _ in range(8):
        backend.move_flow_run(backend.run(flow), "Failed")
    together = threading.Barrier(3)

    def serve() -> None:
        together.wait(30)
        act(backend.store, Clock())

    threads = [threading.Thread(target=serve) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    act(backend.store, Clock())
    assert len(messages(backend)) == 8


# -- what did not happen in time ---------------------------------------------------------------------------------------


def test_a_run_that_does_not_start_in_time_is_noticed_once(backend: Backend) -> None:
    clock = Clock()
    flow = backend.flow(name="etl")
    due = clock() + timedelta(seconds=100)
    automation(backend, {"type": "LATE_START", "seconds": 60}, notify(backend))
    run = backend.run(flow, running=False, scheduled_start_time=due.isoformat(), flow_run_name="r")
    for seconds in (100, 60):
        clock.advance(seconds)
        assert notice(backend.store, clock) == 0
    clock.advance(0.001)
    assert notice(backend.store, clock) == 1
    clock.advance(1000)
    assert notice(backend.store, clock) == 0
    act(backend.store, clock)
    (text,) = messages(backend)
    assert text.startswith("The run r of the flow etl did not start within 60 seconds of its time, 20")
    # It starts after all, later still: the same breach.
    backend.move_flow_run(run, "Running")
    assert len(events(backend)) == 1


def test_a_run_that_starts_late_between_two_looks_is_noticed_when_it_starts(backend: Backend) -> None:
    automation(backend, {"type": "LATE_START", "seconds": 0}, notify(backend))
    run = backend.run(running=False, scheduled_start_time=datetime.now(UTC).isoformat())
    backend.move_flow_run(run, "Running")
    (event,) = events(backend)
    assert (event["subject"], event["content"]["event"]) == (run, "flow_run_started_late")


def test_what_was_late_before_is_not_told(backend: Backend) -> None:
    clock, flow = Clock(), backend.flow()
    past = clock() - timedelta(seconds=61)
    backend.run(flow, running=False, scheduled_start_time=past.isoformat())
    made = automation(backend, {"type": "LATE_START", "seconds": 60}, notify(backend))
    clock.advance(1000)
    assert notice(backend.store, clock) == 0
    recent = clock() - timedelta(seconds=1030)
    backend.run(flow, running=False, scheduled_start_time=recent.isoformat())
    assert notice(backend.store, clock) == 1
    backend.do("update_automation", automation_id=made, active=False)
    backend.run(flow, running=False, scheduled_start_time=recent.isoformat())
    assert notice(backend.store, clock) == 0


def test_a_run_that_began_in_time_or_will_not_begin_is_not_late(backend: Backend) -> None:
    clock = Clock()
    automation(backend, {"type": "LATE_START", "seconds": 60}, notify(backend))
    flow = backend.flow()
    backend.run(flow)
    backend.do("cancel_flow_run", "state", flow_run_id=backend.run(flow, running=False))
    backend.do("delete_flow_run", "success", flow_run_id=backend.run(flow, running=False))
    clock.advance(1000)
    assert notice(backend.store, clock) == 0


@pytest.mark.parametrize("from_schedule", [False, True])
def test_a_run_that_does_not_end_in_time_is_noticed_once(backend: Backend, from_schedule: bool) -> None:
    clock = Clock()
    flow = backend.flow(name="etl")
    trigger = {"type": "LATE_FINISH", "seconds": 60, "from_schedule": from_schedule}
    automation(backend, {**trigger, "run_filter": {"labels": ["watched"]}}, CANCEL, notify(backend))
    quick, slow, other = (backend.run(flow, labels=[label], flow_run_name="r") for label in ("watched", "watched", "x"))
    backend.move_flow_run(quick, "Success")
    clock.advance(59)
    assert notice(backend.store, clock) == 0
    clock.advance(10)
    assert notice(backend.store, clock) == 1
    assert notice(backend.store, clock) == 0
    act(backend.store, clock)
    assert [backend.flow_run(run)["state"] for run in (quick, slow, other)] == ["Success", "Cancelling", "Running"]
    assert messages(backend) == ["The run r of the flow etl did not finish within 60 seconds."]
    assert events(backend)[0]["subject"] == slow


def test_many_late_runs_are_all_noticed(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automations, "LOOKED_AT", 3)
    clock = Clock()
    automation(backend, {"type": "LATE_START", "seconds": 5, "run_filter": {"flow_run_name": "r*"}}, notify(backend))
    flow = backend.flow()
    names = ["x", "r", "x", "x", "r", "r", "x", "r"]
    for name in names:
        backend.run(flow, running=False, flow_run_name=name)
    clock.advance(60)
    assert notice(backend.store, clock) == 4


def test_several_servers_notice_each_breach_once(backend: Backend) -> None:
    clock = Clock()
    automation(backend, {"type": "LATE_START", "seconds": 5}, notify(backend))
    flow = backend.flow()
    for _ in range(10):
        backend.run(flow, running=False)
    clock.advance(60)
    together = threading.Barrier(3)
    found: list[int] = []

    def serve() -> None:
        together.wait(30)
        found.append(notice(backend.store, clock))

    threads = [threading.Thread(target=serve) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(found) == len(events(backend)) == 10


def test_an_agent_that_falls_silent_is_noticed_once_for_each_silence(backend: Backend) -> None:
    clock = Clock()
    automation(backend, {"type": "AGENT_UNHEALTHY", "seconds": 60, "agent_name": "big*"}, notify(backend))
    agents = [backend.do("register_agent", type="LocalAgent", name=name)["id"] for name in ("big one", "small")]
    ask = "mutation($input: get_runs_in_queue_input!) { get_runs_in_queue(input: $input) { flow_run_ids } }"

    def look_for_runs() -> None:
        for agent in agents:
            reply = backend.reply(ask, {"X-PREFECT-AGENT-ID": agent}, input={"tenant_id": backend.tenant})
            assert "errors" not in reply, reply

    look_for_runs()
    assert notice(backend.store, clock) == 0
    clock.advance(100)
    assert notice(backend.store, clock) == 1
    assert notice(backend.store, clock) == 0
    look_for_runs()
    assert notice(backend.store, clock) == 1
    act(backend.store, clock)
    assert len(messages(backend)) == 2
    assert messages(backend)[0].startswith("The agent big one has not asked for runs for 60 seconds; the last time, 20")


def test_the_service_of_a_server_does_both(backend: Backend) -> None:
    clock, flow = Clock(), backend.flow()
    (service,) = [one for one in registry.configured(config.server.services) if one.name == "automations"]
    assert service.is_needed is not None
    automation(backend, {"type": "LATE_START", "seconds": 5}, notify(backend))
    backend.run(flow, running=False)
    clock.advance(60)
    runner = Runner(backend.store, [service], clock)
    runner.turn(service)
    assert len(messages(backend)) == 1
    automation(backend, {"type": "STATE_CHANGE", "states": ["Running"]}, notify(backend))
    backend.run(flow)
    with backend.store.snapshot() as snapshot:
        assert service.is_needed(snapshot, "")
    runner.turn(service)
    assert len(messages(backend)) == 2


def test_what_ended_long_ago_is_forgotten_but_for_runs_that_still_go_on(backend: Backend) -> None:
    clock = Clock()
    flow = backend.flow()
    automation(backend, {"type": "STATE_CHANGE", "states": ["Running", "Success"]}, notify(backend))
    ended, goes_on = backend.run(flow), backend.run(flow)
    backend.move_flow_run(ended, "Success")
    act(backend.store, clock)
    clock.advance(30 * 24 * 3600 + 60)
    assert forget_events(backend.store, clock, timedelta(days=30)) == 2
    assert [event["flow_run_id"] for event in events(backend)] == [goes_on]


def test_what_a_run_has_set_off_goes_with_it(backend: Backend) -> None:
    flow = backend.flow()
    start = {"type": "START_FLOW_RUN", "flow_group_id": group_of(backend, flow)}
    automation(backend, ON_FAILURE, start)
    run = backend.run(flow)
    backend.move_flow_run(run, "Failed")
    act(backend.store, Clock())
    for one in runs_of(backend, flow):
        backend.do("delete_flow_run", "success", flow_run_id=one["id"])
    assert events(backend) == []
    assert remove_deleted_runs(backend.store)
    with backend.store.snapshot() as snapshot:
        for table in ("automation_event", "automation_run"):
            assert snapshot.fetch_all(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608


def test_what_nobody_has_thought_of_is_noted_and_the_others_follow(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Else the oldest event would be tried for ever, and no automation of anybody would do anything."""
    automation(backend, ON_FAILURE, CANCEL, notify(backend), name="odd")
    automation(backend, ON_FAILURE, notify(backend), name="other")

    def fails(*_: Any) -> None:
        raise RuntimeError("nobody has thought of this")

    monkeypatch.setattr(automations, "cancel_flow_run", fails)
    backend.move_flow_run(backend.run(backend.flow(name="f")), "Failed")
    assert act(backend.store, Clock()) == 2
    assert act(backend.store, Clock()) == 0
    assert len(messages(backend)) == 2
    found = {event["last_error"] for event in events(backend)}
    assert found == {"Action 1 (CANCEL_FLOW_RUN): the server failed (RuntimeError); its log says why.", None}
    assert all(event["finished"] for event in events(backend))
    assert "nobody has thought of this" in caplog.text


def test_a_database_that_is_away_loses_no_action(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    automation(backend, ON_FAILURE, CANCEL)
    backend.move_flow_run(backend.run(backend.flow(name="f")), "Failed")
    with monkeypatch.context() as patch:

        def away(*_: Any) -> None:
            raise DatabaseAway("It is away.")

        patch.setattr(automations, "cancel_flow_run", away)
        with pytest.raises(DatabaseAway):
            act(backend.store, Clock())
    (event,) = events(backend)
    assert (event["actions_done"], event["finished"]) == (0, None)
    assert act(backend.store, Clock()) == 1
