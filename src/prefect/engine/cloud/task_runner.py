"""The 1.x name for a task runner whose states live in a backend."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from prefect.client.client import Client
from prefect.engine.state import State
from prefect.engine.task_runner import TaskRunner

if TYPE_CHECKING:
    from prefect.core.edge import Edge


class CloudTaskRunner(TaskRunner):
    """A task runner that reads what it needs from where results are kept."""

    @cached_property
    def client(self) -> Client:
        """A client of the backend, for subclasses: the states of this runner are written by its run store."""
        return Client()

    def load_results(self, state: State, upstream_states: dict[Edge, State]) -> tuple[State, dict[Edge, State]]:
        """The states with the values that this run needs; what is in this process already is not read again."""
        for edge, upstream in upstream_states.items():
            if edge.key is not None and edge.upstream_task is not None:
                upstream.load_result(edge.upstream_task.result or self.flow_result)
        if state.cached_inputs:
            state.load_cached_results()
        return state, upstream_states
