"""What is read of a mutation's input, and shown of its answer, comes from the operations' structures."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec
import pytest

from prefect.server.graphql import payload
from prefect.server.graphql.document import DocumentError, Field, parse

JSON = Annotated[Any, msgspec.Meta(extra={"graphql": "JSON"})]


class State(msgspec.Struct):
    graphql: ClassVar[str] = "state_payload"
    id: str | None = None
    detail: JSON | None = None


class States(msgspec.Struct):
    graphql: ClassVar[str] = "states_payload"
    states: list[State] | None = None
    first: State | None = None
    ok: bool = True


class StateInput(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    state: JSON = None
    labels: list[str] | None = None


class StatesInput(msgspec.Struct, forbid_unknown_fields=True):
    states: list[StateInput]


def shown(selection: str, answer: Any, values: dict[str, Any] | None = None) -> Any:
    request = parse("mutation { set { " + selection + " } }")
    operation = request.document.operations[0]
    field = operation.selections[0]
    assert isinstance(field, Field)
    return payload.project(answer, payload.projection(operation, field, States, values or {}, [], ("set",)))


def test_the_selection_is_shown_under_its_names() -> None:
    answer = States([State("1", {"a": 1}), State("2")], None)
    assert shown("all: states { number: id detail __typename } first { id } ok", answer) == {
        "all": [
            {"number": "1", "detail": {"a": 1}, "__typename": "state_payload"},
            {"number": "2", "detail": None, "__typename": "state_payload"},
        ],
        "first": None,
        "ok": True,
    }


def test_fragments_of_one_field_are_put_together() -> None:
    assert shown("first { id } ... on states_payload { first { detail } }", States(first=State("1", [1]))) == {
        "first": {"id": "1", "detail": [1]}
    }


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("stats { id }", 'Cannot query field "stats" on type "states_payload". Did you mean "states"?'),
        ("states", "must have a selection"),
        ("ok { x }", "must not have a selection"),
        ("ok(x: 1)", 'Unknown argument "x"'),
        ("states { nothing }", 'Cannot query field "nothing" on type "state_payload".'),
        ("x: ok x: states { id }", "conflict"),
        ("... on other { ok }", "cannot be spread here"),
    ],
)
def test_a_selection_of_what_is_not_there_is_refused(selection: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message.replace("?", r"\?")):
        shown(selection, States())


def test_an_input_is_read_as_its_structure() -> None:
    given = {"states": [{"id": "1", "state": {"type": "Success"}}]}
    assert payload.read_input(given, StatesInput, "set", inline=False) == StatesInput(
        [StateInput("1", {"type": "Success"})]
    )


def test_a_single_value_stands_for_a_list() -> None:
    read = payload.read_input({"states": {"id": "1", "labels": "x"}}, StatesInput, "set", inline=False)
    assert read == StatesInput([StateInput("1", None, ["x"])])


def test_json_written_inline_is_the_text_of_a_value_and_in_a_variable_the_value() -> None:
    given = {"states": [{"id": "1", "state": '{"type": "Success"}'}]}
    inline = payload.read_input(given, StatesInput, "set", inline=True)
    assert inline.states[0].state == {"type": "Success"}
    variable = payload.read_input(given, StatesInput, "set", inline=False)
    assert variable.states[0].state == '{"type": "Success"}'


@pytest.mark.parametrize(
    ("given", "inline"),
    [
        ({"states": [{"id": 5}]}, False),
        ({"states": [{}]}, False),
        ({"states": [{"id": "1", "unknown": 1}]}, False),
        ({"states": [{"id": "1", "state": "no JSON"}]}, True),
        (None, False),
        ("text", False),
    ],
)
def test_an_input_that_does_not_fit_is_refused(given: Any, inline: bool) -> None:
    with pytest.raises(DocumentError, match='The input of "set" does not fit') as caught:
        payload.read_input(given, StatesInput, "set", inline=inline)
    assert caught.value.code == "BAD_USER_INPUT"
