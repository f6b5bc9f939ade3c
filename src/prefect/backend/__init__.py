"""What the backend knows, as read-only views; artifacts, key-value pairs, and running a recorded flow here."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.backend.artifacts import (
        create_link_artifact,
        create_markdown_artifact,
        delete_artifact,
        update_link_artifact,
        update_markdown_artifact,
    )
    from prefect.backend.execution import run_flow
    from prefect.backend.flow import FlowView
    from prefect.backend.flow_run import FlowRunView
    from prefect.backend.kv_store import delete_key, get_key_value, list_keys, set_key_value
    from prefect.backend.task_run import TaskRunView
    from prefect.backend.tenant import TenantView

_HOMES = {
    "FlowRunView": "flow_run",
    "FlowView": "flow",
    "TaskRunView": "task_run",
    "TenantView": "tenant",
    "create_link_artifact": "artifacts",
    "create_markdown_artifact": "artifacts",
    "delete_artifact": "artifacts",
    "delete_key": "kv_store",
    "get_key_value": "kv_store",
    "list_keys": "kv_store",
    "run_flow": "execution",
    "set_key_value": "kv_store",
    "update_link_artifact": "artifacts",
    "update_markdown_artifact": "artifacts",
}

__all__ = [
    "FlowRunView",
    "FlowView",
    "TaskRunView",
    "TenantView",
    "create_link_artifact",
    "create_markdown_artifact",
    "delete_artifact",
    "delete_key",
    "get_key_value",
    "list_keys",
    "run_flow",
    "set_key_value",
    "update_link_artifact",
    "update_markdown_artifact",
]


def __getattr__(name: str) -> Any:
    """The names above, each loaded with its module when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"prefect.backend.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
