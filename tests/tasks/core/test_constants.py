"""A value as a task."""

from typing import Any

import pytest

from prefect import Flow
from prefect.tasks.core.constants import Constant


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (3, "3"),
        ("abcdef", "'abcdef'"),
        ("abcdefg", "Constant[str]"),
        ([1, 2], "[1, 2]"),
        ([1, 2, 3], "Constant[list]"),
        ({"a": 1}, "{'a': 1}"),
        (None, "None"),
        (range(3), "Constant[range]"),
    ],
)
def test_short_values_are_named_for_themselves(value: Any, name: str) -> None:
    constant = Constant(value)
    assert constant.name == name
    assert constant.run() == value
    assert Constant(value, name="own").name == "own"


def test_a_constant_outside_the_flow_was_not_forgotten() -> None:
    with Flow("f") as flow:
        Constant(3)
    assert not flow.tasks
