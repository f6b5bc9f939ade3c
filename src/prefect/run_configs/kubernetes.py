"""A run as a Kubernetes job."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prefect.run_configs.base import RunConfig, parse_yaml, read_template

PULL_POLICIES = ("Always", "IfNotPresent", "Never")


class KubernetesRun(RunConfig):
    """A run started by a Kubernetes agent.

    Args:
        job_template_path: where the job's template is: a file here, `agent://` for one on the agent's machine, or a
            remote path.
        job_template: the template itself, as a dict or as YAML.
        image: the image to run; None means that of the flow's storage.
        env: environment variables to set for the run.
        cpu_limit, cpu_request, memory_limit, memory_request: as Kubernetes writes them.
        service_account_name: the service account of the job.
        image_pull_secrets: names of the secrets to pull the image with.
        labels: labels that an agent must have to pick the run up.
        image_pull_policy: Always, IfNotPresent or Never.
    """

    def __init__(
        self,
        *,
        job_template_path: str | None = None,
        job_template: str | dict[str, Any] | None = None,
        image: str | None = None,
        env: dict[str, str] | None = None,
        cpu_limit: float | str | None = None,
        cpu_request: float | str | None = None,
        memory_limit: str | None = None,
        memory_request: str | None = None,
        service_account_name: str | None = None,
        image_pull_secrets: Iterable[str] | None = None,
        labels: Iterable[str] | None = None,
        image_pull_policy: str | None = None,
    ) -> None:
        super().__init__(env=env, labels=labels)
        if job_template_path is not None and job_template is not None:
            raise ValueError("Cannot provide both `job_template_path` and `job_template`")
        if image_pull_policy is not None and image_pull_policy not in PULL_POLICIES:
            raise ValueError(
                f"Invalid image_pull_policy {image_pull_policy!r}.  Expected 'Always', 'IfNotPresent', or 'Never'"
            )
        self.job_template_path, read = read_template(job_template_path)
        given = parse_yaml(job_template) if isinstance(job_template, str) else job_template
        self.job_template: dict[str, Any] | None = read if given is None else given
        self.image = image
        self.cpu_limit = None if cpu_limit is None else str(cpu_limit)
        self.cpu_request = None if cpu_request is None else str(cpu_request)
        self.memory_limit = memory_limit
        self.memory_request = memory_request
        self.service_account_name = service_account_name
        self.image_pull_secrets = None if image_pull_secrets is None else list(image_pull_secrets)
        self.image_pull_policy = image_pull_policy
