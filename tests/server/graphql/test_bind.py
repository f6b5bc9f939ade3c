"""Variables: their defaults, their types, and what of them a plan depends on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from prefect.server.catalog import CATALOG, EVERYONE
from prefect.server.graphql import bind
from prefect.server.graphql.document import DocumentError, Field, parse
from prefect.server.graphql.render import render
from prefect.server.graphql.template import Statement
from prefect.server.graphql.variables import read_variables, shape

ID = "4c0101af-c6bb-4b96-8661-63a5bbfb5596"


def values(text: str, given: dict[str, Any]) -> dict[str, Any]:
    request = parse(text)
    return read_variables(request.document.operations[0], given, request.literals)


def statement(text: str, given: dict[str, Any] | None = None) -> Statement:
    request = parse(text)
    operation = request.document.operations[0]
    known = read_variables(operation, given or {}, request.literals)
    binder = bind.Binder(operation, known, CATALOG, scoped=False)
    field = operation.selections[0]
    assert isinstance(field, Field)
    plan = binder.root(field, *bind.roots(CATALOG)[field.name])
    return render(plan, CATALOG).fill(known, request.literals, EVERYONE)


def test_left_out_is_not_null() -> None:
    text = "query ($a: Int = 3, $b: Int = 3, $c: Int, $d: Int) { x }"
    assert values(text, {"b": None, "d": None, "unknown": 1}) == {"a": 3, "b": None, "d": None}


def test_a_default_may_be_any_value() -> None:
    text = 'query ($a: [String!] = ["x", "y"], $b: flow_run_bool_exp = {name: {_eq: "x"}}, $c: order_by = desc) { x }'
    assert values(text, {}) == {"a": ["x", "y"], "b": {"name": {"_eq": "x"}}, "c": "desc"}


@pytest.mark.parametrize(
    ("kind", "value", "becomes"),
    [
        ("[uuid!]", ID, [ID]),
        ("[String]", "x", ["x"]),
        ("[String]", ["x", None], ["x", None]),
        ("Int", 2.0, 2),
        ("Float", 2, 2.0),
        ("[[Int!]!]", [1, [2]], [[1], [2]]),
        ("uuid", UUID(ID), UUID(ID)),
    ],
)
def test_values_are_made_to_fit(kind: str, value: Any, becomes: Any) -> None:
    assert values(f"query ($a: {kind}) {{ x }}", {"a": value}) == {"a": becomes}


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("Int", "1", "32 bits"),
        ("Int", True, "32 bits"),
        ("String", 1, "must be a string"),
        ("Boolean", "true", "true or false"),
        ("Float", "x", "must be a number"),
        ("Int!", None, "must not be null"),
        ("[Int!]", [1, None], "must not hold null"),
        ("[Int]", ["x"], "32 bits"),
    ],
)
def test_values_that_do_not_fit_are_refused(kind: str, value: Any, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        values(f"query ($a: {kind}) {{ x }}", {"a": value})
    assert caught.value.code == "BAD_USER_INPUT"
    assert '"$a"' in caught.value.message


WHERE = "query ($w: flow_run_bool_exp, $o: [flow_run_order_by!], $n: Int, $b: Boolean) { x }"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"n": 1}, {"n": 2}, True),
        ({"n": 1}, {"n": None}, False),
        ({"n": None}, {}, False),
        ({"b": True}, {"b": False}, False),
        ({"w": {"name": {"_eq": "a"}}}, {"w": {"name": {"_eq": "b"}}}, True),
        ({"w": {"name": {"_eq": "a"}}}, {"w": {"name": {"_eq": None}}}, False),
        ({"w": {"name": {"_eq": "a"}}}, {"w": {"name": {"_neq": "a"}}}, False),
        ({"w": {"id": {"_in": ["a"]}}}, {"w": {"id": {"_in": ["a", "b"]}}}, True),
        ({"w": {"_or": [{}, {}]}}, {"w": {"_or": [{}]}}, False),
        ({"w": {"auto_scheduled": {"_eq": True}}}, {"w": {"auto_scheduled": {"_eq": False}}}, False),
        ({"o": {"name": "asc"}}, {"o": {"name": "desc"}}, False),
        ({"o": {"name": "asc"}}, {"o": {"name": "asc"}}, True),
        ({"o": [{"name": "asc", "id": "asc"}]}, {"o": [{"id": "asc", "name": "asc"}]}, False),
    ],
)
def test_the_shape_of_variables_is_what_a_plan_depends_on(
    first: dict[str, Any], second: dict[str, Any], same: bool
) -> None:
    operation = parse(WHERE).document.operations[0]
    shapes = [shape(operation, read_variables(operation, given, ())) for given in (first, second)]
    assert (shapes[0] == shapes[1]) is same
    assert len({hash(shape) for shape in shapes}) <= 2


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("Int", "task_run(where: {first_sequence: {_gt: $x}})"),
        ("bigint", "task_run(where: {first_sequence: {_gt: $x}})"),
        ("UUID", "task_run(where: {id: {_eq: $x}})"),
        ("[uuid!]", "task_run(where: {id: {_in: $x}})"),
        ("uuid!", "task_run(where: {id: {_in: [$x]}})"),
        ("DateTime", "task_run(where: {created: {_eq: $x}})"),
        ("JSON", "task_run(where: {state_result: {_eq: $x}})"),
        ("uuid_comparison_exp", "task_run(where: {id: $x})"),
        ("task_run_bool_exp", "task_run(where: {_not: $x})"),
        ("[task_run_bool_exp!]", "task_run(where: {_and: $x})"),
        ("task_run_bool_exp", "task_run(where: {_or: [$x]})"),
        ("order_by", "task_run(order_by: {id: $x})"),
        ("[task_run_select_column!]", "task_run(distinct_on: $x)"),
    ],
)
def test_a_variable_stands_where_its_type_fits(kind: str, where: str) -> None:
    given = {"x": ID} if kind == "uuid!" else {}
    assert statement(f"query ($x: {kind}) {{ {where} {{ id }} }}", given).sql.startswith("SELECT")


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("String", "task_run(where: {id: {_eq: $x}})"),
        ("Int", "task_run(where: {state: {_eq: $x}})"),
        ("bigint", "task_run(limit: $x)"),
        ("[Int]", "task_run(limit: $x)"),
        ("flow_run_bool_exp", "task_run(where: $x)"),
        ("order_by", "task_run(order_by: $x)"),
        ("jsonb", "task_run(where: {state: $x})"),
    ],
)
def test_a_variable_of_another_type_is_refused(kind: str, where: str) -> None:
    with pytest.raises(DocumentError, match="used in position expecting type"):
        statement(f"query ($x: {kind}) {{ {where} {{ id }} }}")


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("task_run_bool_exp", "where: $x"),
        ("task_run_bool_exp", "where: {_not: $x}"),
        ("[task_run_bool_exp!]", "where: {_or: $x}"),
        ("[task_run_bool_exp!]", "where: {_and: $x}"),
        ("task_bool_exp", "where: {task: $x}"),
        ("uuid_comparison_exp", "where: {id: $x}"),
        ("uuid", "where: {id: {_eq: $x}}"),
        ("[uuid!]", "where: {id: {_in: $x}}"),
        ("Boolean", "where: {id: {_is_null: $x}}"),
        ("order_by", "order_by: {id: $x}"),
        ("task_order_by", "order_by: {task: $x}"),
        ("[task_run_order_by!]", "order_by: $x"),
        ("Int", "limit: $x"),
        ("Int", "offset: $x"),
        ("[task_run_select_column!]", "distinct_on: $x"),
    ],
)
def test_what_is_left_out_or_null_asks_for_nothing(kind: str, where: str) -> None:
    plain = statement("{ task_run { id } }").sql
    text = f"query ($x: {kind}) {{ task_run({where}) {{ id }} }}"
    assert statement(text).sql == plain
    assert statement(text, {"x": None}).sql == plain
    assert statement(f"{{ task_run({where.replace('$x', 'null')}) {{ id }} }}").sql == plain


def test_python_values_are_taken_as_they_are() -> None:
    text = "query ($id: uuid, $at: timestamptz) { task_run(where: {id: {_eq: $id}, created: {_lt: $at}}) { id } }"
    given = {"id": UUID(ID), "at": datetime(2021, 5, 12, 17, tzinfo=UTC)}
    assert statement(text, given).parameters == (ID, "2021-05-12T17:00:00+00:00")


def test_a_list_is_bound_as_one_value() -> None:
    text = "query ($ids: [uuid!]) { task_run(where: {id: {_in: $ids}, map_index: {_nin: [1, 2]}}) { id } }"
    assert statement(text, {"ids": [ID.upper(), ID]}).parameters == (f'["{ID}","{ID}"]', "[1,2]")


def test_variables_inside_a_json_value_are_put_in_place() -> None:
    text = 'query ($x: jsonb) { flow_run(where: {parameters: {_contains: {a: [$x, 1], b: {c: "d"}}}}) { id } }'
    assert statement(text, {"x": {"y": None}}).parameters == ('{"a":[{"y":null},1],"b":{"c":"d"}}',)
