"""Flows are registered and versioned, archived and deleted; projects and tenants hold them."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from prefect.schedules.clocks import CronClock, IntervalClock
from prefect.serialization.schedule import load_schedule
from prefect.server.identifiers import new_id

if TYPE_CHECKING:
    from tests.server.conftest import Backend

FLOW = (
    "query($id: uuid!) { flow_by_pk(id: $id) { name version archived version_group_id core_version is_schedule_active"
    " description storage schedule run_config parameters serialized_flow flow_group_id project_id"
    " tasks(order_by: {slug: asc}) { id name slug type max_retries retry_delay trigger tags cache_key auto_generated"
    " mapped is_root_task } edges { key mapped upstream_task { slug } downstream_task { slug } } } }"
)
SCHEDULE = {"clocks": [{"type": "IntervalClock", "parameter_defaults": {}}]}


def shown(backend: Backend, flow: str) -> dict[str, Any]:
    found: dict[str, Any] = backend.ask(FLOW, id=flow)["flow_by_pk"]
    return found


def task(slug: str, **values: Any) -> dict[str, Any]:
    return {
        "name": slug,
        "slug": slug,
        "type": "prefect.core.task.Task",
        "tags": ["a"],
        "max_retries": 2,
        "retry_delay": 60,
        "trigger": {"fn": "prefect.triggers.all_successful", "kwargs": {}},
        "cache_key": None,
        "auto_generated": True,
        **values,
    }


def edge(upstream: str, downstream: str, key: str | None = None, mapped: bool = False) -> dict[str, Any]:
    return {"upstream_task": {"slug": upstream}, "downstream_task": {"slug": downstream}, "key": key, "mapped": mapped}


def test_a_flow_is_stored_as_it_came(backend: Backend) -> None:
    flow = backend.flow(tasks=0, name="hello", run_config={"type": "UniversalRun"})
    backend.do("register_tasks", "success", flow_id=flow, serialized_tasks=[task("a"), task("b", retry_delay=0.5)])
    backend.do("register_edges", "success", flow_id=flow, serialized_edges=[edge("a", "b", "x", True)])
    # The client sends one empty batch at the end, and whole batches again when the answer was lost.
    backend.do("register_tasks", "success", flow_id=flow, serialized_tasks=[])
    backend.do("register_edges", "success", flow_id=flow, serialized_edges=[edge("a", "b", "x", True)])
    found = shown(backend, flow)
    assert (found["name"], found["version"], found["archived"], found["core_version"]) == ("hello", 1, False, "1.5.0")
    assert found["storage"] == {"type": "Local"}
    assert found["run_config"] == {"type": "UniversalRun"}
    assert found["serialized_flow"]["name"] == "hello"
    first, second = found["tasks"]
    assert {key: first[key] for key in ("slug", "type", "max_retries", "retry_delay", "trigger", "tags")} == {
        "slug": "a",
        "type": "prefect.core.task.Task",
        "max_retries": 2,
        "retry_delay": "00:01:00",
        "trigger": "prefect.triggers.all_successful",
        "tags": ["a"],
    }
    assert second["retry_delay"] == "00:00:00.5"
    assert first["auto_generated"] is True
    assert first["is_root_task"] is False
    assert (first["mapped"], second["mapped"]) == (False, True)
    assert found["edges"] == [
        {"key": "x", "mapped": True, "upstream_task": {"slug": "a"}, "downstream_task": {"slug": "b"}}
    ]


def test_a_compressed_flow_is_unpacked(backend: Backend) -> None:
    described = {"name": "packed", "tasks": [task("a")], "edges": []}
    packed = base64.b64encode(gzip.compress(json.dumps(described).encode())).decode()
    flow = backend.do("create_flow_from_compressed_string", project_id=backend.project(), serialized_flow=packed)["id"]
    assert shown(backend, flow)["name"] == "packed"


@pytest.mark.parametrize(
    "text",
    ["nonsense!", base64.b64encode(b"no gzip").decode(), base64.b64encode(gzip.compress(b"[1", mtime=0)).decode()],
)
def test_what_cannot_be_unpacked_is_refused(backend: Backend, text: str) -> None:
    error = backend.refused("create_flow_from_compressed_string", project_id=backend.project(), serialized_flow=text)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "serialized_flow" in error["message"]


def test_a_new_version_archives_the_one_before(backend: Backend) -> None:
    project = backend.project()
    first = backend.flow(project)
    planned = backend.run(first, running=False)
    automatic = backend.run(first, running=False)
    with backend.store.transaction() as transaction:
        transaction.execute("UPDATE flow_run SET auto_scheduled = TRUE WHERE id = ?", (automatic,))
    running = backend.run(first)
    second = backend.flow(project)
    assert [shown(backend, flow)["version"] for flow in (first, second)] == [1, 2]
    assert [shown(backend, flow)["archived"] for flow in (first, second)] == [True, False]
    assert shown(backend, first)["flow_group_id"] == shown(backend, second)["flow_group_id"]
    assert shown(backend, first)["version_group_id"] == shown(backend, second)["version_group_id"]
    left = backend.ask("{ flow_run(order_by: {created: asc}) { id state } }")["flow_run"]
    assert left == [{"id": planned, "state": "Cancelled"}, {"id": running, "state": "Running"}]
    # The same name in another project, or another group asked for, begins anew.
    elsewhere = backend.flow(backend.project("elsewhere"))
    assert shown(backend, elsewhere)["version"] == 1
    described = {"name": "flow", "tasks": [], "edges": []}
    apart = backend.do("create_flow", project_id=project, serialized_flow=described, version_group_id="apart")["id"]
    assert shown(backend, apart)["version_group_id"] == "apart"
    assert shown(backend, second)["archived"] is False


def test_the_last_key_of_a_group_gives_the_same_flow(backend: Backend) -> None:
    project = backend.project()
    described = {"name": "flow", "tasks": [], "edges": []}

    def register(key: str | None) -> str:
        flow: str = backend.do("create_flow", project_id=project, serialized_flow=described, idempotency_key=key)["id"]
        return flow

    first = register("a")
    assert register("a") == first
    second = register("b")
    assert second != first
    third = register("a")
    assert third not in (first, second)
    assert shown(backend, third)["version"] == 3
    assert register(None) != third


def test_a_schedule_is_active_when_there_is_one(backend: Backend) -> None:
    project = backend.project()
    assert shown(backend, backend.flow(project, name="none"))["is_schedule_active"] is False
    scheduled = backend.flow(project, name="some", schedule=SCHEDULE)
    assert shown(backend, scheduled)["is_schedule_active"] is True
    backend.do("set_schedule_inactive", "success", flow_id=scheduled)
    assert shown(backend, scheduled)["is_schedule_active"] is False
    backend.do("set_schedule_active", "success", flow_id=scheduled)
    assert shown(backend, scheduled)["is_schedule_active"] is True
    unscheduled = backend.flow(project, name="none")
    assert backend.do("set_schedule_active", "success", flow_id=unscheduled) == {"success": True}
    assert shown(backend, unscheduled)["is_schedule_active"] is False


def test_required_parameters_need_a_default_in_every_clock(backend: Backend) -> None:
    described = {
        "name": "flow",
        "parameters": [{"name": "x", "required": True}],
        "schedule": {"clocks": [{"parameter_defaults": {"x": 1}}, {"parameter_defaults": {}}]},
    }
    project = backend.project()
    error = backend.refused("create_flow", project_id=project, serialized_flow=described)
    assert "required parameters x" in error["message"]
    flow = backend.do("create_flow", project_id=project, serialized_flow=described, set_schedule_active=False)["id"]
    assert "x" in backend.refused("set_schedule_active", "success", flow_id=flow)["message"]


@pytest.mark.parametrize(
    ("described", "says"),
    [
        ({}, "has no name"),
        ({"name": "f", "tasks": [{"name": "no slug"}]}, "has no slug"),
        ({"name": "f", "tasks": [task("a")], "edges": [edge("a", "missing")]}, "'missing'"),
        ({"name": "f", "tasks": 3}, "tasks must be a JSON list"),
        ([], "must be a JSON object"),
    ],
)
def test_a_malformed_flow_leaves_nothing(backend: Backend, described: Any, says: str) -> None:
    error = backend.refused("create_flow", project_id=backend.project(), serialized_flow=described)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert says in error["message"]
    assert backend.ask("{ flow { id } task { id } flow_group { id } }") == {"flow": [], "task": [], "flow_group": []}


def test_an_archived_flow_is_out_of_use(backend: Backend) -> None:
    flow = backend.flow(schedule=SCHEDULE)
    backend.do("archive_flow", "success", flow_id=flow)
    assert shown(backend, flow)["archived"] is True
    assert shown(backend, flow)["is_schedule_active"] is False


def test_a_deleted_flow_takes_its_runs_along(backend: Backend) -> None:
    project = backend.project()
    flow, other = backend.flow(project), backend.flow(project, name="other")
    backend.run(flow)
    kept = backend.run(other)
    backend.do("delete_flow", "success", flow_id=flow)
    assert backend.ask("{ flow { id } flow_run { id } }") == {"flow": [{"id": other}], "flow_run": [{"id": kept}]}
    assert len(backend.ask("{ task { id } }")["task"]) == 2
    backend.do("delete_project", "success", project_id=project)
    assert backend.ask("{ project { id } flow { id } flow_run { id } task_run { id } task { id } }") == {
        "project": [],
        "flow": [],
        "flow_run": [],
        "task_run": [],
        "task": [],
    }


def test_a_deleted_group_takes_every_version_along(backend: Backend) -> None:
    project = backend.project()
    backend.run(backend.flow(project))
    group = shown(backend, backend.flow(project))["flow_group_id"]
    backend.do("delete_flow_group", "success", flow_group_id=group)
    assert backend.ask("{ flow { id } flow_group { id } flow_run { id } }") == {
        "flow": [],
        "flow_group": [],
        "flow_run": [],
    }


def test_a_flow_moves_to_another_project(backend: Backend) -> None:
    flow, elsewhere = backend.flow(), backend.project("elsewhere")
    backend.do("update_flow_project", flow_id=flow, project_id=elsewhere)
    assert shown(backend, flow)["project_id"] == elsewhere
    assert (
        backend.refused("update_flow_project", flow_id=flow, project_id=new_id())["extensions"]["code"] == "NOT_FOUND"
    )


def test_a_group_is_described(backend: Backend) -> None:
    group = shown(backend, backend.flow())["flow_group_id"]
    backend.do("set_flow_group_description", "success", flow_group_id=group, description="what it is for")
    assert backend.ask("{ flow_group { description } }") == {"flow_group": [{"description": "what it is for"}]}
    error = backend.refused("set_flow_group_description", "success", flow_group_id=new_id(), description="x")
    assert error["extensions"]["code"] == "NOT_FOUND"


def test_the_name_of_a_project_is_unique_in_its_tenant(backend: Backend) -> None:
    project = backend.project("one")
    error = backend.refused("create_project", tenant_id=backend.tenant, name="one")
    # The 1.x client looks for these words, quotes included, in the text of the errors.
    assert "'Uniqueness violation.'" in str([error])
    other = backend.do("create_tenant", name="Other", slug="other")["id"]
    assert backend.do("create_project", tenant_id=other, name="one")["id"] != project
    assert "Uniqueness" in backend.refused("create_tenant", name="Other", slug="other")["message"]
    second = backend.project("two")
    assert "Uniqueness" in backend.refused("set_project_name", project_id=second, name="one")["message"]
    assert backend.do("set_project_name", project_id=second, name="three") == {"id": second}
    assert backend.do("set_project_name", project_id=second, name="three") == {"id": second}
    backend.do("set_project_description", project_id=second, description="what it is for")
    found = backend.ask("query($id: uuid!) { project_by_pk(id: $id) { name description } }", id=second)
    assert found["project_by_pk"] == {"name": "three", "description": "what it is for"}
    assert backend.refused("create_project", tenant_id=new_id(), name="x")["extensions"]["code"] == "NOT_FOUND"
    assert backend.refused("delete_project", "success", project_id=new_id())["extensions"]["code"] == "NOT_FOUND"


def test_all_fields_of_a_mutation_happen_together(backend: Backend) -> None:
    tenant = backend.tenant
    reply = backend.reply(
        "mutation($a: create_project_input!, $b: create_project_input!) "
        "{ first: create_project(input: $a) { id } second: create_project(input: $b) { id } }",
        a={"tenant_id": tenant, "name": "same"},
        b={"tenant_id": tenant, "name": "same"},
    )
    assert reply["errors"][0]["path"] == ["second"]
    assert backend.ask("{ project { id } }") == {"project": []}


def test_task_runs_are_made_in_the_order_in_which_they_will_run(backend: Backend) -> None:
    """Those that run one after the other lie side by side in the file, which makes recording them cheaper."""
    edges = [edge("c", "a"), edge("a", "b", "x"), edge("a", "b", "y"), edge("c", "b")]
    flow = backend.flow(tasks=0, name="ordered")
    described = {"name": "ordered", "tasks": [task("a"), task("b"), task("c")], "edges": edges}
    project = shown(backend, flow)["project_id"]
    ordered = backend.do("create_flow", project_id=project, serialized_flow=described)["id"]
    run = backend.run(ordered)
    query = (
        "query($id: uuid!) { task_run(where: {flow_run_id: {_eq: $id}}, order_by: {first_sequence: asc})"
        " { task { slug } } }"
    )
    assert [row["task"]["slug"] for row in backend.ask(query, id=run)["task_run"]] == ["c", "a", "b"]


def test_a_flow_with_a_cycle_is_stored_as_it_came(backend: Backend) -> None:
    described = {"name": "cyclic", "tasks": [task("a"), task("b")], "edges": [edge("a", "b"), edge("b", "a")]}
    flow = backend.do("create_flow", project_id=backend.project(), serialized_flow=described)["id"]
    assert [row["slug"] for row in shown(backend, flow)["tasks"]] == ["a", "b"]


# -- what holds for all versions of a flow -----------------------------------------------------------------------------

GROUP = "query($id: uuid!) { flow_group_by_pk(id: $id) { schedule settings flows { settings } } }"


def group_of(backend: Backend, flow: str) -> str:
    found: str = shown(backend, flow)["flow_group_id"]
    return found


def test_a_schedule_of_the_group_is_written_as_clients_write_one(backend: Backend) -> None:
    flow = backend.flow()
    group = group_of(backend, flow)
    backend.do(
        "set_flow_group_schedule",
        "success",
        flow_group_id=group,
        cron_clocks=[{"cron": "0 9 * * 1-5", "parameter_defaults": {"x": 1}}],
        interval_clocks=[{"interval": 3600}],
        timezone="Europe/Berlin",
    )
    schedule = backend.ask(GROUP, id=group)["flow_group_by_pk"]["schedule"]
    loaded = load_schedule(schedule)
    cron, interval = loaded.clocks
    assert isinstance(cron, CronClock)
    assert isinstance(interval, IntervalClock)
    assert (cron.cron, cron.parameter_defaults) == ("0 9 * * 1-5", {"x": 1})
    assert interval.interval.total_seconds() == 3600
    assert [clock["start_date"]["tz"] for clock in schedule["clocks"]] == ["Europe/Berlin"] * 2
    assert len(loaded.next(3)) == 3
    assert schedule["clocks"][1]["interval"] == 3_600_000_000
    backend.do("set_schedule_active", "success", flow_id=flow)
    assert shown(backend, flow)["is_schedule_active"] is True
    backend.do("delete_flow_group_schedule", "success", flow_group_id=group)
    assert backend.ask(GROUP, id=group)["flow_group_by_pk"]["schedule"] is None


def test_another_schedule_forgets_what_the_former_had_planned(backend: Backend) -> None:
    flow = backend.flow()
    planned, asked = backend.run(flow, running=False), backend.run(flow, running=False)
    with backend.store.transaction() as transaction:
        transaction.execute("UPDATE flow_run SET auto_scheduled = ? WHERE id = ?", (True, planned))
    group = group_of(backend, flow)
    backend.do("set_flow_group_schedule", "success", flow_group_id=group, interval_clocks={"interval": 60})
    assert [row["id"] for row in backend.ask("{ flow_run { id } }")["flow_run"]] == [asked]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"cron_clocks": []},
        {"cron_clocks": [{"cron": "whenever"}]},
        {"interval_clocks": [{"interval": 0}]},
        {"interval_clocks": [{"interval": -60}]},
        {"interval_clocks": [{"interval": 60}], "timezone": "Mars/Olympus"},
        {"interval_clocks": [{"interval": 60}], "timezone": "../../etc/passwd"},
        {"interval_clocks": [{"interval": 60, "parameter_defaults": "[]"}]},
        {"interval_clocks": [{}]},
    ],
)
def test_a_schedule_that_cannot_be_followed_is_refused(backend: Backend, values: dict[str, Any]) -> None:
    group = group_of(backend, backend.flow())
    error = backend.refused("set_flow_group_schedule", "success", flow_group_id=group, **values)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert backend.ask(GROUP, id=group)["flow_group_by_pk"]["schedule"] is None


def test_a_schedule_must_bring_what_the_flow_requires(backend: Backend) -> None:
    flow = backend.flow(parameters=[{"name": "x", "required": True}])
    group = group_of(backend, flow)
    clock = {"interval": 60}
    error = backend.refused("set_flow_group_schedule", "success", flow_group_id=group, interval_clocks=[clock])
    assert "x" in error["message"]
    clocks = [{**clock, "parameter_defaults": {"x": 1}}]
    backend.do("set_flow_group_schedule", "success", flow_group_id=group, interval_clocks=clocks)


@pytest.mark.parametrize("what", ["heartbeat", "lazarus_process"])
def test_what_watches_runs_can_be_turned_off_for_a_flow(backend: Backend, what: str) -> None:
    project = backend.project()
    flow = backend.flow(project)
    backend.flow(project)
    group = group_of(backend, flow)
    setting = f"{what.partition('_')[0]}_enabled"
    for verb, value in (("disable", False), ("enable", True)):
        backend.do(f"{verb}_flow_{what}", "success", flow_id=flow)
        found = backend.ask(GROUP, id=group)["flow_group_by_pk"]
        assert found["settings"][setting] is value
        # Runners of 1.x look at the flow's own settings.
        assert [version["settings"] for version in found["flows"]] == [{setting: value}] * 2
        error = backend.refused(f"{verb}_flow_{what}", "success", flow_id=new_id())
        assert error["extensions"]["code"] == "NOT_FOUND"
    for name in ("set_flow_group_schedule", "delete_flow_group_schedule"):
        values = {"interval_clocks": [{"interval": 60}]} if name.startswith("set") else {}
        error = backend.refused(name, "success", flow_group_id=new_id(), **values)
        assert error["extensions"]["code"] == "NOT_FOUND"
