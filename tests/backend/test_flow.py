"""Views of registered flows, and of tenants."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from prefect.backend.flow import FlowView
from prefect.backend.tenant import TenantView
from prefect.client.client import Client
from prefect.core.building import task
from prefect.core.flow import Flow
from prefect.run_configs import UniversalRun
from prefect.storage import Module

MISSING = "00000000-0000-4000-8000-000000000404"


def register(name: str = "tiny", project: str = "default", tasks: int = 1) -> str:
    @task
    def one() -> int:
        return 1

    with Flow(name) as flow:
        for _ in range(tasks):
            one()
    flow.storage = Module("a_module")
    flow.storage.add_flow(flow)
    flow.run_config = UniversalRun(labels=["x"])
    client = Client()
    client.create_project(project)
    return client.register(flow, project_name=project, build=False, no_url=True)


def test_a_view_knows_the_flow(database: Path) -> None:
    flow_id = register()
    view = FlowView.from_flow_id(flow_id)
    assert (view.flow_id, view.name, view.project_name, view.archived) == (flow_id, "tiny", "default", False)
    assert isinstance(view.storage, Module)
    assert isinstance(view.run_config, UniversalRun)
    assert view.run_config.labels == {"x"}
    assert [item["slug"] for item in view.serialized_flow["tasks"]] == ["one-1"]
    assert view.core_version
    assert repr(view) == f"FlowView(flow_id='{flow_id}', name='tiny', project_name='default', storage_type=Module)"


def test_the_flow_is_built_again_from_its_registration(database: Path) -> None:
    flow = FlowView.from_flow_id(register(tasks=2)).flow
    assert isinstance(flow, Flow)
    assert sorted(flow.slugs.values()) == ["one-1", "one-2"]


def test_a_view_cannot_be_changed(database: Path) -> None:
    view = FlowView.from_flow_id(register())
    with pytest.raises(FrozenInstanceError):
        view.name = "other"  # type: ignore[misc]


def test_a_flow_is_found_by_its_own_id_or_its_groups(database: Path) -> None:
    register()
    newest = register(tasks=2)
    group = Client().graphql_fast("query { flow_group { id } }")["flow_group"][0]["id"]
    assert FlowView.from_id(newest).flow_id == newest
    assert FlowView.from_id(group).flow_id == newest
    assert FlowView.from_flow_group_id(group).flow_id == newest


def test_a_flow_is_found_by_name_where_that_is_enough(database: Path) -> None:
    first = register(project="one")
    assert FlowView.from_flow_name("tiny").flow_id == first
    second = register(project="two")
    with pytest.raises(ValueError, match=r"Found multiple flows with name 'tiny'.*Provide a `project_name` as well"):
        FlowView.from_flow_name("tiny")
    assert FlowView.from_flow_name("tiny", last_updated=True).flow_id == second
    assert FlowView.from_flow_name("tiny", project_name="one").flow_id == first


def test_flows_that_do_not_exist_are_named(database: Path) -> None:
    register()
    with pytest.raises(ValueError, match=f"No flow found with id '{MISSING}'"):
        FlowView.from_flow_id(MISSING)
    with pytest.raises(ValueError, match=f"No flow group found with id '{MISSING}'"):
        FlowView.from_flow_group_id(MISSING)
    with pytest.raises(ValueError, match=f"No flow or flow group found with id '{MISSING}'"):
        FlowView.from_id(MISSING)
    with pytest.raises(ValueError, match=r"No flow or flow group found with id 'nope'.*no id"):
        FlowView.from_id("nope")
    with pytest.raises(ValueError, match=r"No flow found with name 'nope' in project 'default'.*prefect get flows"):
        FlowView.from_flow_name("nope", project_name="default")


def test_the_current_tenant(database: Path) -> None:
    tenant = TenantView.from_current_tenant()
    assert tenant == TenantView.from_tenant_id(tenant.tenant_id)
    assert repr(tenant) == f"TenantView(tenant_id='{tenant.tenant_id}', name={tenant.name!r}, slug={tenant.slug!r})"
    assert hash(tenant) == hash(TenantView.from_current_tenant())
    with pytest.raises(FrozenInstanceError):
        tenant.name = "x"  # type: ignore[misc]
    with pytest.raises(ValueError, match="No tenant found"):
        TenantView.from_tenant_id(MISSING)
