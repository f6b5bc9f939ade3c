"""A run in a container on the agent's machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prefect.run_configs.base import RunConfig


class DockerRun(RunConfig):
    """A run started by a Docker agent.

    Args:
        image: the image to run; None means that of the flow's storage.
        env: environment variables to set for the run.
        labels: labels that an agent must have to pick the run up.
        ports: ports to publish.
        host_config: options of the container, as docker-py names them.
    """

    def __init__(
        self,
        *,
        image: str | None = None,
        env: dict[str, str] | None = None,
        labels: Iterable[str] | None = None,
        ports: Iterable[int] | None = None,
        host_config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(env=env, labels=labels)
        self.image = image
        self.host_config = host_config
        self.ports = ports
