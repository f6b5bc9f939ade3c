"""Tools read the schema by asking: whole, in part, by the name of a type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import graphql
import pytest

from prefect.server.endpoint import Endpoint
from prefect.server.store.database import Store

WHOLE = graphql.get_introspection_query(
    descriptions=True,
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    store = Store(tmp_path_factory.mktemp("introspection") / "test.db")
    yield Endpoint(store)
    store.close()


@pytest.fixture(scope="module")
def schema(endpoint: Endpoint) -> graphql.GraphQLSchema:
    return graphql.build_client_schema(json.loads(endpoint.answer(WHOLE))["data"])


def _sorted(value: Any) -> Any:
    """The same with types in the order of their names: the specification promises none."""
    if isinstance(value, dict):
        found = {key: _sorted(item) for key, item in value.items()}
        if isinstance(found.get("types"), list):
            # Each implementation describes its own introspection.
            found["types"] = [item for item in found["types"] if not item["name"].startswith("__")]
            found["types"].sort(key=lambda item: item["name"])
        return found
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def test_tools_can_build_the_schema_from_the_answer(schema: graphql.GraphQLSchema) -> None:
    assert graphql.validate_schema(schema) == []
    printed = graphql.print_schema(schema)
    assert graphql.print_schema(graphql.build_schema(printed)) == printed


@pytest.mark.parametrize(
    "question",
    [
        "{ __schema { queryType { name } mutationType { name } subscriptionType { name } types { name kind } } }",
        "{ __schema { __typename description types { __typename name fields { __typename args { __typename } } } } }",
        "{ __schema { types { name fields(includeDeprecated: true) { type { name ofType { fields { name } } } } } } }",
        '{ __type(name: "flow_run_bool_exp") { name inputFields(includeDeprecated: false) { name defaultValue } } }',
        'query q($name: String!) { a: __type(name: $name) { ...t } b: __type(name: "uuid") { ...t } }'
        " fragment t on __Type { kind name description specifiedByURL isOneOf interfaces { name } ...u }"
        " fragment u on __Type { possibleTypes { name } enumValues { name isDeprecated deprecationReason } }",
        '{ __type(name: "nothing") { name } }',
        "query q($with: Boolean!) { __schema { queryType { name fields @include(if: $with) { name } } } }",
    ],
)
def test_parts_are_answered_as_the_reference_implementation_does(
    question: str, endpoint: Endpoint, schema: graphql.GraphQLSchema
) -> None:
    variables = {"name": "order_by", "with": True}
    expected = graphql.graphql_sync(schema, question, variable_values=variables)
    assert expected.errors is None
    answer = json.loads(endpoint.answer(question, variables))
    assert "errors" not in answer
    assert _sorted(answer["data"]) == _sorted(expected.data)


def test_rows_can_be_asked_for_beside_it(endpoint: Endpoint) -> None:
    answer = json.loads(endpoint.answer('{ __type(name: "tenant") { kind } tenant { slug } }'))
    assert answer["data"] == {"__type": {"kind": "OBJECT"}, "tenant": [{"slug": "default"}]}


@pytest.mark.parametrize(
    ("question", "message", "path"),
    [
        (
            "{ __schema { typess { name } } }",
            'Cannot query field "typess" on type "__Schema". Did you mean',
            ["__schema"],
        ),
        ("{ __schema }", "must have a selection of subfields", ["__schema"]),
        ("{ __schema(a: 1) { description } }", "takes no arguments", ["__schema"]),
        ("{ __type { name } }", 'takes one argument, "name"', ["__type"]),
        ("{ __type(name: 1) { name } }", 'needs the argument "name"', ["__type"]),
        ("{ __schema { types { name { x } } } }", "must not have a selection", ["__schema", "types"]),
        ("{ __schema { types { name(a: 1) } } }", 'Unknown argument "a"', ["__schema", "types"]),
        (
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
            "not further",
            ["__schema", "types", "fields", "type", "fields", "type"],
        ),
    ],
)
def test_what_there_is_not_is_refused(question: str, message: str, path: list[str], endpoint: Endpoint) -> None:
    answer = json.loads(endpoint.answer(question))
    assert answer["data"] is None
    [error] = answer["errors"]
    assert message in error["message"]
    assert error["path"] == path
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("name", ["name", "x{0}: name"])
def test_an_answer_that_grows_without_end_is_refused(name: str, endpoint: Endpoint) -> None:
    inside = "types {{ fields {{ type {{ fields {{ " + name + " type {{ name }} }} }} }} }}"
    question = "{ __schema { " + " ".join(f"a{number}: {inside.format(number)}" for number in range(200)) + " } }"
    answer = json.loads(endpoint.answer(question))
    assert answer["errors"][0]["extensions"]["see"] == "docs/reference/limits.md#introspection"


def test_ordinary_questions_never_make_the_schema(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from prefect.server.embedded import open_endpoint\n"
        f"endpoint = open_endpoint({str(tmp_path / 'test.db')!r})\n"
        "assert b'errors' not in endpoint.answer('{ tenant { id } flow_run_aggregate { aggregate { count } } }')\n"
        "assert 'graphql' not in sys.modules and 'prefect.server.graphql.schema' not in sys.modules\n"
        "assert b'errors' not in endpoint.answer('{ __schema { types { name } } }')\n"
        "assert 'graphql' not in sys.modules and 'prefect.server.graphql.schema' in sys.modules\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, env=environment)
