"""Python's operators as tasks."""

from collections.abc import Callable
from typing import Any

import pytest

from prefect import Flow, Task, task
from prefect.tasks.core.operators import GetAttr, GetItem


@task
def same(v: Any) -> Any:
    return v


def result_of(build: Callable[[], Task]) -> Any:
    with Flow("f") as flow:
        built = build()
    state = flow.run()
    assert state is not None
    return state.result[built].result


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda: same(7) + 2, 9),
        (lambda: 2 + same(7), 9),
        (lambda: same(7) - 2, 5),
        (lambda: 2 - same(7), -5),
        (lambda: same(7) * 2, 14),
        (lambda: 2 * same(7), 14),
        (lambda: same(7) / 2, 3.5),
        (lambda: 7 / same(2), 3.5),
        (lambda: same(7) // 2, 3),
        (lambda: 7 // same(2), 3),
        (lambda: same(7) % 2, 1),
        (lambda: 7 % same(2), 1),
        (lambda: same(7) ** 2, 49),
        (lambda: 7 ** same(2), 49),
        (lambda: same(0) & same(1), 0),
        (lambda: 1 & same(0), 0),
        (lambda: same(7) > 2, True),
        (lambda: same(7) >= 7, True),
        (lambda: same(7) < 2, False),
        (lambda: same(7) <= 7, True),
        (lambda: same(7).is_equal(7), True),
        (lambda: same(7).is_not_equal(7), False),
        (lambda: same(7).not_(), False),
        (lambda: same(0).or_(5), 5),
        (lambda: same({"a": [1, 2]})["a"][1], 2),
        (lambda: same([5, 6])[same(1)], 6),
    ],
)
def test_operators_run_as_tasks(build: Callable[[], Task], expected: Any) -> None:
    assert result_of(build) == expected


def test_equality_compares_the_tasks_themselves() -> None:
    assert same == same
    assert same != same.copy()
    assert bool(same)


def test_unpacking_takes_the_items() -> None:
    with Flow("f") as flow:
        one, two = same.copy(nout=2)((1, 2))
    state = flow.run()
    assert state is not None
    assert (state.result[one].result, state.result[two].result) == (1, 2)


class Thing:
    size = 3


class TestGetItem:
    def test_a_missing_key_gives_the_default(self) -> None:
        assert GetItem().run({"a": 1}, "a") == 1
        assert GetItem(default=4).run({"a": 1}, "b") == 4
        assert GetItem(default=4).run({"a": 1}, "b", default=5) == 5
        assert GetItem(default=None).run({}, "b") is None

    def test_other_errors_are_raised(self) -> None:
        with pytest.raises(KeyError):
            GetItem().run({}, "b")
        with pytest.raises(IndexError):
            GetItem(default=4).run([1], 3)
        with pytest.raises(TypeError):
            GetItem(default=4).run(3, "a")


class TestGetAttr:
    def test_attributes_may_be_dotted_and_have_a_default(self) -> None:
        assert GetAttr().run(Thing(), "size") == 3
        assert GetAttr().run(Thing(), "__class__.size") == 3
        assert GetAttr(default=2).run(Thing(), "other") == 2
        with pytest.raises(AttributeError):
            GetAttr().run(Thing(), "other")
