import threading
from typing import Any

import cloudpickle
import pytest

from prefect.utilities.context import context
from prefect.utilities.debug import is_serializable, raise_on_exception


def test_the_context_says_so_within_the_block() -> None:
    with raise_on_exception():
        assert context.raise_on_exception is True
    assert "raise_on_exception" not in context


class LoadsNowhere:
    def __reduce__(self) -> Any:
        return eval, ("1 / 0",)


@pytest.mark.parametrize(
    ("value", "answer"), [(1, True), (lambda x: x, True), (threading.Lock(), False), (LoadsNowhere(), False)]
)
def test_whether_another_process_could_be_given_it(value: Any, answer: bool) -> None:
    assert is_serializable(value) is answer


def test_the_reason() -> None:
    with pytest.raises(TypeError, match="cannot pickle"):
        is_serializable(threading.Lock(), raise_on_error=True)
    value = LoadsNowhere()
    assert cloudpickle.dumps(value)
    with pytest.raises(ValueError, match="ZeroDivisionError"):
        is_serializable(value, raise_on_error=True)
