"""Collections as tasks: how a list, tuple, set or dictionary that holds tasks becomes one argument."""

import typing
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Optional

from prefect.core.task import Task

if TYPE_CHECKING:
    from prefect.core.flow import Flow

__all__ = ["Dict", "List", "Set", "Tuple", "VarArgsTask"]


class VarArgsTask(Task):
    """A task of any number of positional arguments, which a flow keeps under the names `arg_1`, `arg_2`, ..."""

    def bind(  # type: ignore[override]
        self,
        *args: Any,
        upstream_tasks: Optional[Iterable[Any]] = None,
        mapped: bool = False,
        flow: "Flow | None" = None,
    ) -> "VarArgsTask":
        arguments = {f"arg_{number}": value for number, value in enumerate(args, start=1)}
        return super().bind(mapped=mapped, upstream_tasks=upstream_tasks, flow=flow, **arguments)


def _in_order(task_results: dict[str, Any]) -> list[Any]:
    """The values in the order in which they were bound, whatever order they arrive in."""
    return [task_results[key] for key in sorted(task_results, key=lambda key: int(key.rpartition("_")[2]))]


class List(VarArgsTask):
    """The results of its arguments as a list."""

    def run(self, **task_results: Any) -> list:  # its text is part of the wire format
        return _in_order(task_results)


class Tuple(VarArgsTask):
    """The results of its arguments as a tuple."""

    def run(self, **task_results: Any) -> tuple:  # its text is part of the wire format
        return tuple(_in_order(task_results))


class Set(VarArgsTask):
    """The results of its arguments as a set."""

    def run(self, **task_results: Any) -> set:  # its text is part of the wire format
        return set(_in_order(task_results))


class Dict(Task):
    """A dictionary of `keys` and `values`, paired in order."""

    def run(
        self, keys: typing.Iterable[Any], values: typing.Iterable[Any]
    ) -> dict:  # its text is part of the wire format
        keys, values = list(keys), list(values)
        if len(keys) != len(values):
            raise ValueError("A different number of keys and values were provided!")
        return dict(zip(keys, values, strict=True))
