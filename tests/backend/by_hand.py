"""A recorded run that tests move on by hand, through the public client."""

from __future__ import annotations

from typing import Any

import pendulum

from prefect.backend.flow_run import FlowRunView
from prefect.client.client import Client
from prefect.core.building import task
from prefect.core.flow import Flow
from prefect.core.parameter import Parameter
from prefect.engine.results import PrefectResult
from prefect.engine.state import Failed, Mapped, Running, State, Success
from prefect.storage import Module


class Recorded:
    """A registered flow with the tasks `first-1` and `second-1`, and one run of it, moved on by hand."""

    def __init__(self) -> None:
        @task
        def first(x: int) -> int:
            return x

        @task
        def second(y: int) -> int:
            return y

        with Flow("by-hand") as flow:
            second(first(Parameter("x", default=1)))
        flow.result = PrefectResult()
        flow.storage = Module("by_hand")
        flow.storage.add_flow(flow)
        self.client = Client()
        self.client.create_project("default")
        self.flow_id = self.client.register(flow, project_name="default", build=False, no_url=True)
        self.flow_run_id = self.client.create_flow_run(self.flow_id, parameters={"x": 2}, run_name="run-one")
        self.task_runs = {run.task_slug: run.id for run in self.client.get_flow_run_info(self.flow_run_id).task_runs}
        self.task_ids = {
            run.task_slug: run.task_id for run in self.client.get_flow_run_info(self.flow_run_id).task_runs
        }
        self._lines = 0

    def start(self) -> None:
        self.client.set_flow_run_state(self.flow_run_id, Running("Running flow."))

    def finish(self, state: State | None = None) -> None:
        self.client.set_flow_run_state(self.flow_run_id, state or Success("All reference tasks succeeded."))

    def move(self, slug: str, *states: State) -> None:
        for state in states:
            self.client.set_task_run_state(self.task_runs[slug], state)

    def succeed(self, slug: str, value: Any = 1) -> None:
        done = Success("Task run succeeded.", result=PrefectResult(value=value).write(value))
        self.move(slug, Running("Starting task run."), done)

    def map(self, slug: str, values: list[Any]) -> None:
        """Make the task a mapped one whose children return the values; an exception is a failed child."""
        self.move(slug, Running("Starting task run."), Mapped("Mapped.", n_map_states=len(values)))
        for index, value in enumerate(values):
            child = self.client.get_task_run_info(self.flow_run_id, self.task_ids[slug], map_index=index).id
            self.client.set_task_run_state(child, Running("Starting task run."))
            if isinstance(value, Exception):
                self.client.set_task_run_state(child, Failed(f"Error: {value!r}", result=value))
            else:
                self.client.set_task_run_state(child, Success("Done.", result=PrefectResult().write(value)))

    def log(self, *messages: str, level: str = "INFO", at: pendulum.DateTime | None = None) -> None:
        lines = []
        for message in messages:
            self._lines += 1
            line = {"flow_run_id": self.flow_run_id, "message": message, "level": level, "name": "prefect.test"}
            line["timestamp"] = (at or pendulum.now("UTC")).isoformat()
            lines.append(line | {"client_id": "test", "client_sequence": self._lines})
        self.client.write_run_logs(lines)

    def view(self) -> FlowRunView:
        return FlowRunView.from_flow_run_id(self.flow_run_id)
