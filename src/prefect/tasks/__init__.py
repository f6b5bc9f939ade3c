"""The library of tasks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.core.task import Task

__all__ = ["Task"]

_SUBMODULES = frozenset({"control_flow", "core", "prefect", "secrets"})


def __getattr__(name: str) -> Any:
    if name == "Task":
        from prefect.core.task import Task

        return Task
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
