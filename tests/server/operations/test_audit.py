"""Who changed what is written down with the change itself, without anything that is secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prefect.configuration import config
from prefect.server import services
from prefect.server.catalog import Level, Role
from prefect.server.errors import DiskFull
from prefect.server.identifiers import new_id
from prefect.server.operations import OPERATIONS, audit
from prefect.server.over_http import ADDRESS
from prefect.server.store.interface import Transaction
from tests.server.conftest import Backend, mutation
from tests.server.operations.test_secrets import KEY

Json = dict[str, Any]
ALL = (
    "{ audit(order_by: {created: asc}) { tenant_id who key_id key_name role agent_id operation ids input outcome"
    " address user_agent core_version } }"
)


def rows(backend: Backend) -> list[Json]:
    found: list[Json] = backend.ask(ALL)["audit"]
    return found


class Person:
    """Somebody with a key, on another machine."""

    def __init__(self, backend: Backend, name: str = "Ada", role: str = "user") -> None:
        self.backend = backend
        made = backend.do("create_api_key", "id key", name=name, role=role)
        self.key_id, self.key = made["id"], made["key"]
        self.headers = {
            "authorization": f"Bearer {self.key}",
            "user-agent": "curl/8",
            "x-prefect-core-version": "1.4.1",
            ADDRESS: "192.0.2.7",
        }

    def do(self, name: str, selection: str = "__typename", /, **values: Any) -> Json:
        return self.backend.reply(mutation(name, selection), self.headers, input=values)


def test_who_what_when_and_from_where(backend: Backend) -> None:
    ada = Person(backend)
    before = datetime.now(UTC)
    made = ada.do("create_project", "id", tenant_id=backend.tenant, name="p", description="d")["data"]
    (row,) = rows(backend)
    assert row == {
        "tenant_id": backend.tenant,
        "who": f"key Ada ({ada.key_id})",
        "key_id": ada.key_id,
        "key_name": "Ada",
        "role": "user",
        "agent_id": None,
        "operation": "create_project",
        "ids": {"tenant_id": backend.tenant},
        "input": {"name": "p", "description": "d"},
        "outcome": "success",
        "address": "192.0.2.7",
        "user_agent": "curl/8",
        "core_version": "1.4.1",
    }
    (when,) = backend.ask("{ audit { created } }")["audit"]
    assert before <= datetime.fromisoformat(when["created"]) <= datetime.now(UTC)
    ada.do("delete_project", project_id=made["create_project"]["id"])
    # What it was about is found although it is gone.
    assert rows(backend)[-1]["ids"] == {"project_id": made["create_project"]["id"]}
    assert rows(backend)[-1]["tenant_id"] == backend.tenant


def test_who_needs_no_key_is_somebody_of_this_machine(backend: Backend) -> None:
    other = backend.do("create_tenant", name="Other", slug="other")["id"]
    backend.reply(mutation("create_project", "id"), {ADDRESS: "127.0.0.1"}, input={"tenant_id": other, "name": "p"})
    (row,) = rows(backend)
    assert (row["who"], row["role"], row["key_id"], row["tenant_id"]) == ("local", "admin", None, other)


def test_the_first_tenant_is_made_on_record_as_well(backend: Backend) -> None:
    backend.do("delete_tenant", "success", tenant_id=backend.tenant, confirm=True)
    reply = backend.reply(mutation("create_tenant", "id"), {ADDRESS: "127.0.0.1"}, input={"name": "T", "slug": "t"})
    assert "errors" not in reply, reply
    (row,) = rows(backend)
    assert (row["operation"], row["tenant_id"], row["input"]) == ("create_tenant", None, {"name": "T", "slug": "t"})


def test_an_agent_is_named(backend: Backend) -> None:
    agent = new_id()
    headers = {ADDRESS: "127.0.0.1", "x-prefect-agent-id": agent}
    backend.reply(mutation("set_key_value", "id"), headers, input={"key": "k", "value": 1})
    (row,) = rows(backend)
    assert (row["who"], row["agent_id"]) == (f"agent {agent}", agent)


def test_a_program_that_uses_the_database_itself_is_not_written_down(backend: Backend) -> None:
    backend.project()
    assert rows(backend) == []


def test_what_is_refused_is_written_down_too(backend: Backend) -> None:
    viewer = Person(backend, "Viewer", "read-only")
    viewer.do("set_key_value", key="k", value=1)
    viewer.do("create_api_key", name="more", role="admin")
    Person(backend).do("delete_key_value", key_value_id=new_id())
    assert [(row["key_name"], row["operation"], row["outcome"]) for row in rows(backend)] == [
        ("Viewer", "set_key_value", "FORBIDDEN"),
        ("Viewer", "create_api_key", "FORBIDDEN"),
        ("Ada", "delete_key_value", "NOT_FOUND"),
    ]
    assert backend.ask("{ key_value { id } }") == {"key_value": []}


def test_of_several_mutations_each_is_written_down_or_none(backend: Backend) -> None:
    ada = Person(backend)
    set_ = 'set_key_value(input: {key: "%s", value: "1"}) { id }'
    backend.reply(f"mutation {{ a: {set_ % 'a'} b: {set_ % 'b'} }}", ada.headers)
    assert [row["input"]["key"] for row in rows(backend)] == ["a", "b"]
    missing = f'delete_key_value(input: {{key_value_id: "{new_id()}"}}) {{ success }}'
    backend.reply(f"mutation {{ a: {set_ % 'c'} b: {missing} }}", ada.headers)
    assert [row["outcome"] for row in rows(backend)] == ["success", "success", "NOT_FOUND"]
    assert len(backend.ask("{ key_value { id } }")["key_value"]) == 2


def test_what_cannot_be_written_down_is_not_done(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(transaction: Transaction, *given: Any) -> None:
        raise DiskFull("There is no room left.")

    ada = Person(backend)
    monkeypatch.setattr(audit, "record", full)
    assert ada.do("set_key_value", key="k", value=1)["errors"][0]["extensions"]["code"] == "DATABASE_ERROR"
    assert backend.ask("{ key_value { id } }") == {"key_value": []}


def test_nothing_secret_is_written_down(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config.server.secrets, "key", KEY)
    ada = Person(backend, role="admin")
    secret = "geheim-Xy7"
    project = ada.do("create_project", "id", tenant_id=backend.tenant, name="p")["data"]["create_project"]["id"]
    config_id = ada.do("create_agent_config", "id", tenant_id=backend.tenant)["data"]["create_agent_config"]["id"]
    flow = {"name": "f", "tasks": [], "storage": {"secret": secret}}
    flow_id = ada.do("create_flow", "id", project_id=project, serialized_flow=flow)["data"]["create_flow"]["id"]
    for name, given in (
        ("set_secret", {"name": "s", "value": secret}),
        ("set_key_value", {"key": "k", "value": {"a": secret}}),
        ("create_cloud_hook", {"type": "WEBHOOK", "states": ["Failed"], "config": {"url": f"https://h/{secret}"}}),
        ("create_flow_run", {"flow_id": flow_id, "parameters": {}, "context": {"a": secret}}),
        ("create_flow_run", {"flow_id": flow_id, "run_config": {"env": {"TOKEN": secret}}}),
        ("update_agent_config", {"agent_config_id": config_id, "settings": {"a": secret}}),
        ("update_tenant_settings", {"tenant_id": backend.tenant, "settings": {"a": secret}}),
        ("create_project", {"tenant_id": backend.tenant, "name": f"oops {ada.key}"}),
        ("create_api_key", {"name": ada.key}),
    ):
        if name == "create_cloud_hook":
            given = {**given, "tenant_id": backend.tenant}
        reply = ada.do(name, **given)
        assert "errors" not in reply, (name, reply)
    made = ada.do("create_api_key", "key", name="new")["data"]["create_api_key"]["key"]
    written = json.dumps(rows(backend))
    assert len(rows(backend)) == 13
    for word in (secret, ada.key, made, ada.key[40:], made[40:]):
        assert word not in written
    assert "oops (key)" in written


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_of_every_input_nothing_is_kept_that_may_hold_anything(name: str) -> None:
    """Whatever a mutation is given as JSON, a list of objects or a long text is not in the record."""
    import msgspec

    operation = OPERATIONS[name]
    word = "W" * 1000
    filled = {
        field.name: word if field.type is str else {"a": word} for field in msgspec.structs.fields(operation.input_type)
    }
    given = operation.input_type(**filled)
    assert word not in json.dumps(audit.kept_of(operation, given) | audit.named_in(operation, given))


def test_what_runs_report_all_day_is_told_by_their_history(backend: Backend) -> None:
    run = backend.run(running=False)
    ada = Person(backend)
    agent = new_id()
    states = "set_flow_run_states"
    for version, (state, more, headers) in enumerate(
        (
            ("Submitted", {}, {**ada.headers, "x-prefect-agent-id": agent}),
            ("Running", {"timestamp": "2030-01-01T00:00:00Z"}, ada.headers),
            ("Failed", {}, ada.headers),
        ),
        1,
    ):
        proposal = {"flow_run_id": run, "version": version, "state": {"type": state}, **more}
        reply = backend.reply(mutation(states, "states { status }"), headers, input={"states": [proposal]})
        assert "errors" not in reply, reply
    assert rows(backend) == []
    asked = (
        "query($id: uuid!) { flow_run_state(where: {flow_run_id: {_eq: $id}}, order_by: {version: asc}) { set_by } }"
    )
    found = backend.ask(asked, id=run)["flow_run_state"]
    # Made by a program with the file; an agent; the process of the run, with its clock; somebody.
    assert [row["set_by"] for row in found] == [None, f"agent {agent}", None, f"key Ada ({ada.key_id})"]


def test_who_cancelled_a_run_stands_in_its_history_and_that_of_its_tasks(backend: Backend) -> None:
    run = backend.run()
    ada = Person(backend)
    ada.do("cancel_flow_run", flow_run_id=run)
    who = f"key Ada ({ada.key_id})"
    proposal = {"flow_run_id": run, "version": 3, "state": {"type": "Cancelled"}}
    backend.reply(mutation("set_flow_run_states", "states { status }"), ada.headers, input={"states": [proposal]})
    asked = (
        "query($id: uuid!) { flow_run_state(where: {flow_run_id: {_eq: $id}}) { state set_by }"
        " task_run_state(where: {flow_run_id: {_eq: $id}}) { state set_by } }"
    )
    found = backend.ask(asked, id=run)
    assert {(row["state"], row["set_by"]) for row in found["flow_run_state"]} >= {
        ("Cancelling", who),
        ("Cancelled", who),
    }
    assert {row["set_by"] for row in found["task_run_state"] if row["state"] == "Cancelled"} == {who}
    assert [row["operation"] for row in rows(backend)] == ["cancel_flow_run"]


def test_an_audit_is_of_its_tenant_and_for_its_administrators(backend: Backend) -> None:
    other = backend.do("create_tenant", name="Other", slug="other")["id"]
    Person(backend).do("set_key_value", key="k", value=1)
    endpoint = backend.endpoint
    for role, seen in (
        (Role(backend.tenant, None, Level.ADMIN), 1),
        (Role(other, None, Level.ADMIN), 0),
    ):
        assert len(json.loads(endpoint.answer("{ audit { id } }", role=role))["data"]["audit"]) == seen


def test_it_is_kept_for_a_time(backend: Backend) -> None:
    Person(backend).do("set_key_value", key="k", value=1)
    now = datetime.now(UTC)
    services.forget_audit(backend.store, 30, now + timedelta(days=29))
    services.forget_audit(backend.store, 0, now + timedelta(days=9999))
    assert len(rows(backend)) == 1
    services.forget_audit(backend.store, 30, now + timedelta(days=31))
    assert rows(backend) == []
    services.forget_audit(backend.store, 30, now)
