"""Wait for a flow run; where nobody else would start it, start it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta

from prefect.backend.execution import start_flow_run
from prefect.backend.flow_run import FlowRunLog, FlowRunView, watch_flow_run
from prefect.configuration import config
from prefect.utilities.datetimes import utc_now

__all__ = ["await_flow_run"]


def await_flow_run(
    flow_run_id: str,
    stream_states: bool = True,
    stream_logs: bool = False,
    max_duration: timedelta = timedelta(hours=12),
) -> Iterator[FlowRunLog]:
    """What happens in a flow run, line by line, until it is finished.

    A server has agents that start runs. The embedded backend has none, so there a run that is due and that nobody has
    started is started here, in a process of its own; it goes on when one stops waiting for it. RuntimeError where that
    process ends before the run has begun, and when the run goes on for longer than `max_duration`.
    """
    attend = Attendant(flow_run_id) if config.backend == "embedded" else None
    yield from watch_flow_run(flow_run_id, stream_states, stream_logs, max_duration, attend=attend)


class Attendant:
    """Starts a flow run of the embedded backend when it is due, and looks whether the process is still there."""

    def __init__(self, flow_run_id: str) -> None:
        self.flow_run_id = flow_run_id
        self.process: subprocess.Popen[bytes] | None = None

    def __call__(self, state_name: str) -> None:
        """Do what is to be done while the run is in this state."""
        if self.process is None:
            if self._is_due(state_name):
                self.process = start_flow_run(self.flow_run_id)
                # Somebody has to take note of its end, or it would stay in the table of processes.
                threading.Thread(target=self.process.wait, name="prefect-attendant", daemon=True).start()
        elif self.process.poll() is not None:
            from prefect.client.transport import rescue_dead_runs

            rescue_dead_runs(config.embedded.database)
            if self._is_due(state_name):
                raise RuntimeError(
                    f"The process that should run flow run {self.flow_run_id} ended with code "
                    f"{self.process.returncode} before the run began. `prefect run --id {self.flow_run_id} --execute` "
                    "runs it here."
                )

    def _is_due(self, state_name: str) -> bool:
        from prefect.engine import state as states

        if not issubclass(getattr(states, state_name), states.Scheduled):
            return False
        state = FlowRunView.from_flow_run_id(self.flow_run_id).state
        start = getattr(state, "start_time", None)
        return state.is_scheduled() and start is not None and start <= utc_now()
