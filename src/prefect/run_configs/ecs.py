"""A run as a task on Amazon ECS."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prefect.run_configs.base import RunConfig, read_template


class ECSRun(RunConfig):
    """A run started by an ECS agent.

    Args:
        task_definition, task_definition_path, task_definition_arn: at most one of them: the task definition itself,
            where it is (as in `KubernetesRun.job_template_path`), or the registered one to use as it is.
        image: the image to run; None means that of the flow's storage.
        env: environment variables to set for the run.
        cpu, memory: as ECS writes them; numbers are units and MiB.
        task_role_arn, execution_role_arn: roles of the task.
        run_task_kwargs: further arguments for the request that starts the task.
        labels: labels that an agent must have to pick the run up.
    """

    def __init__(
        self,
        *,
        task_definition: dict[str, Any] | None = None,
        task_definition_path: str | None = None,
        task_definition_arn: str | None = None,
        image: str | None = None,
        env: dict[str, str] | None = None,
        cpu: int | str | None = None,
        memory: int | str | None = None,
        task_role_arn: str | None = None,
        execution_role_arn: str | None = None,
        run_task_kwargs: dict[str, Any] | None = None,
        labels: Iterable[str] | None = None,
    ) -> None:
        super().__init__(env=env, labels=labels)
        definitions = (task_definition, task_definition_path, task_definition_arn)
        if sum(definition is not None for definition in definitions) > 1:
            raise ValueError(
                "Can only provide one of `task_definition`, `task_definition_path`, or `task_definition_arn`"
            )
        if task_definition_arn is not None and image is not None:
            raise ValueError(
                "Cannot provide both `task_definition_arn` and `image`, since an ECS task's `image` can only be "
                "configured as part of the task definition"
            )
        self.task_definition_path, read = read_template(task_definition_path)
        self.task_definition: dict[str, Any] | None = read if task_definition is None else task_definition
        self.task_definition_arn = task_definition_arn
        self.image = image
        self.cpu = None if cpu is None else str(cpu)
        self.memory = None if memory is None else str(memory)
        self.task_role_arn = task_role_arn
        self.execution_role_arn = execution_role_arn
        self.run_task_kwargs = run_task_kwargs
