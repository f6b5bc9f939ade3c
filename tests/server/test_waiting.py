"""Long polling over a real socket: who waits is told when there is something, and holds nothing meanwhile."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from prefect.server import metrics
from prefect.server.logs import RequestLog
from prefect.server.metrics import METRICS
from prefect.server.operations import OPERATIONS, agents, waits
from tests.server.conftest import Backend
from tests.serving import Serving
from tests.waiting import wait_until

Wait = Callable[..., "Future[dict[str, Any]]"]


@pytest.fixture
def wait(backend: Backend, server: Serving) -> Iterator[Wait]:
    """Begins to wait in a thread; the answer comes as a future."""
    pool = ThreadPoolExecutor(40)

    def ask(asked: dict[str, Any], agent: str | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} | ({"X-PREFECT-AGENT-ID": agent} if agent else {})
        with urlopen(Request(f"{server.url}/wait", json.dumps(asked).encode(), headers), timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    with server.serve(backend.endpoint):
        yield lambda agent=None, **asked: pool.submit(ask, asked, agent)
        server.served.dismiss()
        pool.shutdown()


def are_waiting(server: Serving, count: int) -> None:
    wait_until(lambda: server.served._waiting_room is not None and len(server.served._waiting_room._waiters) >= count)


def test_what_is_due_already_is_told_at_once(backend: Backend, wait: Wait) -> None:
    backend.run(running=False, labels=["x"])
    assert wait(labels=["x", "y"]).result() == {"due": True, "stop": []}


def test_where_nothing_comes_the_answer_is_empty(backend: Backend, wait: Wait) -> None:
    backend.run(running=False, labels=["z"])
    assert wait(labels=["x"], seconds=0.2).result() == {"due": False, "stop": []}


def test_a_run_that_is_made_meanwhile_is_told(backend: Backend, wait: Wait, server: Serving) -> None:
    flow = backend.flow()
    waiting = wait(labels=["x"])
    are_waiting(server, 1)
    backend.run(flow, running=False, labels=["x"])
    assert waiting.result()["due"]


def test_a_run_that_is_due_later_is_told_when_it_is_due(backend: Backend, wait: Wait) -> None:
    due = datetime.now(UTC) + timedelta(seconds=0.5)
    backend.run(running=False, labels=["x"], scheduled_start_time=due.isoformat())
    assert wait(labels=["x"]).result()["due"]
    assert datetime.now(UTC) >= due


def test_one_run_is_told_to_one_agent_and_no_thread_is_held(backend: Backend, wait: Wait, server: Serving) -> None:
    flow = backend.flow()
    waiting = [wait(labels=["x", f"host {number}"], seconds=2) for number in range(30)]
    are_waiting(server, 30)
    wait_until(lambda: server.served.readers._work_queue.qsize() == 0)
    run = backend.run(flow, running=False, labels=["x"])
    backend.move_flow_run(run, "Submitted")
    assert sum(each.result()["due"] for each in waiting) <= 1


def test_an_agent_is_told_which_of_its_runs_are_to_stop(backend: Backend, wait: Wait, server: Serving) -> None:
    agent = backend.do("register_agent", type="LocalAgent", labels=["x"])["id"]
    run = backend.run(running=False)
    states = [{"flow_run_id": run, "state": {"type": "Submitted"}, "version": 1}]
    document = "mutation($input: set_flow_run_states_input!) { set_flow_run_states(input: $input) { states { id } } }"
    backend.reply(document, {"X-PREFECT-AGENT-ID": agent}, input={"states": states})
    backend.move_flow_run(run, "Running")
    waiting = wait(agent, labels=["x"])
    are_waiting(server, 1)
    backend.do("cancel_flow_run", "state", flow_run_id=run)
    assert waiting.result() == {"due": False, "stop": [run]}
    assert wait(agent, labels=["x"], known=[run], seconds=0.2).result() == {"due": False, "stop": []}


def test_a_process_is_told_that_its_run_is_to_stop(backend: Backend, wait: Wait, server: Serving) -> None:
    run = backend.run()
    waiting = wait(flow_run_id=run)
    are_waiting(server, 1)
    backend.do("cancel_flow_run", "state", flow_run_id=run)
    assert waiting.result() == {"due": False, "stop": [run]}


def test_nobody_is_told_of_a_run_for_which_a_limit_has_no_slot(backend: Backend, wait: Wait) -> None:
    flow = backend.flow()
    backend.do("update_flow_concurrency_limit", label="x", limit=1)
    backend.run(flow, labels=["x"])
    backend.run(flow, running=False, labels=["x"])
    assert not wait(labels=["x"], seconds=0.3).result()["due"]


@pytest.mark.parametrize(
    ("asked", "status"), [({"flow_run_id": "nonsense"}, 400), ({"labels": "x"}, 400), ({"seconds": []}, 400)]
)
def test_what_cannot_be_waited_for_is_refused(backend: Backend, server: Serving, asked: Any, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    with server.serve(backend.endpoint), pytest.raises(OSError, match=str(status)):
        urlopen(Request(f"{server.url}/wait", json.dumps(asked).encode(), headers), timeout=60)


def test_a_thousand_who_wait_cost_two_statements(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    backend.run(running=False, labels=["nobody has this"])
    asked: list[str] = []

    def counted(*given: Any) -> list[str]:
        asked.append("the rule")
        return agents.due_runs(*given)

    monkeypatch.setattr(waits, "due_runs", counted)
    groups = [waits.Group(backend.tenant, json.dumps([f"host {number}"])) for number in range(1000)]
    found = waits.look(backend.store, waits.Wanted(groups))
    assert (found.due, found.is_left, asked) == ({}, True, [])
    backend.run(backend.flow(backend.project("other"), name="other"), running=False, labels=["host 7"])
    assert list(waits.look(backend.store, waits.Wanted(groups)).due) == [groups[7]]
    assert asked == ["the rule"]


def test_who_waits_is_counted_and_logged_and_makes_no_answer_look_slow(
    backend: Backend, wait: Wait, server: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    METRICS.serve(OPERATIONS)
    assert METRICS.requests is not None
    monkeypatch.setattr(server.served, "request_log", RequestLog("all", slow_seconds=0.01))
    before = METRICS.value(METRICS.requests, metrics.WAIT, metrics.OK)
    with caplog.at_level("INFO", "prefect.server.requests"):
        waiting = wait(labels=["x"])
        are_waiting(server, 1)
        assert METRICS.value(metrics.LONG_POLLS) == 1
        server.served.dismiss()
        waiting.result()
        with pytest.raises(HTTPError):
            wait(flow_run_id="no id").result()
    while server.served.is_followed():
        server.served.dismiss()
    lines = "\n".join(METRICS.lines())
    assert METRICS.value(METRICS.requests, metrics.WAIT, metrics.OK) == before + 1
    assert 'quaestor_requests_total{operation="wait",status="refused"}' in lines
    assert METRICS.value(metrics.LONG_POLLS) == 0
    assert 'quaestor_request_seconds_count{kind="mutation"} 0' in lines
    assert 'quaestor_request_seconds_count{kind="query"} 0' in lines
    told = [record for record in caplog.records if record.name == "prefect.server.requests"]
    assert [record.getMessage().partition(" in ")[0] for record in told] == ["wait: ok", "wait: refused"]
    assert {record.levelname for record in told} == {"INFO"}
