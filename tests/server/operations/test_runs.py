"""Runs begin with their task runs, are found again, named and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from prefect.server.identifiers import new_id

if TYPE_CHECKING:
    from tests.server.conftest import Backend

CHILDREN = "task_runs { id version map_index state serialized_state }"


def parameter(name: str, **values: Any) -> dict[str, Any]:
    return {"name": name, "slug": name, "required": False, "default": None, **values}


def test_a_run_has_a_waiting_task_run_for_each_task_in_order(backend: Backend) -> None:
    run = backend.run(backend.flow(tasks=5), running=False)
    slugs = backend.ask(
        "query($id: uuid!) { task_run(where: {flow_run_id: {_eq: $id}}, order_by: {first_sequence: asc})"
        " { task { slug } map_index } }",
        id=run,
    )["task_run"]
    assert slugs == [{"task": {"slug": f"task-{number}"}, "map_index": -1} for number in range(5)]
    assert backend.history(run) == [(1, "Scheduled"), *((number, "Pending") for number in range(2, 7))]
    assert backend.flow_run(run)["sequence"] == 6


def test_a_name_is_made_of_two_words_unless_one_is_given(backend: Backend) -> None:
    flow = backend.flow()
    assert len(backend.flow_run(backend.run(flow))["name"].split("-")) == 2
    assert backend.flow_run(backend.run(flow, flow_run_name="mine"))["name"] == "mine"


def test_the_same_key_gives_the_same_run_of_a_flow(backend: Backend) -> None:
    project = backend.project()
    flow, other = backend.flow(project), backend.flow(project, name="other")
    first = backend.run(flow, idempotency_key="key", parameters={"x": 1})
    assert backend.run(flow, running=False, idempotency_key="key", parameters={"x": 2}) == first
    assert backend.flow_run(first)["parameters"] == {"x": 1}
    assert backend.run(other, idempotency_key="key") != first
    assert backend.run(flow) != backend.run(flow)


def test_parameters_come_from_the_flow_its_group_and_the_caller(backend: Backend) -> None:
    declared = [parameter("a", default=1), parameter("b", default=2), parameter("falsy", default=0)]
    flow = backend.flow(parameters=declared)
    group = backend.ask("{ flow_group { id } }")["flow_group"][0]["id"]
    backend.do("set_flow_group_default_parameters", "success", flow_group_id=group, parameters={"b": 3, "c": 4})
    run = backend.run(flow, parameters={"c": 5})
    assert backend.flow_run(run)["parameters"] == {"a": 1, "b": 3, "c": 5}


def test_a_missing_required_parameter_is_named(backend: Backend) -> None:
    flow = backend.flow(parameters=[parameter("x", required=True)])
    error = backend.refused("create_flow_run", flow_id=flow)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "required parameters x" in error["message"]
    assert backend.ask("{ flow_run { id } }") == {"flow_run": []}
    assert backend.run(flow, parameters={"x": None})


def test_labels_are_the_first_that_anybody_gives(backend: Backend) -> None:
    project = backend.project()
    flow = backend.flow(project, run_config={"type": "UniversalRun", "labels": ["flow"]})
    assert backend.flow_run(backend.run(flow))["labels"] == ["flow"]
    group = backend.ask("{ flow_group { id } }")["flow_group"][0]["id"]
    backend.do("set_flow_group_run_config", "success", flow_group_id=group, run_config={"labels": ["group config"]})
    assert backend.flow_run(backend.run(flow))["labels"] == ["group config"]
    backend.do("set_flow_group_labels", "success", flow_group_id=group, labels=["group"])
    assert backend.flow_run(backend.run(flow))["labels"] == ["group"]
    given = {"type": "LocalRun", "labels": ["given config"]}
    assert backend.flow_run(backend.run(flow, run_config=given))["labels"] == ["given config"]
    assert backend.flow_run(backend.run(flow, run_config=given))["run_config"] == given
    assert backend.flow_run(backend.run(flow, run_config=given, labels=["b", "a"]))["labels"] == ["a", "b"]
    assert backend.flow_run(backend.run(flow, run_config=given, labels=[]))["labels"] == []


def test_a_run_can_be_asked_for_by_version_group(backend: Backend) -> None:
    project = backend.project()
    first = backend.flow(project)
    group = backend.ask("{ flow { version_group_id } }")["flow"][0]["version_group_id"]
    second = backend.flow(project)
    run = backend.do("create_flow_run", version_group_id=group)["id"]
    assert backend.flow_run(run)["flow_id"] == second
    error = backend.refused("create_flow_run", flow_id=first)
    assert "archived" in error["message"]
    assert backend.refused("create_flow_run", version_group_id="none")["extensions"]["code"] == "NOT_FOUND"
    assert backend.refused("create_flow_run")["extensions"]["code"] == "BAD_USER_INPUT"
    assert backend.refused("create_flow_run", flow_id=new_id())["extensions"]["code"] == "NOT_FOUND"


def test_the_start_of_a_run_can_be_chosen(backend: Backend) -> None:
    run = backend.run(running=False, scheduled_start_time="2030-01-01T01:00:00+01:00", context={"a": 1})
    flow_run = backend.flow_run(run)
    assert flow_run["scheduled_start_time"] == "2030-01-01T00:00:00+00:00"
    assert flow_run["serialized_state"]["start_time"] == "2030-01-01T00:00:00+00:00"
    assert flow_run["context"] == {"a": 1}


def test_a_task_run_is_found_or_made(backend: Backend) -> None:
    run = backend.run()
    task_run = backend.task_runs(run)[0]
    where = {"flow_run_id": run, "task_id": task_run["task_id"]}
    selection = "id version state serialized_state"
    for map_index in (None, -1):
        found = backend.do("get_or_create_task_run_info", selection, **where, map_index=map_index)
        assert found == {key: task_run[key] for key in ("id", "version", "state", "serialized_state")}
    child = backend.do("get_or_create_task_run", **where, map_index=3)["id"]
    assert backend.do("get_or_create_task_run_info", "id version state", **where, map_index=3) == {
        "id": child,
        "version": 1,
        "state": "Pending",
    }
    assert len(backend.task_runs(run)) == 3
    assert backend.flow_run(run)["sequence"] == 5
    info = backend.ask("query($id: UUID!) { get_task_run_info(task_run_id: $id) { id state version } }", id=child)
    assert info["get_task_run_info"] == {"id": child, "state": "Pending", "version": 1}


def test_a_task_of_another_flow_has_no_task_run_here(backend: Backend) -> None:
    project = backend.project()
    run, other = backend.run(backend.flow(project)), backend.run(backend.flow(project, name="other"))
    theirs = backend.task_runs(other)[0]["task_id"]
    for name in ("get_or_create_task_run", "get_or_create_task_run_info"):
        error = backend.refused(name, flow_run_id=run, task_id=theirs)
        assert error["extensions"]["code"] == "NOT_FOUND"
    error = backend.refused("get_or_create_task_run", flow_run_id=new_id(), task_id=theirs)
    assert error["extensions"]["code"] == "NOT_FOUND"


def test_the_children_of_a_mapped_task_are_made_together(backend: Backend) -> None:
    run = backend.run()
    task = backend.task_runs(run)[0]["task_id"]
    before = backend.flow_run(run)["sequence"]
    third = backend.do("get_or_create_task_run", flow_run_id=run, task_id=task, map_index=2)["id"]
    backend.move_task_run(third, "Running")
    where = {"flow_run_id": run, "task_id": task}
    children = backend.do("get_or_create_mapped_task_runs", CHILDREN, **where, count=5)["task_runs"]
    assert [child["map_index"] for child in children] == [0, 1, 2, 3, 4]
    assert [child["version"] for child in children] == [1, 1, 2, 1, 1]
    assert children[2]["id"] == third
    assert children[0]["serialized_state"] == {"type": "Pending", "message": "Task run created"}
    again = backend.do("get_or_create_mapped_task_runs", CHILDREN, **where, count=5)["task_runs"]
    assert again == children
    assert backend.flow_run(run)["sequence"] == before + 6
    fewer = backend.do("get_or_create_mapped_task_runs", CHILDREN, **where, count=2)["task_runs"]
    assert fewer == children[:2]
    none = backend.do("get_or_create_mapped_task_runs", CHILDREN, **where, count=0)
    assert none == {"task_runs": []}
    error = backend.refused("get_or_create_mapped_task_runs", CHILDREN, **where, count=-1)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    counts = backend.ask(
        "query($id: UUID!) { mapped_children(task_run_id: $id) { state_counts min_start_time max_end_time } }", id=third
    )["mapped_children"]
    assert counts["state_counts"] == {"Pending": 4, "Running": 1}
    assert counts["min_start_time"] is not None
    assert counts["max_end_time"] is None


def test_names_labels_and_heartbeats_are_set(backend: Backend) -> None:
    run = backend.run(running=False)
    task_run = backend.task_runs(run)[0]["id"]
    backend.do("set_flow_run_name", "success", flow_run_id=run, name="renamed")
    backend.do("set_flow_run_labels", "success", flow_run_id=run, labels=["b", "a"])
    backend.do("update_flow_run_heartbeat", "success", flow_run_id=run)
    backend.do("set_task_run_name", "success", task_run_id=task_run, name="renamed too")
    backend.do("update_task_run_heartbeat", "success", task_run_id=task_run)
    flow_run = backend.flow_run(run)
    assert (flow_run["name"], flow_run["labels"]) == ("renamed", ["a", "b"])
    assert flow_run["heartbeat"] is not None
    assert flow_run["version"] == 1
    assert backend.task_runs(run)[0]["heartbeat"] is not None


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("set_flow_run_name", {"name": "x"}),
        ("set_flow_run_labels", {"labels": []}),
        ("update_flow_run_heartbeat", {}),
        ("delete_flow_run", {}),
    ],
)
def test_a_run_that_does_not_exist_is_named(backend: Backend, name: str, values: dict[str, Any]) -> None:
    missing = new_id()
    error = backend.refused(name, "success", flow_run_id=missing, **values)
    assert error["extensions"] == {"code": "NOT_FOUND", "id": missing}
    assert missing in error["message"]
    assert error["path"] == [name]


def test_a_deleted_run_is_gone_at_once_with_all_that_hung_from_it(backend: Backend) -> None:
    flow = backend.flow()
    run, other = backend.run(flow), backend.run(flow)
    task_run = backend.task_runs(run)[0]["id"]
    backend.do("write_run_logs", "success", logs=[{"flow_run_id": run, "message": "hello"}])
    backend.do("create_task_run_artifact", task_run_id=task_run, kind="markdown", data={"markdown": "#"})
    backend.do("delete_flow_run", "success", flow_run_id=run)
    left = {
        "flow_run": (1,),
        "task_run": (2,),
        "flow_run_state": (2,),
        "task_run_state": (2,),
        "log": (0,),
        "task_run_artifact": (0,),
        "flow_run_sequence": (1,),
    }
    with backend.store.snapshot() as snapshot:
        assert {name: snapshot.fetch_one(f"SELECT count(*) FROM {name}") for name in left} == left  # noqa: S608
    assert backend.ask("{ flow_run { id } }") == {"flow_run": [{"id": other}]}
    assert backend.refused("delete_flow_run", "success", flow_run_id=run)["extensions"]["code"] == "NOT_FOUND"
