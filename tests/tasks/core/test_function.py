"""A function as a task."""

import pytest

from prefect.tasks.core.function import FunctionTask


def test_it_runs_the_function_and_takes_its_name() -> None:
    def double(x: int) -> int:
        """Twice as much."""
        return 2 * x

    made = FunctionTask(double)
    assert (made.name, made.run(2), made.__doc__) == ("double", 4, "Twice as much.")
    assert FunctionTask(double, name="other", tags=["t"]).tags == {"t"}
    assert FunctionTask(lambda: None).name == "<lambda>"


def test_what_cannot_be_a_task() -> None:
    with pytest.raises(TypeError, match="`fn` must be callable"):
        FunctionTask(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not supported"):
        FunctionTask(lambda *args: None)
