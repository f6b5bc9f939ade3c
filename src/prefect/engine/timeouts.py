"""Timeouts that truly interrupt user code."""

from __future__ import annotations

from typing import Any


def run_task_with_timeout(task: Any, args: Any, kwargs: Any, logger: Any) -> Any:
    from prefect.utilities.executors import run_task_with_timeout as run

    return run(task, args, kwargs, logger)
