"""A block of tasks that run only where a value is what was expected."""

from typing import Any

import pytest

import prefect
from prefect import Flow, Parameter, Task, case, task
from prefect.tasks.control_flow import merge


@task
def same(v: Any) -> Any:
    return v


def edges_of(flow: Flow) -> set[tuple[str, str, str | None]]:
    return {(flow.slugs[edge.upstream_task], flow.slugs[edge.downstream_task], edge.key) for edge in flow.edges}


def test_only_the_first_tasks_of_the_block_wait_for_the_comparison() -> None:
    with Flow("f") as flow:
        condition = same(True)
        with case(condition, True):
            first = same(1)
            second = same(first)
            third = same(Parameter("p"))
            first.set_upstream(third)
    assert edges_of(flow) == {
        ("same-1", "case(True)-1", "value"),
        ("case(True)-1", "same-4", None),
        ("p", "same-4", "v"),
        ("same-4", "same-2", None),
        ("same-2", "same-3", "v"),
    }
    assert flow.reference_tasks() == {second}


def test_blocks_may_be_nested() -> None:
    with Flow("f") as flow:
        with case(same(1), 1):
            with case(same(2), 2):
                same(3)
    assert edges_of(flow) == {
        ("same-1", "case(1)-1", "value"),
        ("case(1)-1", "same-2", None),
        ("same-2", "case(2)-1", "value"),
        ("case(2)-1", "same-3", None),
    }


def test_an_empty_block_adds_nothing() -> None:
    with Flow("f") as flow:
        condition = same(1)
        with case(condition, 1):
            pass
    assert flow.tasks == {condition}
    assert prefect.context.get("case") is None


def test_a_failing_block_adds_no_comparison() -> None:
    flow = Flow("f")
    with pytest.raises(KeyError), flow, case(same(1), 1):
        raise KeyError
    assert {task.name for task in flow.tasks} == {"same"}
    assert prefect.context.get("case") is None


def test_conditions_may_be_plain_values_and_flows_given() -> None:
    flow = Flow("f")
    with case(3, 4):  # type: ignore[arg-type]
        flow.add_task(Task(name="inside"))
    assert edges_of(flow) == {("case(4)-1", "inside-1", None)}
    assert {flow.slugs[task]: values for task, values in flow.constants.items()} == {"case(4)-1": {"value": 3}}


def test_what_is_refused() -> None:
    with pytest.raises(TypeError, match="`value` cannot be a task"):
        case(same, same)
    block = case(same, 1)
    block.add_task(Task(), Flow("f"))
    with pytest.raises(ValueError, match="one flow only"):
        block.add_task(Task(), Flow("g"))


@pytest.mark.parametrize(("value", "expected"), [(1, "one"), (2, "two"), (3, None)])
def test_the_other_branches_are_skipped(value: int, expected: str | None) -> None:
    with Flow("f") as flow:
        condition = same(value)
        with case(condition, 1):
            one = same("one")
        with case(condition, 2):
            two = same("two")
        merged = merge(one, two)
    state = flow.run()
    assert state is not None
    assert state.result[merged].result == expected
    assert state.result[merged].is_skipped() is (expected is None)
    assert state.result[one].is_skipped() is (value != 1)
    assert state.result[two].is_skipped() is (value != 2)
