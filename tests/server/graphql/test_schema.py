"""The schema says what can be asked: no more, no less, under the names of the interface."""

from __future__ import annotations

import json
import re
from pathlib import Path

import graphql
import pytest

from prefect.server.catalog import CATALOG
from prefect.server.endpoint import schema as described
from prefect.server.graphql.schema import print_schema

TESTS = Path(__file__).parents[2]
QUESTIONS = [
    path
    for path in sorted((TESTS / "graphql").glob("*.graphql"))
    if "errors" not in json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
]
# as_of takes variables of the types of both its forms as well; GraphQL knows one type for an argument.
EITHER_TYPE = re.compile(r"Variable '\$\w+' of type '(bigint|timestamptz)!?' used in position expecting type 'moment'")
# Levels that the interface does not list, which logging allows, are kept as they are.
WIDER = {("write_run_log_input", "level")}


@pytest.fixture(scope="module")
def text() -> str:
    return print_schema(described())


@pytest.fixture(scope="module")
def schema(text: str) -> graphql.GraphQLSchema:
    return graphql.build_schema(text)


def test_it_is_a_valid_schema_and_survives_being_printed(text: str, schema: graphql.GraphQLSchema) -> None:
    assert graphql.validate_schema(schema) == []
    assert graphql.print_schema(schema) + "\n" == text


@pytest.mark.parametrize("path", QUESTIONS, ids=[path.stem for path in QUESTIONS])
def test_what_is_answered_is_valid(path: Path, schema: graphql.GraphQLSchema) -> None:
    errors = graphql.validate(schema, graphql.parse(path.read_text(encoding="utf-8")))
    assert [error.message for error in errors if not EITHER_TYPE.match(error.message)] == []


@pytest.mark.parametrize("table", [table.name for table in CATALOG.tables.values() if table.exposed])
def test_names_are_those_of_the_interface(table: str, schema: graphql.GraphQLSchema) -> None:
    for name in ("{}", "{}_bool_exp", "{}_order_by", "{}_select_column", "{}_aggregate", "{}_aggregate_fields"):
        assert name.format(table) in schema.type_map
    assert schema.query_type is not None
    fields = schema.query_type.fields
    assert str(fields[table].type) == f"[{table}!]!"
    assert schema.subscription_type is not None
    assert table in schema.subscription_type.fields
    assert set(fields[table].args) >= {"where", "order_by", "limit", "offset", "distinct_on"}
    assert str(fields[f"{table}_aggregate"].type) == f"{table}_aggregate!"
    key = CATALOG.tables[table].primary_key
    assert (f"{table}_by_pk" in fields) == bool(key)
    if key:
        assert [str(fields[f"{table}_by_pk"].args[name].type)[-1] for name in key] == ["!"] * len(key)


def test_mutations_have_the_inputs_and_payloads_of_1_x(schema: graphql.GraphQLSchema) -> None:
    theirs = graphql.build_schema((TESTS / "fixtures/graphql/mutations.graphql").read_text(encoding="utf-8"))
    assert theirs.mutation_type is not None
    assert schema.mutation_type is not None
    ours = schema.mutation_type.fields
    known = [name for name in theirs.mutation_type.fields if name in ours]
    assert len(known) > 30
    for name in known:
        field = theirs.mutation_type.fields[name]
        assert str(ours[name].args["input"].type) == f"{name}_input!"
        assert str(ours[name].type) == str(field.type)
    for name, kind in theirs.type_map.items():
        if name in ("Query", "Mutation") or name.startswith("__"):
            continue
        mine = schema.type_map.get(name)
        if isinstance(kind, graphql.GraphQLInputObjectType) and isinstance(mine, graphql.GraphQLInputObjectType):
            for key, item in kind.fields.items():
                # Whatever fits there fits here: a field that may be left out there may be left out here.
                same = str(mine.fields[key].type).rstrip("!") == str(item.type).rstrip("!")
                assert same or (name, key) in WIDER, (name, key)
                assert graphql.is_required_input_field(item) or not graphql.is_required_input_field(mine.fields[key])
            for key, own in mine.fields.items():
                assert key in kind.fields or not graphql.is_required_input_field(own), (name, key)
        elif isinstance(kind, graphql.GraphQLObjectType) and isinstance(mine, graphql.GraphQLObjectType):
            for key, output in kind.fields.items():
                assert str(mine.fields[key].type).rstrip("!") == str(output.type).rstrip("!"), (name, key)
