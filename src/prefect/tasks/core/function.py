"""A function as a task."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from prefect.core.task import Task, check_run_signature

if TYPE_CHECKING:
    from prefect.core.flow import Flow

P = ParamSpec("P")
R = TypeVar("R")


class FunctionTask(Task, Generic[P, R]):
    """A task whose run method is the function that it was made from; `@prefect.task` makes these.

    Type checkers see `run` as the function, and what a call in a flow gives as a `Task`: its arguments may be tasks or
    values, so that their types are not those of the function.
    """

    def __init__(self, fn: Callable[P, R], name: str | None = None, **kwargs: Any) -> None:
        if not callable(fn):
            raise TypeError("`fn` must be callable")
        check_run_signature(fn)
        update_wrapper(self, fn)
        self.run: Callable[P, R] = fn
        super().__init__(name=name or getattr(fn, "__name__", type(self).__name__), **kwargs)

    def _name_in_code(self) -> str:
        return self.name

    if TYPE_CHECKING:
        # A variable may hold one task after another, whatever functions they were made from.

        def __call__(  # type: ignore[override]
            self,
            *args: Any,
            mapped: bool = False,
            task_args: dict[str, Any] | None = None,
            upstream_tasks: Iterable[Any] | None = None,
            flow: Flow | None = None,
            **kwargs: Any,
        ) -> Task: ...

        def bind(  # type: ignore[override]
            self,
            *args: Any,
            mapped: bool = False,
            upstream_tasks: Iterable[Any] | None = None,
            flow: Flow | None = None,
            **kwargs: Any,
        ) -> Task: ...

        def map(  # type: ignore[override]
            self,
            *args: Any,
            upstream_tasks: Iterable[Any] | None = None,
            flow: Flow | None = None,
            task_args: dict[str, Any] | None = None,
            **kwargs: Any,
        ) -> Task: ...
