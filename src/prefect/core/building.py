"""Ordinary Python into a graph: `@task`, `tags`, `apply_map`, and what becomes of values that are no tasks."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from prefect.core.edge import EdgeAnnotation
from prefect.core.task import Task
from prefect.utilities.context import context

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.tasks.core.function import FunctionTask

__all__ = ["apply_map", "as_task", "defaults_from_attrs", "pause_task", "tags", "task"]

P = ParamSpec("P")
R = TypeVar("R")

MAPPED_INSIDE_MAP = "Cannot set `mapped=True` when running from inside a mapped context"


@overload
def task(fn: Callable[P, R], **task_init_kwargs: Any) -> FunctionTask[P, R]: ...


@overload
def task(fn: None = None, **task_init_kwargs: Any) -> Callable[[Callable[P, R]], FunctionTask[P, R]]: ...


def task(
    fn: Callable[..., Any] | None = None, **task_init_kwargs: Any
) -> FunctionTask[..., Any] | Callable[[Callable[P, R]], FunctionTask[P, R]]:
    """A task from a function; a decorator, with or without arguments (those of `Task`)."""
    from prefect.tasks.core.function import FunctionTask

    if fn is None:
        return lambda function: FunctionTask(fn=function, **task_init_kwargs)
    return FunctionTask(fn=fn, **task_init_kwargs)


@contextmanager
def tags(*tags: str) -> Iterator[None]:
    """Tag every task that is made in the block, on top of the tags of surrounding blocks."""
    with context(tags=set(tags) | set(context.get("tags") or ())):
        yield


def pause_task(message: str | None = None, duration: timedelta | None = None) -> None:
    """Pause the running task: it waits for approval, or for `duration`, and then runs again from its start."""
    if context.get("resume"):
        return
    from prefect.engine import signals

    start_time = None
    if duration is not None:
        import pendulum

        start_time = pendulum.now("utc") + duration
    raise signals.PAUSE(message or "Pause signal raised during task execution.", start_time=start_time)


RunT = TypeVar("RunT", bound=Callable[..., Any])


def defaults_from_attrs(*attr_args: str) -> Callable[[RunT], RunT]:
    """A decorator for run methods: arguments that are not given are read from attributes of the same name."""

    def decorate(run: RunT) -> RunT:
        positions = {
            position: name for position, name in enumerate(inspect.signature(run).parameters) if name in attr_args
        }

        @functools.wraps(run)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            given = {name for position, name in positions.items() if 0 < position <= len(args)}
            for name in attr_args:
                if name not in given and name not in kwargs:
                    kwargs[name] = getattr(self, name)
            return run(self, *args, **kwargs)

        return method  # type: ignore[return-value]

    return decorate


# -- values in the place of tasks


def contains_task(value: Any) -> bool:
    """Whether a value is a task, or a collection with a task somewhere in it."""
    if isinstance(value, Task | EdgeAnnotation):
        return True
    if isinstance(value, list | tuple | set):
        return any(contains_task(item) for item in value)
    if isinstance(value, dict):
        return any(contains_task(item) for item in value.values())
    return False


def as_task(x: Any, flow: Flow | Any | None = None) -> Task:
    """A task that gives `x`: a task itself, a collection of tasks gathered in `flow`, or a `Constant`."""
    if isinstance(x, Task):
        return x
    if isinstance(x, EdgeAnnotation):
        return as_task(x.value, flow=flow)

    from prefect.tasks.core import collections
    from prefect.tasks.core.constants import Constant

    made: Task
    if not contains_task(x):
        made = Constant(value=x)
    elif isinstance(x, list):
        made = collections.List().bind(*x, flow=flow)
    elif isinstance(x, tuple):
        made = collections.Tuple().bind(*x, flow=flow)
    elif isinstance(x, set):
        made = collections.Set().bind(*_in_stable_order(x, flow), flow=flow)
    else:
        made = collections.Dict().bind(keys=list(x.keys()), values=list(x.values()), flow=flow)
    made.auto_generated = True
    return made


def _in_stable_order(members: set[Any], flow: Any) -> list[Any]:
    """Sets of tasks iterate by address; without an order of their own, the same flow would not hash alike twice."""
    slugs = getattr(flow if flow is not None else context.get("flow"), "slugs", {})

    def order(member: Any) -> tuple[str, str]:
        if isinstance(member, Task):
            return slugs.get(member, ""), member.name
        return "", repr(member)

    return sorted(members, key=order)


# -- mapping whole functions


class MappedScope:
    """While `apply_map` runs a function: how edges are made mapped, and which tasks are met there first."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.arguments: dict[Task, dict[str, bool]] = {}
        self.tasks_before = set(flow.tasks)

    def argument(self, value: Any) -> Task:
        """The task that stands for one argument of the function."""
        annotated: dict[str, bool] = {"mapped": True}
        if isinstance(value, EdgeAnnotation):
            annotated.update(value.annotations)
            value = value.value
        if annotated["mapped"] and not isinstance(value, Task) and not hasattr(value, "__getitem__"):
            raise TypeError(f"Cannot map over non-sequence object of type `{type(value).__name__}`")
        task = as_task(value, flow=self.flow)
        self.arguments[task] = annotated
        return task

    def annotate(self, task: Task, flattened: bool) -> tuple[bool, bool]:
        """Whether an edge from a task is mapped, and whether it is flattened, where the function does not say."""
        from prefect.tasks.core.constants import Constant

        annotated = self.arguments.get(task)
        if annotated is None:
            return not isinstance(task, Constant), flattened
        return annotated["mapped"], annotated.get("flattened", flattened)

    def tie_roots(self) -> None:
        """Let every task without a predecessor of its own wait for all arguments, so that it is mapped alike."""
        from prefect.core.parameter import Parameter
        from prefect.tasks.core.constants import Constant

        flow = self.flow
        new = flow.tasks - self.tasks_before - self.arguments.keys()
        for task in [task for task in flow.slugs if task in new]:
            upstream = flow.upstream_tasks(task)
            if isinstance(task, Parameter) or not upstream.isdisjoint(new):
                continue
            for argument, annotated in self.arguments.items():
                is_mapped, is_flattened = annotated["mapped"], annotated.get("flattened", False)
                if argument not in upstream and (is_mapped or not isinstance(argument, Constant)):
                    flow.add_edge(argument, task, mapped=is_mapped, flattened=is_flattened)


def apply_map(func: Callable[..., R], *args: Any, flow: Flow | None = None, **kwargs: Any) -> R:
    """Map a function that builds a piece of a flow over the elements of its arguments.

    Every task that the function adds is mapped. Arguments marked `unmapped` are handed whole. Returns what the
    function returns.
    """
    if flow is None:
        flow = context.get("flow")
        if flow is None:
            raise ValueError("Couldn't infer a flow in the current context")
    if context.get("mapped_scope") is not None:
        raise ValueError(MAPPED_INSIDE_MAP)

    scope = MappedScope(flow)
    positional = [scope.argument(value) for value in args]
    named = {name: scope.argument(value) for name, value in kwargs.items()}
    with context(flow=flow, mapped_scope=scope):
        made = func(*positional, **named)
    scope.tie_roots()
    return made
