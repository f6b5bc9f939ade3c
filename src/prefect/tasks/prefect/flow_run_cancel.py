"""Cancel a flow run."""

from typing import Any

from prefect.client.client import Client
from prefect.core.building import defaults_from_attrs
from prefect.core.task import Task
from prefect.utilities.context import context

__all__ = ["CancelFlowRun"]


class CancelFlowRun(Task):
    """Asks for the end of a flow run, by default of the one that the task belongs to.

    The result says whether the backend knows about it now. ValueError where there is no run to cancel.
    """

    def __init__(self, flow_run_id: str = None, **kwargs: Any) -> None:
        self.flow_run_id = flow_run_id
        super().__init__(**kwargs)

    @defaults_from_attrs("flow_run_id")
    def run(self, flow_run_id: str = None) -> bool:
        chosen = flow_run_id or context.get("flow_run_id")
        if not chosen:
            raise ValueError("Can't cancel a flow run without flow run ID.")
        return Client().cancel_flow_run(chosen)
