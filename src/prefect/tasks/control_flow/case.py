"""A block of tasks that run only where a value is what was expected."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from prefect.core.parameter import Parameter
from prefect.core.task import Task
from prefect.tasks.control_flow.conditional import CompareValue
from prefect.tasks.core.constants import Constant
from prefect.utilities.context import context

if TYPE_CHECKING:
    from prefect.core.flow import Flow

__all__ = ["case"]


class case:
    """`with case(task, value):`: the tasks added in the block are skipped unless the result of `task` is `value`."""

    def __init__(self, task: Task, value: Any) -> None:
        if isinstance(value, Task):
            raise TypeError("`value` cannot be a task")
        self.task = task
        self.value = value
        # Ordered, so that the edges of a flow are added in the same order in every process.
        self._tasks: dict[Task, None] = {}
        self._flow: Flow | None = None

    def add_task(self, task: Task, flow: Flow) -> None:
        """Make a task that a flow has just received part of the block."""
        if self._flow is None:
            self._flow = flow
        elif self._flow is not flow:
            raise ValueError("A `case` block can hold the tasks of one flow only.")
        # These wait for nothing, and are the same whatever branch is taken.
        if not isinstance(task, Parameter | Constant):
            self._tasks[task] = None

    def __enter__(self) -> None:
        self._entered = context(case=self)
        self._entered.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        entered = self._entered
        del self._entered
        entered.__exit__(kind, error, traceback)
        if error is not None or not self._tasks or self._flow is None:
            return
        flow = self._flow
        matches = CompareValue(self.value, name=f"case({self.value})").bind(value=self.task, flow=flow)
        for task in self._tasks:
            # The others wait for one of these, and are skipped with it.
            if task in flow.tasks and flow.upstream_tasks(task).isdisjoint(self._tasks):
                flow.add_edge(matches, task)
