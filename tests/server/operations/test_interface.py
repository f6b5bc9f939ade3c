"""The mutations are those of the interface: names, inputs and payloads."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import DocumentNode, TypeNode, parse, print_ast

from prefect.server.catalog import CATALOG
from prefect.server.endpoint import schema
from prefect.server.operations import OPERATIONS, QUERIES
from prefect.server.store.statements import STATEMENTS

FIXTURES = Path(__file__).parents[2] / "fixtures" / "graphql"
FILES = ("mutations.graphql", "mutations_hosted.graphql")

# Where ours takes more than theirs: what is refused there is taken here.
WIDER = {
    # A line is not lost because its level has another name.
    "write_run_log_input.level": ("log_level", "String"),
    # Whoever makes a key without users is nobody in particular.
    "create_api_key_input.user_id": ("UUID!", "UUID"),
    # A line may name its task run alone, as clients of 1.x do not.
    "write_run_log_input.flow_run_id": ("UUID!", "UUID"),
    # null is a value too.
    "set_key_value_input.value": ("JSON!", "JSON!"),
}


@cache
def facts(name: str) -> DocumentNode:
    return parse((FIXTURES / name).read_text(encoding="utf-8"))


def definitions(kind: str) -> dict[str, dict[str, TypeNode]]:
    """The fields of every type of a kind, in all files."""
    found: dict[str, dict[str, TypeNode]] = {}
    for file in FILES:
        for definition in facts(file).definitions:
            if definition.kind == kind:
                found[definition.name.value] = {field.name.value: field.type for field in definition.fields}  # type: ignore[attr-defined]
    return found


def root(name: str) -> dict[str, Any]:
    found = {}
    for file in FILES:
        for definition in facts(file).definitions:
            if definition.kind == "object_type_definition" and definition.name.value == name:  # type: ignore[attr-defined]
                found.update({field.name.value: field for field in definition.fields})  # type: ignore[attr-defined]
    return found


@cache
def ours() -> dict[str, dict[str, str]]:
    """The fields of each of our types, written as in a schema."""
    return {
        name: {
            field["name"]: written(field["type"]) for field in [*(kind["fields"] or ()), *(kind["inputFields"] or ())]
        }
        for name, kind in schema(CATALOG).types.items()
    }


def written(kind: dict[str, Any]) -> str:
    if kind["kind"] == "NON_NULL":
        return f"{written(kind['ofType'])}!"
    if kind["kind"] == "LIST":
        return f"[{written(kind['ofType'])}]"
    return str(kind["name"])


MUTATIONS = root("Mutation")
INPUTS = definitions("input_object_type_definition")
PAYLOADS = {name: fields for name, fields in definitions("object_type_definition").items() if name.endswith("payload")}


@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_a_mutation_has_its_input_and_payload(name: str) -> None:
    fact = MUTATIONS[name]
    (argument,) = fact.arguments
    assert argument.name.value == "input"
    operation = OPERATIONS[name]
    assert f"{operation.input_name}!" == print_ast(argument.type)
    assert ours()["mutation_root"][name] == print_ast(fact.type)


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_an_input_takes_what_theirs_takes(name: str) -> None:
    if name == "get_or_create_mapped_task_run_children_input":
        assert name not in ours()  # named by the interface, used by no mutation of it
        return
    mine = ours()[name]
    for field, kind in INPUTS[name].items():
        theirs = print_ast(kind)
        expected = WIDER.get(f"{name}.{field}", (theirs, theirs))[1]
        assert mine.pop(field) == expected, field
    # What we take besides may be left out.
    assert not [field for field, kind in mine.items() if kind.endswith("!")]


@pytest.mark.parametrize("name", sorted(PAYLOADS))
def test_a_payload_answers_what_theirs_answers(name: str) -> None:
    for field, kind in PAYLOADS[name].items():
        assert ours()[name][field].rstrip("!") == print_ast(kind).rstrip("!"), field


def test_questions_that_no_table_answers_are_there() -> None:
    for name, fact in root("Query").items():
        if name in QUERIES:
            # What does not say a type may be anything.
            if "Unknown" not in print_ast(fact.type):
                assert set(QUERIES[name].arguments) >= {argument.name.value for argument in fact.arguments or ()}
        else:
            assert name in CATALOG.tables


def test_every_id_in_an_input_says_of_which_table_it_is() -> None:
    from prefect.server.operations.scope import ids

    for operation in OPERATIONS.values():
        fields = ours()[operation.input_name]
        named = dict(ids(operation.input_type))
        unnamed = {field for field, kind in fields.items() if kind.startswith("UUID")} - set(named)
        # Users are no rows of ours, and what is made may get an id that its maker made up: no row has it yet.
        assert unnamed <= {"user_id"} | ({"id"} if operation.name.startswith("create_") else set()), operation.name
        for table in named.values():
            assert table == "tenant" or f"owner_of_{table}" in STATEMENTS
