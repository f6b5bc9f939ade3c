import datetime
import json
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.utilities import graphql
from prefect.utilities.graphql import (
    EnumValue,
    GQLObject,
    GraphQLResult,
    compress,
    decompress,
    format_graphql_request_error,
    parse_graphql,
    parse_graphql_arguments,
    with_args,
)

CASES = json.loads((Path(__file__).parents[1] / "fixtures" / "graphql_helpers.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["call"] for case in CASES])
def test_recorded_calls(case: dict[str, Any]) -> None:
    assert eval(case["call"], {**vars(graphql), "pendulum": pendulum}) == case["out"]


class TestSelections:
    @pytest.mark.parametrize(
        ("document", "text"),
        [
            (
                {"a": {"b": {"c": {"d": True}}, "e": ...}},
                "a {\n    b {\n        c {\n            d\n        }\n    }\n    e\n}",
            ),
            ({"q": {"a": [["b", "c"], "d"]}}, "q {\n    a {\n        b\n        c\n        d\n    }\n}"),
            (["a", "b"], "a\nb"),
            ({"q": ("id", "n")}, "q {\n    id\n    n\n}"),
            ("  query { a }\n", "query { a }"),
        ],
    )
    def test_every_shape_of_a_selection(self, document: Any, text: str) -> None:
        assert parse_graphql(document) == text

    def test_field_objects(self) -> None:
        field = GQLObject("flow")
        assert (str(field), repr(field)) == ("flow", '<GQL: "flow">')
        assert str(field({"limit": 3})) == "flow(limit: 3)"
        assert str(field("limit: 3")) == "flow(limit: 3)"
        assert parse_graphql({"query": {field({"limit": 3}): {GQLObject("id")}}}) == (
            "query {\n    flow(limit: 3) {\n        id\n    }\n}"
        )

    def test_a_class_of_fields_lends_its_name(self) -> None:
        class Account(GQLObject):
            id = GQLObject("id")

        assert str(Account()) == "account"
        assert parse_graphql({Account(): [Account().id]}) == "account {\n    id\n}"


class TestArguments:
    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            ({}, ""),
            ({"a": []}, "a: []"),
            ({"a": (1, 2)}, "a: [1, 2]"),
            ({"a": "x\ny"}, 'a: "x\\ny"'),
            ({"a": "back\\slash"}, 'a: "back\\\\slash"'),
            ({"a": [{"b": 1}, {"c": EnumValue("X")}]}, "a: [{ b: 1 }, { c: X }]"),
            ([1, 2], "[1, 2]"),
            (None, "null"),
            (5, "5"),
        ],
    )
    def test_values(self, arguments: Any, text: str) -> None:
        assert parse_graphql_arguments(arguments) == text

    def test_times_and_ids(self) -> None:
        moment = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
        assert with_args("f", {"at": moment}) == "f(at: 2020-01-01T00:00:00+00:00)"
        assert with_args("f", {"id": uuid.UUID(int=1)}) == 'f(id: "00000000-0000-0000-0000-000000000001")'


def test_enum_values_are_equal_by_their_word() -> None:
    assert EnumValue("x") == EnumValue("x") != EnumValue("y")
    assert EnumValue("x") != "x"
    assert len({EnumValue("x"), EnumValue("x")}) == 1
    assert repr(EnumValue("x")) == "EnumValue('x')"


class TestResult:
    def test_fields_are_attributes(self) -> None:
        result = GraphQLResult({"data": {"flow": [{"id": 1, "items": 2}]}, "list": [[{"a": 1}]]})
        assert (result.data.flow[0].id, result.data.flow[0]["items"], result["list"][0][0].a) == (1, 2, 1)
        assert type(result.data) is GraphQLResult
        assert result == {"data": {"flow": [{"id": 1, "items": 2}]}, "list": [[{"a": 1}]]}
        with pytest.raises(AttributeError, match="nope"):
            _ = result.data.nope

    def test_it_prints_as_json(self) -> None:
        assert repr(GraphQLResult(data={"id": 1})) == '{\n    "data": {\n        "id": 1\n    }\n}'
        assert str(GraphQLResult(data={"id": 1})) == "{'data': {'id': 1}}"
        assert "datetime" in repr(GraphQLResult(at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(json_values)
def test_what_is_compressed_comes_back(value: Any) -> None:
    assert decompress(compress(value)) == value


class TestRequestErrors:
    def _response(self, errors: list[dict[str, Any]], query: str, variables: Any) -> Any:
        body = json.dumps({"query": query, "variables": json.dumps(variables)})
        return SimpleNamespace(request=SimpleNamespace(body=body), json=lambda: {"errors": errors})

    def test_they_name_errors_query_and_variables(self) -> None:
        errors: list[dict[str, Any]] = [{"message": "boom", "extensions": {"code": "BAD"}}, {"message": "two"}]
        text = format_graphql_request_error(self._response(errors, "query { a }", {"x": 1}))
        for expected in ("BAD: boom", "UNKNOWN_ERROR: two", "query { a }", '{"x": 1}'):
            assert expected in text

    def test_an_answer_that_is_no_json_is_no_second_error(self) -> None:
        response = self._response([], "query { a }", None)
        response.json = lambda: json.loads("<html>")
        assert "query { a }" in format_graphql_request_error(response)
