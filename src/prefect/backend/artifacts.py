"""Artifacts: links and Markdown that a task leaves with its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.client.client import Client
from prefect.utilities import masking
from prefect.utilities.context import context

if TYPE_CHECKING:
    from prefect.engine.cloud.backend_runs import BackendRuns


def _backend() -> Client | BackendRuns:
    """Whom to tell: the run itself, which knows what to do while its backend is away, where this process records it."""
    from prefect.engine.cloud.backend_runs import runs_here

    return runs_here(context.get("flow_run_id")) or Client()


def _create(kind: str, data: dict[str, Any]) -> str | None:
    task_run_id = context.get("task_run_id")
    if not task_run_id or not context.get("running_with_backend"):
        return None
    return _backend().create_task_run_artifact(task_run_id, kind, masking.mask_json(data))


def _update(task_run_artifact_id: str, data: dict[str, Any]) -> None:
    if context.get("running_with_backend"):
        _backend().update_task_run_artifact(task_run_artifact_id, masking.mask_json(data))


def create_link_artifact(link: str) -> str | None:
    """Leave a link with the task run that this is called in; its id, or None in a run that is not recorded."""
    return _create("link", {"link": link})


def update_link_artifact(task_run_artifact_id: str, link: str) -> None:
    """Replace a link; nothing in a run that is not recorded."""
    _update(task_run_artifact_id, {"link": link})


def create_markdown_artifact(markdown: str) -> str | None:
    """Leave Markdown with the task run that this is called in; its id, or None in a run that is not recorded."""
    return _create("markdown", {"markdown": markdown})


def update_markdown_artifact(task_run_artifact_id: str, markdown: str) -> None:
    """Replace Markdown; nothing in a run that is not recorded."""
    _update(task_run_artifact_id, {"markdown": markdown})


def delete_artifact(task_run_artifact_id: str) -> None:
    """Delete an artifact; nothing in a run that is not recorded."""
    if context.get("running_with_backend"):
        _backend().delete_task_run_artifact(task_run_artifact_id)
