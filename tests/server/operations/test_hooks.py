"""Hooks tell of what happens to flow runs; messages wait for people to read them."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from prefect.server import delivery
from prefect.server.delivery import Delivery
from prefect.server.identifiers import new_id
from prefect.server.operations.hooks import Notification
from prefect.server.operations.states import rescue_flow_run

if TYPE_CHECKING:
    from tests.server.conftest import Backend

MESSAGES = "{ message(order_by: {created: asc}) { id read type text content } }"
ADDRESS = "https://example.org/hook?token=1"

Told = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What is told to addresses, in place of telling it."""
    found: Told = []

    def send(address: str, body: bytes) -> None:
        found.append((address, json.loads(body)))

    monkeypatch.setattr(delivery, "DELIVERY", Delivery(send))
    return found


def hook(backend: Backend, *states: str, **values: Any) -> str:
    given = {"type": "PREFECT_MESSAGE", **values}
    made: str = backend.do("create_cloud_hook", tenant_id=backend.tenant, states=list(states), **given)["id"]
    return made


def messages(backend: Backend) -> list[str]:
    return [message["text"] for message in backend.ask(MESSAGES)["message"]]


def test_a_hook_is_kept_as_it_came(backend: Backend) -> None:
    made = hook(backend, "FAILED", "success", name="h", type="WEBHOOK", config={"url": ADDRESS}, version_group_id="g")
    asked = "query($id: uuid!) { cloud_hook_by_pk(id: $id) { name type states config active version_group_id } }"
    found = backend.ask(asked, id=made)["cloud_hook_by_pk"]
    assert found == {
        "name": "h",
        "type": "WEBHOOK",
        "states": ["Failed", "Success"],
        "config": {"url": ADDRESS},
        "active": True,
        "version_group_id": "g",
    }
    backend.do("set_cloud_hook_inactive", "success", cloud_hook_id=made)
    assert backend.ask(asked, id=made)["cloud_hook_by_pk"]["active"] is False
    backend.do("set_cloud_hook_active", "success", cloud_hook_id=made)
    assert backend.ask(asked, id=made)["cloud_hook_by_pk"]["active"] is True
    backend.do("delete_cloud_hook", "success", cloud_hook_id=made)
    for name in ("delete_cloud_hook", "set_cloud_hook_active", "set_cloud_hook_inactive", "test_cloud_hook"):
        error = backend.refused(name, "success", cloud_hook_id=made)
        assert error["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    "values",
    [
        {"states": ["Nonsense"]},
        {"states": []},
        {"states": ["Failed"], "type": "WEBHOOK"},
        {"states": ["Failed"], "type": "WEBHOOK", "config": {"url": "file:///etc/passwd"}},
        {"states": ["Failed"], "type": "SLACK_WEBHOOK", "config": {"url": 7}},
        {"states": ["Failed"], "type": "WEBHOOK", "config": {"url": "http://[x"}},
        {"states": ["Failed"], "type": "PAGERDUTY", "config": {}},
        {"states": ["Failed"], "type": "TWILIO"},
        {"states": ["Failed"], "type": "PIGEON"},
    ],
)
def test_a_hook_that_could_tell_nobody_is_refused(backend: Backend, values: dict[str, Any]) -> None:
    error = backend.refused("create_cloud_hook", tenant_id=backend.tenant, **{"type": "PREFECT_MESSAGE", **values})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert backend.ask("{ cloud_hook { id } }") == {"cloud_hook": []}


def test_a_message_is_left_when_a_run_enters_a_state_or_one_below_it(backend: Backend, told: Told) -> None:
    hook(backend, "Failed", "Running", name="h")
    run = backend.run(backend.flow(name="etl"), running=False, flow_run_name="nightly")
    assert messages(backend) == []
    backend.move_flow_run(run, "Running")
    backend.move_flow_run(run, "TriggerFailed", attributes={"message": "no luck"})
    assert messages(backend) == [
        "The run nightly of the flow etl is Running: now Running",
        "The run nightly of the flow etl is TriggerFailed: no luck",
    ]
    last = backend.ask(MESSAGES)["message"][1]
    assert (last["type"], last["read"], last["content"]["flow_run_id"]) == ("CLOUD_HOOK", False, run)
    assert last["content"]["cloud_hook_name"] == "h"
    assert told == []


def test_a_hook_of_one_flow_tells_of_all_its_versions_and_of_no_other_flow(backend: Backend) -> None:
    project = backend.project()
    flow = backend.flow(project, name="etl")
    group = backend.ask("{ flow { version_group_id } }")["flow"][0]["version_group_id"]
    hook(backend, "Running", version_group_id=group)
    other = backend.flow(project, name="other")
    newer = backend.flow(project, name="etl")
    assert newer != flow
    backend.run(other)
    backend.run(newer, flow_run_name="r")
    assert messages(backend) == ["The run r of the flow etl is Running: now Running"]


def test_nothing_is_told_of_what_was_refused_or_by_a_hook_that_is_inactive(backend: Backend) -> None:
    made = hook(backend, "Running")
    flow = backend.flow()
    stale = {"flow_run_id": backend.run(flow), "state": {"type": "Running"}, "version": 1}
    backend.refused("set_flow_run_states", "states { id }", states=[stale])
    assert len(messages(backend)) == 1
    backend.do("set_cloud_hook_inactive", "success", cloud_hook_id=made)
    backend.run(flow)
    assert len(messages(backend)) == 1


def test_addresses_are_told_after_the_state_is_kept(backend: Backend, told: Told) -> None:
    hook(backend, "Success", type="WEBHOOK", config={"url": ADDRESS})
    hook(backend, "Success", type="SLACK_WEBHOOK", config={"url": ADDRESS + "&slack"})
    run = backend.run(backend.flow(name="etl"), flow_run_name="r")
    backend.move_flow_run(run, "Success", attributes={"message": "done"})
    assert delivery.DELIVERY.wait()
    (first, event), (second, slack) = told
    assert (first, second) == (ADDRESS, ADDRESS + "&slack")
    assert slack == {"text": "The run r of the flow etl is Success: done"}
    assert event.pop("timestamp") > "2024"
    assert event == {
        "event": "flow_run_state_changed",
        "flow_run_id": run,
        "flow_run_name": "r",
        "flow_name": "etl",
        "state": "Success",
        "state_message": "done",
        "text": "The run r of the flow etl is Success: done",
    }


def test_cancelling_and_rescuing_are_told_too(backend: Backend, told: Told) -> None:
    hook(backend, "Cancelled", "Failed")
    flow = backend.flow()
    waiting, run = (backend.run(flow, running=False) for _ in range(2))
    backend.do("cancel_flow_run", "state", flow_run_id=waiting)
    backend.move_flow_run(run, "Running", owner={"host": "h", "pid": 1, "started": "s"})
    with backend.store.transaction() as transaction:
        assert rescue_flow_run(transaction, run)
    assert [text.partition(" is ")[2].partition(":")[0] for text in messages(backend)] == ["Cancelled", "Failed"]


def test_a_test_tells_of_a_run_that_there_may_not_be(backend: Backend, told: Told) -> None:
    made = hook(backend, "Failed", type="WEBHOOK", config={"url": ADDRESS})
    backend.do("test_cloud_hook", "success", cloud_hook_id=made)
    run = backend.run(backend.flow(name="etl"), flow_run_name="r")
    backend.do("test_cloud_hook", "success", cloud_hook_id=made, flow_run_id=run, state_type="RUNNING")
    assert delivery.DELIVERY.wait()
    assert [(body["flow_run_id"], body["state"]) for _, body in told] == [(None, "Success"), (run, "Running")]
    error = backend.refused("test_cloud_hook", "success", cloud_hook_id=made, flow_run_id=new_id())
    assert error["extensions"]["code"] == "NOT_FOUND"


def test_messages_are_read_and_deleted(backend: Backend) -> None:
    hook(backend, "Running")
    backend.run()
    (message,) = backend.ask(MESSAGES)["message"]
    backend.do("mark_message_as_read", "success", message_id=message["id"])
    assert backend.ask(MESSAGES)["message"][0]["read"] is True
    backend.do("mark_message_as_unread", "success", message_id=message["id"])
    assert backend.ask(MESSAGES)["message"][0]["read"] is False
    backend.do("delete_message", "success", message_id=message["id"])
    for name in ("mark_message_as_read", "mark_message_as_unread", "delete_message"):
        error = backend.refused(name, "success", message_id=message["id"])
        assert error["extensions"]["code"] == "NOT_FOUND"


# -- delivery ----------------------------------------------------------------------------------------------------------


class Receiver(http.server.BaseHTTPRequestHandler):
    received: list[tuple[str, bytes]] = []

    def do_POST(self) -> None:
        self.received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        if self.path == "/moved":
            self.send_response(307)
            self.send_header("Location", "/elsewhere")
        else:
            self.send_response(500 if self.path == "/broken" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[str]:
    Receiver.received = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_one_that_cannot_be_told_does_not_keep_the_others_from_it(
    receiver: str, caplog: pytest.LogCaptureFixture
) -> None:
    told = Delivery()
    paths = ["/broken", "/moved", "/fine"]
    told.deliver([Notification("h", f"{receiver}{path}", b"{}") for path in paths])
    told.deliver([Notification("gone", "http://127.0.0.1:1/secret-token", b"{}")])
    assert told.wait(30)
    # A redirection is not followed: it could lead where no hook may be made for.
    assert Receiver.received == [(path, b"{}") for path in paths]
    assert len([record for record in caplog.records if "could not be told" in record.message]) == 3
    assert "secret-token" not in caplog.text


def test_too_many_that_wait_are_dropped_and_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivery, "MOST_WAITING", 2)
    may_go = threading.Event()
    sent: list[str] = []

    def send(address: str, body: bytes) -> None:
        may_go.wait(30)
        sent.append(address)

    told = Delivery(send)
    told.deliver([Notification("h", str(number), b"") for number in range(5)])
    assert not told.wait(0)
    may_go.set()
    assert told.wait(30)
    assert 2 <= len(sent) <= 3
    assert "was not told" in caplog.text
