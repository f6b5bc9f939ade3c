"""The front door of Quaestor: the names that 1.x programs import. Each is loaded when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from prefect.utilities.version import VERSION as __version__

if TYPE_CHECKING:
    from prefect.client.client import Client
    from prefect.configuration import config
    from prefect.core.building import apply_map, tags, task
    from prefect.core.edge import flatten, mapped, unmapped
    from prefect.core.flow import Flow
    from prefect.core.parameter import Parameter
    from prefect.core.task import Task
    from prefect.tasks.control_flow.case import case
    from prefect.tasks.core.resource_manager import resource_manager
    from prefect.utilities.context import context
    from prefect.utilities.plugins import API as api
    from prefect.utilities.plugins import MODELS as models
    from prefect.utilities.plugins import PLUGINS as plugins

__all__ = [
    "Client",
    "Flow",
    "Parameter",
    "Task",
    "__version__",
    "api",
    "apply_map",
    "case",
    "config",
    "context",
    "flatten",
    "mapped",
    "models",
    "plugins",
    "resource_manager",
    "tags",
    "task",
    "unmapped",
]

# Where each name is defined, and its name there where that is another one.
_HOMES = {
    "Client": "prefect.client.client",
    "Flow": "prefect.core.flow",
    "Parameter": "prefect.core.parameter",
    "Task": "prefect.core.task",
    "api": "prefect.utilities.plugins:API",
    "apply_map": "prefect.core.building",
    "case": "prefect.tasks.control_flow.case",
    "config": "prefect.configuration",
    "context": "prefect.utilities.context",
    "flatten": "prefect.core.edge",
    "mapped": "prefect.core.edge",
    "models": "prefect.utilities.plugins:MODELS",
    "plugins": "prefect.utilities.plugins:PLUGINS",
    "resource_manager": "prefect.tasks.core.resource_manager",
    "tags": "prefect.core.building",
    "task": "prefect.core.building",
    "unmapped": "prefect.core.edge",
}

# Programs say `import prefect` and then `prefect.triggers.all_failed`, or `prefect.engine.signals.FAIL`.
_SUBMODULES = frozenset(
    {
        "agent",
        "artifacts",
        "backend",
        "cli",
        "client",
        "configuration",
        "core",
        "engine",
        "exceptions",
        "executors",
        "run_configs",
        "schedules",
        "serialization",
        "server",
        "storage",
        "tasks",
        "triggers",
        "utilities",
    }
)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        home, _, name_there = _HOMES[name].partition(":")
        value = getattr(import_module(home), name_there or name)
        globals()[name] = value
        return value
    if name in _SUBMODULES:
        try:
            return import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_SUBMODULES})
