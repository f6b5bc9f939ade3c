"""Runs that nobody takes are shown with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prefect.server.operations.agents import AskingAgent, why_none_takes
from prefect.server.operations.late_runs import WhyLate, why_late

if TYPE_CHECKING:
    from tests.server.conftest import Backend

LATE = "{ late_flow_runs(seconds: 0) { id flow_name due seconds labels reason message } }"


def agent(name: str, *labels: str, looking: bool = True) -> AskingAgent:
    return AskingAgent(name, frozenset(labels), looking)


@pytest.mark.parametrize(
    ("labels", "agents", "full", "paused", "reason", "says"),
    [
        (["x"], [agent("a", "x")], {}, True, WhyLate.WORK_QUEUE_PAUSED, "paused"),
        (["x"], [], {}, False, WhyLate.NO_AGENT, "the labels 'x'"),
        ([], [agent("a", looking=False)], {}, False, WhyLate.NO_AGENT, "no labels"),
        (["x", "y"], [agent("a"), agent("b", "x", "z")], {}, False, WhyLate.NO_MATCHING_AGENT, "'b', which has 'x'"),
        ([], [agent("b", "x")], {}, False, WhyLate.NO_MATCHING_AGENT, "an agent without any"),
        (["x"], [agent("a", "x")], {"x": 2}, False, WhyLate.LIMIT_FULL, "its 2 slots are taken"),
        (["x"], [agent("a", "x")], {"y": 2}, False, WhyLate.AGENT_BUSY, "'a'"),
    ],
)
def test_the_reason_is_said(
    labels: list[str], agents: list[AskingAgent], full: dict[str, int], paused: bool, reason: WhyLate, says: str
) -> None:
    found, message = why_late(labels, agents, full, paused)
    assert found is reason
    assert says in message


@pytest.mark.parametrize("labels", [["x", "y"], []])
def test_why_no_agent_takes_a_run_is_said_in_one_way(labels: list[str]) -> None:
    agents = [agent("b", "x", "z"), agent("a", "q"), agent("away", looking=False)]
    assert why_late(labels, agents, {}, False)[1] == why_none_takes(labels, agents)


def test_late_runs_are_asked_about(backend: Backend) -> None:
    past = "2020-01-01T00:00:00+00:00"
    flow = backend.flow()
    run = backend.run(flow, running=False, scheduled_start_time=past, labels=["x"])
    backend.run(flow, running=False, scheduled_start_time="2100-01-01T00:00:00+00:00", labels=["x"])
    gone = backend.run(flow, running=False, scheduled_start_time=past)
    backend.do("delete_flow_run", "success", flow_run_id=gone)
    (late,) = backend.ask(LATE)["late_flow_runs"]
    assert (late["id"], late["flow_name"], late["due"], late["labels"]) == (run, "flow", past, ["x"])
    assert late["seconds"] > 1e8
    assert late["reason"] == "NO_AGENT"
    agent_id = backend.do("register_agent", type="LocalAgent", name="here", labels=["x"])["id"]
    asking = "mutation($input: get_runs_in_queue_input!) { get_runs_in_queue(input: $input) { flow_run_ids } }"
    backend.do("update_flow_concurrency_limit", label="x", limit=0)
    values = {"tenant_id": backend.tenant, "labels": ["x"]}
    assert "errors" not in backend.reply(asking, {"X-PREFECT-AGENT-ID": agent_id}, input=values)
    assert backend.ask(LATE)["late_flow_runs"][0]["reason"] == "LIMIT_FULL"
    backend.do("update_flow_concurrency_limit", label="x", limit=1)
    assert backend.ask(LATE)["late_flow_runs"][0]["message"].startswith("The agent 'here'")
    backend.do("pause_tenant_work_queue", "success", tenant_id=backend.tenant)
    assert backend.ask(LATE)["late_flow_runs"][0]["reason"] == "WORK_QUEUE_PAUSED"
    backend.move_flow_run(run, "Submitted")
    assert backend.ask(LATE)["late_flow_runs"] == []
    reply = backend.reply("{ late_flow_runs(seconds: -1) { id } }")
    assert reply["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
