"""A function as a task."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from prefect.core.task import Task, check_run_signature


class FunctionTask(Task):
    """A task whose run method is the function that it was made from; `@prefect.task` makes these."""

    def __init__(self, fn: Callable[..., Any], name: str | None = None, **kwargs: Any) -> None:
        if not callable(fn):
            raise TypeError("`fn` must be callable")
        check_run_signature(fn)
        update_wrapper(self, fn)
        self.run = fn
        super().__init__(name=name or getattr(fn, "__name__", type(self).__name__), **kwargs)

    def _name_in_code(self) -> str:
        return self.name
