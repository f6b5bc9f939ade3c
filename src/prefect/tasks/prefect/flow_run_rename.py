"""Rename a flow run."""

from typing import Any

from prefect.client.client import Client
from prefect.core.building import defaults_from_attrs
from prefect.core.task import Task
from prefect.utilities.context import context

__all__ = ["RenameFlowRun"]


class RenameFlowRun(Task):
    """Gives a flow run another name, by default the one that the task belongs to; the result says whether it has it.

    ValueError where the run or its name is missing.
    """

    def __init__(self, flow_run_id: str = None, flow_run_name: str = None, **kwargs: Any) -> None:
        self.flow_run_id = flow_run_id
        self.flow_run_name = flow_run_name
        super().__init__(**kwargs)

    @defaults_from_attrs("flow_run_id", "flow_run_name")
    def run(self, flow_run_id: str = None, flow_run_name: str = None) -> bool:
        chosen = flow_run_id or context.get("flow_run_id")
        if not chosen:
            raise ValueError("`flow_run_id` must be explicitly provided or available in the context")
        if not flow_run_name:
            raise ValueError("Must provide a flow run name.")
        return Client().set_flow_run_name(chosen, flow_run_name)
