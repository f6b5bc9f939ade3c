"""How flows and tasks run. The runners are loaded when asked for: a state alone needs none of them."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.engine.flow_runner import FlowRunner
    from prefect.engine.task_runner import TaskRunner

__all__ = ["FlowRunner", "TaskRunner"]

_HOMES = {"FlowRunner": "prefect.engine.flow_runner", "TaskRunner": "prefect.engine.task_runner"}
_SUBMODULES = frozenset(
    {
        "cache_validators",
        "cloud",
        "executors",
        "flow_runner",
        "mapping",
        "result",
        "results",
        "run_context",
        "run_store",
        "runner",
        "serializers",
        "signals",
        "state",
        "task_runner",
        "task_steps",
    }
)

DEFAULT_EXECUTOR = "prefect.executors.LocalExecutor"
DEFAULT_FLOW_RUNNER = "prefect.engine.flow_runner.FlowRunner"
DEFAULT_TASK_RUNNER = "prefect.engine.task_runner.TaskRunner"


def get_default_executor_class() -> type:
    """The class that the setting `engine.executor.default_class` names."""
    return _chosen("executor", DEFAULT_EXECUTOR)


def get_default_flow_runner_class() -> type:
    """The class that the setting `engine.flow_runner.default_class` names."""
    return _chosen("flow_runner", DEFAULT_FLOW_RUNNER)


def get_default_task_runner_class() -> type:
    """The class that the setting `engine.task_runner.default_class` names."""
    return _chosen("task_runner", DEFAULT_TASK_RUNNER)


def _chosen(section: str, default: str) -> type:
    from prefect.configuration import config

    chosen = config["engine"][section]["default_class"]
    if not isinstance(chosen, str):
        return chosen  # type: ignore[no-any-return]
    try:
        return _class_at(chosen)
    except (ImportError, AttributeError, ValueError):
        warnings.warn(f"Could not import {chosen}; using {default} instead.", stacklevel=3)
        return _class_at(default)


def _class_at(path: str) -> type:
    module, _, name = path.rpartition(".")
    found: type = getattr(import_module(module), name)
    return found


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
