"""Tenants and key values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from prefect.configuration import config
from prefect.server.catalog import CATALOG
from prefect.server.identifiers import new_id
from prefect.server.operations.keys import begin_session
from prefect.server.over_http import ADDRESS
from prefect.server.services import remove_deleted_runs
from prefect.server.services.automations import act
from tests.server.operations.test_secrets import KEY

if TYPE_CHECKING:
    from tests.server.conftest import Backend

TENANT = "query($id: uuid!) { tenant_by_pk(id: $id) { name slug settings } }"


def test_a_tenant_is_renamed_and_set_up(backend: Backend) -> None:
    tenant = backend.do("create_tenant", name="Team", slug="team")["id"]
    assert backend.do("update_tenant_name", tenant_id=tenant, name="Team A")["id"] == tenant
    assert backend.do("update_tenant_slug", tenant_id=tenant, slug="a")["id"] == tenant
    backend.do("update_tenant_slug", tenant_id=tenant, slug="a")
    backend.do("update_tenant_settings", tenant_id=tenant, settings={"a": 1, "b": 2})
    backend.do("update_tenant_settings", tenant_id=tenant, settings='{"b": null}')
    backend.do("update_tenant_settings", tenant_id=tenant)
    found = backend.ask(TENANT, id=tenant)["tenant_by_pk"]
    assert found == {"name": "Team A", "slug": "a", "settings": {"a": 1, "b": None}}
    assert "Uniqueness violation." in backend.refused("update_tenant_slug", tenant_id=tenant, slug="default")["message"]
    for name, values in (
        ("update_tenant_name", {"name": "x"}),
        ("update_tenant_slug", {"slug": "x"}),
        ("update_tenant_settings", {}),
        ("delete_tenant", {"confirm": True}),
        ("pause_tenant_work_queue", {}),
    ):
        selection = "id" if name.startswith("update") else "success"
        error = backend.refused(name, selection, tenant_id=new_id(), **values)
        assert error["extensions"]["code"] == "NOT_FOUND"


def test_deleting_a_tenant_takes_everything_that_is_its_own_and_nothing_else(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config.server.secrets, "key", KEY)
    other = backend.do("create_tenant", name="Other", slug="other")["id"]
    mine = backend.tenant
    for tenant in (mine, other):
        fill(backend, tenant)
    before = rows(backend, mine)
    assert min(rows(backend, other).values()) > 0
    assert backend.refused("delete_tenant", "success", tenant_id=other, confirm=False)["extensions"]["code"] == (
        "BAD_USER_INPUT"
    )
    backend.do("delete_tenant", "success", tenant_id=other, confirm=True)
    assert remove_deleted_runs(backend.store)
    assert set(rows(backend, other).values()) == {0}
    assert rows(backend, mine) == before
    with backend.store.snapshot() as snapshot:
        assert snapshot.fetch_all("SELECT count(*) FROM api_key_hash") == [(1,)]


def fill(backend: Backend, tenant: str) -> None:
    """A row of everything that a tenant can have."""
    key = backend.do("create_api_key", "key", name="k", default_tenant_id=tenant)["key"]
    headers = {"Authorization": f"Bearer {key}", ADDRESS: "192.0.2.1"}
    with backend.store.transaction() as transaction:
        begin_session(transaction, backend.endpoint.role(headers))

    def do(name: str, selection: str = "id", /, **values: Any) -> Any:
        document = f"mutation($input: {name}_input!) {{ {name}(input: $input) {{ {selection} }} }}"
        reply = backend.reply(document, headers, input=values)
        assert "errors" not in reply, reply
        return reply["data"][name]

    project = do("create_project", tenant_id=tenant, name="p")["id"]
    tasks = [{"slug": slug, "name": slug, "tags": ["t"]} for slug in ("a", "b")]
    edges = [{"upstream_task": {"slug": "a"}, "downstream_task": {"slug": "b"}}]
    schedule = {"clocks": [{"type": "CronClock", "cron": "0 9 * * *"}]}
    described = {"name": "f", "tasks": tasks, "edges": edges, "schedule": schedule}
    flow = do("create_flow", project_id=project, serialized_flow=described)["id"]
    do("create_cloud_hook", tenant_id=tenant, type="PREFECT_MESSAGE", states=["Running"])
    told = {"type": "WEBHOOK", "config": {"url": "https://hooks.invalid/"}}
    do("create_cloud_hook", tenant_id=tenant, states=["Running"], secret="s", **told)
    do("update_task_tag_limit", tag="t", limit=9)
    do("update_flow_concurrency_limit", label="l", limit=9)
    do("set_key_value", key="k", value=1)
    do("set_secret", "success", name="s", value=1)
    config_id = do("create_agent_config", tenant_id=tenant)["id"]
    do("register_agent", type="LocalAgent", agent_config_id=config_id)
    group = backend.reply("{ flow { flow_group_id } }", headers)["data"]["flow"][0]["flow_group_id"]
    trigger = {"type": "STATE_CHANGE", "states": ["Running"]}
    action = {"type": "START_FLOW_RUN", "flow_group_id": group}
    do("create_automation", tenant_id=tenant, name="a", trigger=trigger, actions=[action])
    run = do("create_flow_run", flow_id=flow, labels=["l"])["id"]
    do("set_flow_run_states", "states { status }", states=[{"flow_run_id": run, "state": {"type": "Running"}}])
    found = backend.reply("{ task_run { id } }", headers)["data"]["task_run"][0]["id"]
    do("set_task_run_states", "states { status }", states=[{"task_run_id": found, "state": {"type": "Running"}}])
    do("create_task_run_artifact", task_run_id=found, kind="link", data={})
    do("write_run_logs", "success", logs=[{"flow_run_id": run, "message": "m"}])
    act(backend.store, lambda: datetime.now(UTC))


def rows(backend: Backend, tenant: str) -> dict[str, int]:
    """How many rows each table has of a tenant."""
    found = {}
    with backend.store.snapshot() as snapshot:
        for table in CATALOG.tables.values():
            if table.stored and ("tenant_id" in table.columns or table.name == "tenant"):
                column = "id" if table.name == "tenant" else "tenant_id"
                sql = f"SELECT count(*) FROM {table.name} WHERE {column} = ?"  # noqa: S608
                found[table.name] = snapshot.fetch_all(sql, (tenant,))[0][0]
    return found


# -- key values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None]}, "text", 7, None, [], True, "\U0001f600"])
def test_a_value_is_kept_under_its_key(backend: Backend, value: Any) -> None:
    first = backend.do("set_key_value", key="k", value="before")["id"]
    assert backend.do("set_key_value", key="k", value=value)["id"] == first
    asked = "query($key: String!) { key_value(where: {key: {_eq: $key}}) { key value } }"
    assert backend.ask(asked, key="k")["key_value"] == [{"key": "k", "value": value}]
    assert backend.ask(asked, key="K")["key_value"] == []
    assert backend.do("delete_key_value", "success error", key_value_id=first) == {"success": True, "error": None}
    assert backend.ask(asked, key="k")["key_value"] == []
    assert backend.refused("delete_key_value", "success", key_value_id=first)["extensions"]["code"] == "NOT_FOUND"


def test_a_value_written_into_the_document_is_json_text(backend: Backend) -> None:
    backend.ask('mutation { set_key_value(input: {key: "k", value: "{\\"a\\": [1]}"}) { id } }')
    assert backend.ask('{ key_value { value(path: "$.a[0]") } }') == {"key_value": [{"value": 1}]}
    reply = backend.reply('mutation { set_key_value(input: {key: "k", value: "{"}) { id } }')
    assert reply["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
