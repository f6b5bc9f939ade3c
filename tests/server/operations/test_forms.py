"""Where documentation and schema of 1.x differ in the form of a request, both are answered."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.server.conftest import Backend


def test_what_was_made_is_shown_with_its_columns(backend: Backend) -> None:
    made = backend.do("create_project", "id project { id name tenant_id }", tenant_id=backend.tenant, name="p")
    assert made["project"] == {"id": made["id"], "name": "p", "tenant_id": backend.tenant}
    flow = backend.do(
        "create_flow", "flow { id name version }", project_id=made["id"], serialized_flow={"name": "f", "tasks": []}
    )["flow"]
    assert (flow["name"], flow["version"]) == ("f", 1)
    text = """mutation($id: UUID!) {
      a: create_flow_run(input: {flow_id: $id, flow_run_name: "r"}) { id run: flow_run { ...f } }
    } fragment f on flow_run { id state name flow_id }"""
    run = backend.ask(text, id=flow["id"])["a"]
    assert run["run"] == {"id": run["id"], "state": "Scheduled", "name": "r", "flow_id": flow["id"]}
    tenant = backend.do("create_tenant", "tenant { slug settings }", name="T", slug="t")["tenant"]
    assert tenant == {"slug": "t", "settings": {}}
    agent = backend.do("register_agent", "agent { type labels }", type="LocalAgent")["agent"]
    assert agent == {"type": "LocalAgent", "labels": []}


def test_it_shows_what_everything_in_the_request_has_led_to(backend: Backend) -> None:
    project = backend.project()
    text = (
        'mutation($id: UUID!) { one: set_project_name(input: {project_id: $id, name: "a"}) { project { name } }'
        ' two: set_project_name(input: {project_id: $id, name: "b"}) { project { name __typename } } }'
    )
    data = backend.ask(text, id=project)
    assert data == {"one": {"project": {"name": "b"}}, "two": {"project": {"name": "b", "__typename": "project"}}}


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("project { flows { id } }", 'ask for "flows" with a query'),
        ("project { nonsense }", 'Cannot query field "nonsense" on type "project"'),
        ("project", "must have a selection"),
        ("flow { id }", 'Cannot query field "flow" on type "project_id_payload"'),
        ("project(id: 1) { id }", 'Unknown argument "id"'),
    ],
)
def test_a_selection_that_cannot_be_shown_is_refused_before_anything_is_done(
    backend: Backend, selection: str, message: str
) -> None:
    error = backend.refused("create_project", selection, tenant_id=backend.tenant, name="p")
    assert message in error["message"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert backend.ask("{ project { id } }") == {"project": []}


def test_a_state_is_set_alone_or_in_a_list(backend: Backend) -> None:
    run = backend.run(running=False)
    answer = backend.do(
        "set_flow_run_state",
        "id status version flow_run { state }",
        flow_run_id=run,
        version=1,
        state={"type": "Running"},
    )
    assert answer == {"id": run, "status": "SUCCESS", "version": 2, "flow_run": {"state": "Running"}}
    task_run = backend.task_runs(run)[0]["id"]
    answer = backend.do(
        "set_task_run_state", "status task_run { state }", task_run_id=task_run, state='{"type": "Running"}'
    )
    assert answer == {"status": "SUCCESS", "task_run": {"state": "Running"}}
    for name, run_id in (("flow_run", run), ("task_run", task_run)):
        stale = {f"{name}_id": run_id, "version": 1, "state": {"type": "Running", "message": "another"}}
        assert backend.refused(f"set_{name}_state", **stale)["extensions"]["code"] == "VERSION_LOCKING_ERROR"


def test_a_single_item_stands_for_a_list_of_it(backend: Backend) -> None:
    run = backend.run(running=False)
    answer = backend.do(
        "set_flow_run_states", "states { status }", states={"flow_run_id": run, "state": {"type": "Running"}}
    )
    assert answer == {"states": [{"status": "SUCCESS"}]}
    backend.do("write_run_logs", "success", logs={"flow_run_id": run, "message": "m"})
    backend.do("set_flow_run_labels", "success", flow_run_id=run, labels="x")
    assert backend.flow_run(run)["labels"] == ["x"]


def test_a_flow_comes_as_json_as_its_text_or_packed(backend: Backend) -> None:
    project = backend.project()
    described: dict[str, Any] = {"name": "f", "tasks": [{"slug": "a", "name": "a"}], "edges": []}
    text = json.dumps(described)
    packed = base64.b64encode(gzip.compress(text.encode())).decode()
    written = '{name: "f", tasks: [{slug: "a", name: "a"}], edges: []}'
    inline = 'mutation {{ create_flow(input: {{project_id: "{}", serialized_flow: {}}}) {{ id }} }}'
    flows = [
        backend.do("create_flow", project_id=project, serialized_flow=described),
        backend.do("create_flow", project_id=project, serialized_flow=text),
        backend.ask(inline.format(project, json.dumps(text)))["create_flow"],
        backend.ask(inline.format(project, written))["create_flow"],
        backend.do("create_flow_from_compressed_string", project_id=project, serialized_flow=packed),
    ]
    rows = backend.ask("{ flow(order_by: {version: asc}) { id version tasks { slug } } }")["flow"]
    assert rows == [
        {"id": flow["id"], "version": number, "tasks": [{"slug": "a"}]} for number, flow in enumerate(flows, 1)
    ]


@pytest.mark.parametrize("parameters", ['"{\\"x\\": 1}"', "{x: 1}"])
def test_json_in_a_document_is_text_or_written_out(backend: Backend, parameters: str) -> None:
    flow = backend.flow()
    run = backend.ask(
        f'mutation {{ create_flow_run(input: {{flow_id: "{flow}", parameters: {parameters}}}) {{ id }} }}'
    )["create_flow_run"]["id"]
    assert backend.flow_run(run)["parameters"] == {"x": 1}
