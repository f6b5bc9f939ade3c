"""Hooks tell of what happens to flow runs; messages wait for people to read them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from prefect.configuration import config
from prefect.server import services
from prefect.server.errors import BadInput
from prefect.server.identifiers import new_id
from prefect.server.operations import events, templates
from prefect.server.operations.states import rescue_flow_run
from tests.server.operations.test_secrets import KEY

if TYPE_CHECKING:
    from tests.server.conftest import Backend

MESSAGES = "{ message(order_by: {created: asc}) { id read type text content } }"
ADDRESS = "https://example.org/hook?token=1"
# What is shown of it.
SHOWN = "https://example.org/…"


def deliveries(backend: Backend) -> list[dict[str, Any]]:
    asked = "{ hook_delivery(order_by: {id: asc}) { id cloud_hook_id flow_run_id content status attempts last_error } }"
    found: list[dict[str, Any]] = backend.ask(asked)["hook_delivery"]
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
        "config": {"url": SHOWN},
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


def test_a_message_is_left_when_a_run_enters_a_state_or_one_below_it(backend: Backend) -> None:
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
    assert deliveries(backend) == []


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


def test_what_is_to_be_told_is_written_with_the_state(backend: Backend) -> None:
    one = hook(backend, "Success", type="WEBHOOK", config={"url": ADDRESS})
    hook(backend, "Success", type="EMAIL", config={"to": ["a@example.org"]}, template={"title": "{flow.name} is done"})
    run = backend.run(backend.flow(name="etl"), flow_run_name="r")
    assert deliveries(backend) == []
    backend.move_flow_run(run, "Success", attributes={"message": "done"})
    first, second = deliveries(backend)
    assert (first["cloud_hook_id"], first["flow_run_id"]) == (one, run)
    assert (first["status"], first["attempts"], first["last_error"]) == ("waiting", 0, None)
    content = first["content"]
    assert second["content"] == {**content, "title": "etl is done"}
    assert content.pop("timestamp") > "2024"
    known = {name: content[name] for name in ("event", "flow_run_id", "flow_run_name", "flow_name", "state", "text")}
    assert known == {
        "event": "flow_run_state_changed",
        "flow_run_id": run,
        "flow_run_name": "r",
        "flow_name": "etl",
        "state": "Success",
        "text": "The run r of the flow etl is Success: done",
    }
    assert (content["state_message"], content["title"], content["flow_version"]) == ("done", "etl: Success", 1)
    # The address may hold a token: it is not copied.
    assert "token" not in str(content)


FILTERS: list[tuple[dict[str, Any], bool]] = [
    ({"only_final": True}, False),
    ({"labels": ["x"]}, True),
    ({"labels": ["x", "z"]}, False),
    ({"flow_run_name": "night*"}, True),
    ({"flow_run_name": "day*"}, False),
    ({"only_scheduled": True}, False),
    ({}, True),
]


@pytest.mark.parametrize(("given", "tells"), FILTERS)
def test_a_filter_says_of_which_runs(backend: Backend, given: dict[str, Any], tells: bool) -> None:
    hook(backend, "State", run_filter=given)
    backend.run(flow_run_name="nightly", labels=["x", "y"])
    assert len(messages(backend)) == int(tells)


def test_a_filter_of_flows_and_projects(backend: Backend) -> None:
    project = backend.project("mine")
    flow, other = backend.flow(project, name="a"), backend.flow(backend.project("theirs"), name="b")
    group = backend.ask("query($id: uuid!) { flow_by_pk(id: $id) { flow_group_id } }", id=flow)
    hook(backend, "Running", run_filter={"flow_group_ids": [group["flow_by_pk"]["flow_group_id"]]}, name="of the flow")
    hook(
        backend, "Running", run_filter={"project_ids": [project]}, template={"text": "{project.name} {{x}} {flow.name}"}
    )
    for one in (flow, other):
        backend.run(one, flow_run_name="r")
    assert messages(backend) == ["The run r of the flow a is Running: now Running", "mine {x} a"]


@pytest.mark.parametrize(
    "values",
    [
        {"template": {"text": "{flow_run.__class__}"}},
        {"template": {"text": "{flow_run.name.upper}"}},
        {"template": {"text": "{0}"}},
        {"template": {"text": "{flow_run.name!r}"}},
        {"template": {"text": "{flow_run.name:>10}"}},
        {"template": {"title": "{"}},
        {"template": {"title": "}"}},
        {"template": {"text": "x" * 10_001}},
        {"run_filter": {"labels": []}},
        {"run_filter": {"flow_run_name": "x" * 201}},
        {"type": "EMAIL"},
        {"type": "EMAIL", "config": {"to": []}},
        {"type": "EMAIL", "config": {"to": ["a@b.org\nBcc: c@d.org"]}},
        {"type": "WEBHOOK", "config": {"url": "https://user:password@example.org"}},
        {"type": "WEBHOOK", "config": {"url": "https://example.org:port"}},
        {"type": "WEBHOOK", "config": {"url": SHOWN}},
    ],
)
def test_a_hook_that_cannot_be_carried_out_is_refused(backend: Backend, values: dict[str, Any]) -> None:
    given = {"type": "PREFECT_MESSAGE", "states": ["Failed"], **values}
    error = backend.refused("create_cloud_hook", tenant_id=backend.tenant, **given)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_what_is_filled_in_is_not_filled_in_again(backend: Backend) -> None:
    hook(backend, "Running", template={"text": "{flow_run.name}"})
    backend.run(flow_run_name="{flow.id}{{")
    assert messages(backend) == ["{flow.id}{{"]


def test_a_hook_is_changed_in_part(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config.server.secrets, "key", KEY)
    made = hook(backend, "Failed", name="h", type="WEBHOOK", config={"url": ADDRESS}, secret="s3cret")
    asked = "query($id: uuid!) { cloud_hook_by_pk(id: $id) { name states config run_filter template } }"
    backend.do("update_cloud_hook", cloud_hook_id=made, states=["Success"], run_filter={"labels": ["x"]})
    assert backend.ask(asked, id=made)["cloud_hook_by_pk"] == {
        "name": "h",
        "states": ["Success"],
        "config": {"url": SHOWN},
        "run_filter": {"labels": ["x"]},
        "template": None,
    }
    with backend.store.snapshot() as snapshot:
        ((sealed,),) = snapshot.fetch_all("SELECT sealed FROM cloud_hook_secret")
    assert "s3cret" not in sealed
    backend.do("update_cloud_hook", cloud_hook_id=made, secret="")
    with backend.store.snapshot() as snapshot:
        assert snapshot.fetch_all("SELECT sealed FROM cloud_hook_secret") == []
    assert backend.refused("update_cloud_hook", cloud_hook_id=new_id())["extensions"]["code"] == "NOT_FOUND"
    error = backend.refused("update_cloud_hook", cloud_hook_id=made, config={"url": "ftp://x"})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def configs(backend: Backend) -> list[Any]:
    """What the database keeps of whom hooks tell, whole."""
    with backend.store.snapshot() as snapshot:
        return [
            json.loads(row[0]) for row in snapshot.fetch_all("SELECT config FROM cloud_hook_config ORDER BY config")
        ]


@pytest.mark.parametrize(
    ("kind", "given", "shown"),
    [
        ("SLACK_WEBHOOK", {"url": "https://hooks.slack.com/services/T0/B0/key"}, {"url": "https://hooks.slack.com/…"}),
        ("WEBHOOK", {"url": "HTTP://h.example:8443?key=1"}, {"url": "HTTP://h.example:8443/…"}),
        ("WEBHOOK", {"url": " https://h.example#key"}, {"url": "https://h.example/…"}),
        ("WEBHOOK", {"url": "https://h.example\\key"}, {"url": "https://h.example/…"}),
        ("WEBHOOK", {"url": "https://h.example", "headers": {"token": "key"}}, {"url": "https://h.example/…"}),
        ("EMAIL", {"to": ["a@example.org"], "password": "key"}, {"to": ["a@example.org"]}),
        ("PREFECT_MESSAGE", {"key": "key"}, {}),
    ],
)
def test_nobody_reads_what_may_be_secret_in_a_config(
    backend: Backend, kind: str, given: dict[str, Any], shown: dict[str, Any]
) -> None:
    made = hook(backend, "Failed", type=kind, config=given)
    asked = "query($id: uuid!) { cloud_hook_by_pk(id: $id) { config } }"
    assert backend.ask(asked, id=made)["cloud_hook_by_pk"] == {"config": shown}
    assert configs(backend) == [given]
    backend.do("delete_cloud_hook", "success", cloud_hook_id=made)
    assert configs(backend) == []


def test_an_address_cannot_be_guessed_by_filters_either(backend: Backend) -> None:
    hook(backend, "Failed", type="WEBHOOK", config={"url": ADDRESS})
    contains = "query($c: jsonb!) { cloud_hook(where: {config: {_contains: $c}}) { id } }"
    assert backend.ask(contains, c={"url": ADDRESS}) == {"cloud_hook": []}
    assert len(backend.ask(contains, c={"url": SHOWN})["cloud_hook"]) == 1
    for asked in ("cloud_hook_config { config }", "cloud_hook { secret }"):
        assert "errors" in backend.reply(f"{{ {asked} }}")


def test_whom_a_hook_tells_is_changed_whole_and_never_to_what_is_shown(backend: Backend) -> None:
    made = hook(backend, "Failed", type="WEBHOOK", config={"url": ADDRESS})
    backend.do("update_cloud_hook", cloud_hook_id=made, name="only the name")
    assert configs(backend) == [{"url": ADDRESS}]
    error = backend.refused("update_cloud_hook", cloud_hook_id=made, config={"url": SHOWN})
    assert "as it is shown" in error["message"]
    assert configs(backend) == [{"url": ADDRESS}]
    backend.do("update_cloud_hook", cloud_hook_id=made, config={"url": "https://other.example/key"})
    assert configs(backend) == [{"url": "https://other.example/key"}]
    assert backend.ask("{ cloud_hook { config } }") == {"cloud_hook": [{"config": {"url": "https://other.example/…"}}]}


def test_of_which_flow_a_hook_tells_is_changed(backend: Backend) -> None:
    project = backend.project()
    flow, other = backend.flow(project, name="a"), backend.flow(project, name="b")
    groups = {row["name"]: row["version_group_id"] for row in backend.ask("{ flow { name version_group_id } }")["flow"]}
    made = hook(backend, "Running", version_group_id=groups["a"])
    backend.do("update_cloud_hook", cloud_hook_id=made, version_group_id=groups["b"])
    backend.do("update_cloud_hook", cloud_hook_id=made, name="h")
    backend.run(flow)
    assert messages(backend) == []
    backend.run(other)
    assert len(messages(backend)) == 1
    backend.do("update_cloud_hook", cloud_hook_id=made, version_group_id="")
    assert backend.ask("{ cloud_hook { version_group_id } }") == {"cloud_hook": [{"version_group_id": None}]}
    backend.run(flow)
    assert len(messages(backend)) == 2


def test_what_waits_to_be_told_by_a_deleted_hook_is_given_up(backend: Backend) -> None:
    made = hook(backend, "Running", type="WEBHOOK", config={"url": ADDRESS})
    backend.run()
    backend.do("delete_cloud_hook", "success", cloud_hook_id=made)
    (found,) = deliveries(backend)
    assert (found["status"], found["last_error"]) == ("given up", "The hook was deleted.")


def test_cancelling_and_rescuing_are_told_too(backend: Backend) -> None:
    hook(backend, "Cancelled", "Failed")
    flow = backend.flow()
    waiting, run = (backend.run(flow, running=False) for _ in range(2))
    backend.do("cancel_flow_run", "state", flow_run_id=waiting)
    backend.move_flow_run(run, "Running", owner={"host": "h", "pid": 1, "started": "s"})
    with backend.store.transaction() as transaction:
        assert rescue_flow_run(transaction, run)
    assert [text.partition(" is ")[2].partition(":")[0] for text in messages(backend)] == ["Cancelled", "Failed"]


def test_a_test_tells_of_a_run_that_there_may_not_be(backend: Backend) -> None:
    made = hook(backend, "Failed", type="WEBHOOK", config={"url": ADDRESS})
    backend.do("test_cloud_hook", "success", cloud_hook_id=made)
    run = backend.run(backend.flow(name="etl"), flow_run_name="r")
    backend.do("test_cloud_hook", "success", cloud_hook_id=made, flow_run_id=run, state_type="RUNNING")
    told = [one["content"] for one in deliveries(backend)]
    assert [(body["flow_run_id"], body["state"]) for body in told] == [(None, "Success"), (run, "Running")]
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


def test_what_a_run_says_means_nothing_to_slack(backend: Backend) -> None:
    """Else a name or a message could call a whole channel, or show a link that leads elsewhere."""
    template = {"text": "<https://page.example.org|Look>: {flow_run.state_message} ({text})"}
    hook(backend, "Failed", type="SLACK_WEBHOOK", config={"url": ADDRESS}, template=template)
    hook(backend, "Failed", type="WEBHOOK", config={"url": ADDRESS})
    run = backend.run(backend.flow(name="<!here>"), flow_run_name="r & d")
    backend.move_flow_run(run, "Failed", attributes={"message": "<!channel> <https://evil.example|page>"})
    slack, plain = (one["content"] for one in deliveries(backend))
    said = "&lt;!channel&gt; &lt;https://evil.example|page&gt;"
    assert slack["text"] == (
        f"<https://page.example.org|Look>: {said} (The run r &amp; d of the flow &lt;!here&gt; is Failed: {said})"
    )
    assert slack["state_message"] == plain["state_message"] == "<!channel> <https://evil.example|page>"
    assert plain["text"].endswith("is Failed: <!channel> <https://evil.example|page>")


def test_messages_are_kept_for_a_time(backend: Backend) -> None:
    hook(backend, "Failed")
    backend.move_flow_run(backend.run(), "Failed")
    later = datetime.now(UTC)
    services.forget_messages(backend.store, 90, later + timedelta(days=89))
    services.forget_messages(backend.store, 0, later + timedelta(days=9999))
    assert len(messages(backend)) == 1
    services.forget_messages(backend.store, 90, later + timedelta(days=91))
    assert messages(backend) == []


def test_however_long_a_message_is_what_is_told_is_not(backend: Backend) -> None:
    template = {"text": "{text}" * 1500, "title": "{text}" * 1500}
    hook(backend, "Failed", type="WEBHOOK", config={"url": ADDRESS}, template=template)
    hook(backend, "Failed", template=template)
    run = backend.run(backend.flow(name="f"), flow_run_name="r")
    backend.move_flow_run(run, "Failed", attributes={"message": "x" * 1_000_000})
    (told,) = deliveries(backend)
    assert len(json.dumps(told["content"])) < 100_000
    assert told["content"]["state_message"] == "x" * events.LONGEST_MESSAGE + "..."
    assert len(told["content"]["text"]) == templates.LONGEST_FILLED
    (message,) = messages(backend)
    assert len(message) == templates.LONGEST_FILLED


def test_fields_are_filled_in_up_to_a_bound() -> None:
    event = {"text": "ab" * 10_000}
    assert templates.fill("{text}-{text}-{text}", event) == ("ab" * 10_000 + "-" + "ab" * 10_000)[:40_000]
    value = {"a": ["{text}"] * 40}
    assert len(templates.fill_all(value, event)["a"]) == 40
    with pytest.raises(BadInput, match="1,000,000 characters"):
        templates.fill_all({"a": ["{text}"] * 51}, event)
