from typing import Any

import pytest

from prefect.executors.base import Executor
from prefect.executors.local import LocalExecutor


def test_local_executor_runs_at_once_and_hands_out_values() -> None:
    executor = LocalExecutor()
    with executor.start():
        future = executor.submit(divmod, 17, 5, extra_context={"task_name": "divide"})
    assert future == (3, 2)
    assert executor.wait({"a": [future]}) == {"a": [(3, 2)]}


def test_errors_escape_from_submit() -> None:
    with pytest.raises(ZeroDivisionError):
        LocalExecutor().submit(divmod, 1, 0)


@pytest.mark.parametrize("executor", [Executor(), LocalExecutor()])
def test_executors_are_printed_with_their_class(executor: Any) -> None:
    assert repr(executor) == f"<Executor: {type(executor).__name__}>"


def test_the_base_class_only_promises() -> None:
    executor = Executor()
    with executor.start():
        with pytest.raises(NotImplementedError, match="Executor does not define submit"):
            executor.submit(len, [])
        with pytest.raises(NotImplementedError, match="Executor does not define wait"):
            executor.wait([])
