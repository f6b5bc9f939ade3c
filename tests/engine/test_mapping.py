"""Widths, children, flatten, reduce: as properties."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.core.edge import Edge
from prefect.core.task import Task
from prefect.engine import mapping
from prefect.engine.result import Result
from prefect.engine.state import Failed, Mapped, Skipped, State, Success

Lists = st.lists(st.integers(), max_size=6)


def edge(key: str, *, mapped: bool = True, flattened: bool = False) -> Edge:
    return Edge(Task(name="up"), Task(name="down"), key=key, mapped=mapped, flattened=flattened)


def nobody_warns(state: State) -> None:
    raise AssertionError(f"warned about {state!r}")


def flatten(state: State, children: Any) -> list[State]:
    return mapping.flatten_upstream(state, children, nobody_warns)


@given(st.lists(Lists, min_size=1, max_size=3), st.integers())
def test_children_zip_to_the_shortest_and_share_the_rest(columns: list[list[int]], shared: int) -> None:
    edges = [edge(f"k{n}") for n in range(len(columns))]
    whole = edge("whole", mapped=False)
    upstream: dict[Edge, State] = {each: Success(result=column) for each, column in zip(edges, columns, strict=True)}
    upstream[whole] = Success(result=shared)
    children = mapping.child_upstream_states(Mapped(), upstream, {}, flatten)
    expected = list(zip(*columns, strict=False))
    assert len(children) == len(expected)
    for child, values in zip(children, expected, strict=True):
        assert tuple(child[each].result for each in edges) == values
        assert child[whole].result == shared


@given(Lists)
def test_a_map_over_a_map_takes_the_children_themselves(values: list[int]) -> None:
    above = edge("x")
    futures = [object() for _ in values]
    children = mapping.child_upstream_states(Mapped(), {above: Mapped()}, {above: futures}, flatten)
    assert [child[above] for child in children] == futures


@given(st.lists(Lists, max_size=4))
def test_flatten_is_concatenation(lists: list[list[int]]) -> None:
    expected = [value for values in lists for value in values]
    flat = edge("x", flattened=True)
    children = mapping.child_upstream_states(Mapped(), {flat: Success(result=lists)}, {}, flatten)
    assert [child[flat].result for child in children] == expected
    assert mapping.flatten_result(Success(result=lists), None, nobody_warns).result == expected
    states: list[State] = [Success(result=values) for values in lists]
    assert [state.result for state in mapping.flatten_upstream(Mapped(), states, nobody_warns)] == expected


WHOLE_VALUES: list[tuple[Any, Any]] = [
    ([1, [2, 3], (4,)], [1, [2, 3], (4,)]),
    ([[2, 3], None], [[2, 3], None]),
    ([{"a": 1}, {"b": 2}], ["a", "b"]),
    ({"a": [1]}, ["a"]),
    ([{1}, range(2, 4)], [1, 2, 3]),
    ("ab", ["a", "b"]),
]


@pytest.mark.parametrize(("value", "expected"), WHOLE_VALUES)
def test_one_value_is_flattened_as_a_whole_or_not_at_all(value: Any, expected: list[Any]) -> None:
    flat = edge("x", flattened=True)
    state = Success(result=value)
    assert isinstance(mapping.check_ready(Success(), {flat: state}), Mapped)
    children = mapping.child_upstream_states(Mapped(), {flat: state}, {}, flatten)
    assert [child[flat].result for child in children] == expected
    assert mapping.flatten_result(state, None, nobody_warns).result == expected


def test_what_is_flattened_becomes_a_list_also_where_it_can_be_read_only_once() -> None:
    flat = edge("x", flattened=True)
    assert isinstance(mapping.check_ready(Success(), {flat: Success(result=iter([[1], [2]]))}), Mapped)
    assert [each.result for each in flatten(Success(result=iter([[1], [2]])), None)] == [1, 2]
    assert [each.result for each in flatten(Success(result=iter([1, [2]])), None)] == [1, [2]]
    number = Success(result=5)
    assert mapping.check_ready(Success(), {flat: number}).message == mapping.UNMAPPABLE
    assert mapping.flatten_result(number, None, nobody_warns) is number


def test_a_child_that_is_a_mapping_gives_its_keys() -> None:
    children: list[State] = [Success(result={"a": 1}), Success(result=[2])]
    assert [each.result for each in mapping.flatten_states(children, nobody_warns)] == ["a", 2]


def test_flatten_passes_through_what_did_not_succeed_and_warns_of_what_has_no_elements() -> None:
    warned: list[State] = []
    failed, skipped, plain = Failed(result=ValueError()), Skipped(), Success(result=7)
    flat = mapping.flatten_states([Success(result=[1]), failed, skipped, plain], warned.append)
    assert [state.result for state in flat[:1]] == [1]
    assert flat[1:] == [failed, skipped, plain]
    assert warned == [plain]


@given(Lists)
def test_reduce_completes_the_parent(values: list[int]) -> None:
    children: list[State] = [Success(result=value) for value in values]
    parent = mapping.reduce(Mapped("m"), children)
    assert isinstance(parent, Mapped)
    assert (parent.map_states, parent.result, parent.n_map_states) == (children, values, len(values))


def test_a_parent_that_is_not_mapped_has_no_children() -> None:
    above = edge("x")
    assert mapping.child_upstream_states(Failed(), {above: Success(result=[1])}, {}, flatten) == []
    failed = Failed()
    assert mapping.reduce(failed, [Success()]) is failed


def test_an_element_keeps_the_kind_of_result_and_no_location() -> None:
    (element,) = mapping.element_states(Success(result=Result([5], location="here")), None)
    assert (element._result.value, element._result.location) == (5, None)


def test_an_upstream_that_failed_is_seen_whole_by_each_child() -> None:
    bad, good = edge("bad"), edge("good")
    failed = Failed()
    upstream: dict[Edge, State] = {bad: failed, good: Success(result=[1, 2])}
    assert isinstance(mapping.check_ready(Success(), upstream), Mapped)
    children = mapping.child_upstream_states(Mapped(), upstream, {}, flatten)
    assert [(child[bad], child[good].result) for child in children] == [(failed, 1), (failed, 2)]
