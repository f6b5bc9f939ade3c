"""A run as a custom job on Vertex AI."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prefect.run_configs.base import RunConfig


class VertexRun(RunConfig):
    """A run started by a Vertex agent.

    Args:
        env: environment variables to set for the run.
        labels: labels that an agent must have to pick the run up.
        image: the image to run; None means that of the flow's storage.
        machine_type: the kind of machine to run on.
        scheduling: scheduling options of the job.
        service_account: the account to run as.
        network: the network to join.
        worker_pool_specs: worker pools besides the first.
    """

    def __init__(
        self,
        *,
        env: dict[str, str] | None = None,
        labels: Iterable[str] | None = None,
        image: str | None = None,
        machine_type: str = "e2-standard-4",
        scheduling: dict[str, Any] | None = None,
        service_account: str | None = None,
        network: str | None = None,
        worker_pool_specs: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(env=env, labels=labels)
        self.image = image
        self.machine_type = machine_type
        self.scheduling = scheduling
        self.service_account = service_account
        self.network = network
        self.worker_pool_specs = worker_pool_specs
