"""What should happen, and in what order: tasks, edges, parameters and flows."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.core.edge import Edge
    from prefect.core.flow import Flow
    from prefect.core.parameter import Parameter
    from prefect.core.task import Task

__all__ = ["Edge", "Flow", "Parameter", "Task"]

_HOMES = {
    "Edge": "prefect.core.edge",
    "Flow": "prefect.core.flow",
    "Parameter": "prefect.core.parameter",
    "Task": "prefect.core.task",
}
_SUBMODULES = frozenset({"building", "edge", "flow", "graph", "parameter", "task"})


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
