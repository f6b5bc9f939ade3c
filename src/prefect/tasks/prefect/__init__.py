"""Tasks that drive other flow runs: start them, wait for them, take their results, rename and cancel them.

Where the backend is embedded nobody else starts the runs that are created: who waits for such a run starts it, in a
process of its own.
"""

from prefect.tasks.prefect.flow_run import StartFlowRun, create_flow_run, get_task_run_result, wait_for_flow_run
from prefect.tasks.prefect.flow_run_cancel import CancelFlowRun
from prefect.tasks.prefect.flow_run_rename import RenameFlowRun

__all__ = [
    "CancelFlowRun",
    "RenameFlowRun",
    "StartFlowRun",
    "create_flow_run",
    "get_task_run_result",
    "wait_for_flow_run",
]
