"""How a question would be answered, for who looks after the server."""

from __future__ import annotations

from typing import Any

import pytest

from prefect.server.catalog import Level, Role
from tests.server.conftest import Backend

EXPLAIN = {"X-Prefect-Explain": "1"}
QUESTION = """
query($name: String!) {
  runs: flow_run(where: {name: {_eq: $name}}, limit: 3) { id task_runs(limit: 2) { state } }
  hello
}
"""


def explained(backend: Backend, document: str, **variables: Any) -> dict[str, Any]:
    reply = backend.reply(document, EXPLAIN, **variables)
    assert reply["data"] is None
    told: dict[str, Any] = reply["extensions"]
    return told


def test_a_query_is_told_as_statement_cost_and_plan(backend: Backend) -> None:
    told = explained(backend, QUESTION, name="a-secret-name")
    assert told["database"] == backend.store.kind
    assert told["cost"] == 9
    runs, hello = told["explain"]
    assert runs["field"] == "runs"
    assert runs["cost"] == 9
    assert runs["sql"].startswith("SELECT")
    assert "flow_run" in runs["sql"]
    assert any("flow_run" in line for line in runs["plan"]), runs["plan"]
    assert len(runs["parameters"]) >= 3
    assert hello == {"field": "hello", "cost": 0, "sql": None, "parameters": [], "plan": []}


def test_no_value_is_told(backend: Backend) -> None:
    document = 'query($a: String!) { flow(where: {name: {_eq: $a}, description: {_like: "%s3cret it\'s%"}}) { id } }'
    told = str(explained(backend, document, a="hunter2"))
    assert "hunter2" not in told
    assert "s3cret" not in told


def test_a_question_that_costs_too_much_can_be_explained(backend: Backend) -> None:
    backend.endpoint.limits = type(backend.endpoint.limits)(cost=5)
    assert backend.reply("{ flow { id } }")["errors"][0]["extensions"]["code"] == "TOO_COSTLY"
    assert explained(backend, "{ flow { id } }")["cost"] > 5


def test_a_mutation_is_not_explained_and_not_carried_out(backend: Backend) -> None:
    document = 'mutation($t: UUID!) { create_project(input: {tenant_id: $t, name: "p"}) { id } }'
    reply = backend.reply(document, EXPLAIN, t=backend.tenant)
    assert "Only a query can be explained" in reply["errors"][0]["message"]
    assert backend.ask("{ project { id } }") == {"project": []}


@pytest.mark.parametrize("level", [Level.READ_ONLY, Level.USER])
def test_it_takes_an_administrator(backend: Backend, level: Level) -> None:
    role = Role(backend.tenant, level=level)
    answer = backend.endpoint.answer("{ flow { id } }", headers=EXPLAIN, role=role)
    assert b'"FORBIDDEN"' in answer
    assert b"SELECT" not in answer
    admin = backend.endpoint.answer("{ flow { id } }", headers=EXPLAIN, role=Role(backend.tenant))
    assert b"SELECT" in admin
    # The tenant that is bound to the statement is a value as well.
    assert backend.tenant.encode() not in admin


def test_a_wrong_question_is_refused_as_without(backend: Backend) -> None:
    error = backend.reply("{ flow { nane } }", EXPLAIN)["errors"][0]
    assert error == backend.reply("{ flow { nane } }")["errors"][0]


def test_the_server_says_how_it_is_set_up(backend: Backend) -> None:
    info = backend.ask("{ server_info { version database place requires_keys limits } }")["server_info"]
    assert info["database"] == backend.store.kind
    assert info["place"] == backend.store.place
    assert info["requires_keys"] is False
    assert info["limits"]["rows"] == backend.endpoint.limits.rows
    of_tenant = backend.endpoint.answer("{ server_info { place } }", role=Role(backend.tenant))
    assert of_tenant == b'{"data":{"server_info":{"place":null}}}'
    refused = backend.endpoint.answer("{ server_info { place } }", role=Role(backend.tenant, level=Level.USER))
    assert b'"FORBIDDEN"' in refused
