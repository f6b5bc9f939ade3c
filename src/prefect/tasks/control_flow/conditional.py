"""Branches as tasks: compare a value, run what belongs to it, bring the branches together again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional

from prefect.core.building import as_task, tags
from prefect.core.task import Task
from prefect.engine import signals
from prefect.tasks.core.function import FunctionTask
from prefect.triggers import not_all_skipped

if TYPE_CHECKING:
    from prefect.core.flow import Flow

__all__ = ["CompareValue", "Merge", "ifelse", "merge", "switch"]


class CompareValue(Task):
    """Skips, and with it what waits for it, unless the value it receives equals its own."""

    def __init__(self, value: Any, **kwargs: Any) -> None:
        self.value = value
        kwargs.setdefault("name", f'CompareValue: "{value}"')
        super().__init__(**kwargs)

    def run(self, value: Any) -> None:
        if value != self.value:
            raise signals.SKIP(f'Provided value "{value}" did not match "{self.value}"')


class Merge(Task):
    """The first of its inputs, in their order, that is there; None where none is."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("skip_on_upstream_skip", False)
        kwargs.setdefault("trigger", not_all_skipped)
        super().__init__(**kwargs)

    def run(self, **task_results: Any) -> Any:
        for key in sorted(task_results, key=_in_order_of_number):
            if task_results[key] is not None:
                return task_results[key]
        return None


def _in_order_of_number(key: str) -> tuple[int, str]:
    number = key.rpartition("_")[2]
    return (int(number), "") if number.isdecimal() else (0, key)


def _as_bool(x):  # type: ignore[no-untyped-def]  # the types of its arguments are part of the wire format
    return bool(x)


def switch(condition: Task, cases: Mapping[Any, Task], mapped: bool = False) -> None:
    """Run the task whose key in `cases` equals the condition's result; the other tasks are skipped."""
    with tags("switch"):
        for value, branch in cases.items():
            task = as_task(branch)
            matches = CompareValue(value=value).bind(value=condition, mapped=mapped)
            task.set_dependencies(upstream_tasks=[matches], mapped=mapped)


def ifelse(condition: Task, true_task: Optional[Task], false_task: Optional[Task], mapped: bool = False) -> None:
    """Run one task or the other, as the condition's result is true or false; None stands for nothing to run."""
    cases = {value: task for value, task in ((True, true_task), (False, false_task)) if task is not None}
    if cases:
        truth = FunctionTask(_as_bool, name="as_bool").bind(x=condition, mapped=mapped)
        switch(condition=truth, cases=cases, mapped=mapped)


def merge(*tasks: Any, flow: "Flow | None" = None, mapped: bool = False, **kwargs: Any) -> Task:
    """The result of whichever branch ran: the first, in this order, that gives one.

    The task is skipped where all branches were. Keywords are those of `Task`.
    """
    branches = {f"task_{number}": branch for number, branch in enumerate(tasks, start=1)}
    return Merge(**kwargs).bind(mapped=mapped, flow=flow, **branches)
