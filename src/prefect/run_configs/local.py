"""A run as a process on the agent's machine."""

from __future__ import annotations

import os
from collections.abc import Iterable

from prefect.run_configs.base import RunConfig


class LocalRun(RunConfig):
    """A run started by a local agent.

    Args:
        env: environment variables to set for the run.
        working_dir: the directory to run in; a relative one is taken from here and now.
        labels: labels that an agent must have to pick the run up.
    """

    def __init__(
        self,
        *,
        env: dict[str, str] | None = None,
        working_dir: str | None = None,
        labels: Iterable[str] | None = None,
    ) -> None:
        super().__init__(env=env, labels=labels)
        self.working_dir = None if working_dir is None else os.path.abspath(working_dir)
