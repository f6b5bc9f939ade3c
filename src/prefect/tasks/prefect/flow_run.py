"""Create flow runs, wait for them, and take what their tasks returned."""

import datetime
from typing import Any, Iterable, Optional, Union

import pendulum

from prefect.backend.artifacts import create_link_artifact as leave_link
from prefect.backend.awaiting import await_flow_run
from prefect.backend.flow import FlowView
from prefect.backend.flow_run import FlowRunView
from prefect.client.client import Client
from prefect.configuration import config
from prefect.core.building import defaults_from_attrs, task
from prefect.core.task import Task
from prefect.engine import signals
from prefect.run_configs.base import RunConfig
from prefect.utilities.context import context as run_context
from prefect.utilities.datetimes import utc_now
from prefect.utilities.logging import get_logger

__all__ = ["StartFlowRun", "create_flow_run", "get_task_run_result", "wait_for_flow_run"]

# A server should not be asked more often.
LEAST_POLL_INTERVAL = datetime.timedelta(seconds=3)
FOR_EVER = datetime.timedelta.max

NEWEST_FLOW = """query($name: String!, $project: String!) {
  flow(
    where: {name: {_eq: $name}, archived: {_eq: false}, project: {name: {_eq: $project}}}
    order_by: {version: desc}
    limit: 1
  ) { id }
}"""


@task
def create_flow_run(
    flow_id: str = None,
    flow_name: str = None,
    project_name: str = "",
    parameters: dict = None,
    context: dict = None,
    labels: Iterable[str] = None,
    run_name: str = None,
    run_config: Optional[RunConfig] = None,
    scheduled_start_time: Optional[
        Union[pendulum.DateTime, datetime.datetime, pendulum.Duration, datetime.timedelta]
    ] = None,
    idempotency_key: str = None,
) -> str:
    """Create a run of a registered flow, due now or later; the result is its id.

    Where the backend is embedded the run is started by whoever waits for it.

    Args:
        - flow_id: the flow, or the flow group, of which the newest version is meant
        - flow_name, project_name: the same by name; one of the two is needed
        - parameters, context, labels, run_config: what the run is given, over what the flow has registered
        - run_name: by default the name of this run with that of the flow
        - scheduled_start_time: when it starts, or how long from now
        - idempotency_key: a second request with the same key gives the same run; by default the task run, so that a
          retry of this task creates nothing twice
    """
    if flow_id and flow_name:
        raise ValueError("Received both `flow_id` and `flow_name`. Only one flow identifier can be passed.")
    if not flow_id and not flow_name:
        raise ValueError("Both `flow_id` and `flow_name` are null. You must pass a flow identifier")
    logger = run_context.get("logger") or get_logger("create_flow_run")
    flow = FlowView.from_flow_name(flow_name, project_name) if flow_name else FlowView.from_id(flow_id or "")

    if isinstance(scheduled_start_time, datetime.timedelta):
        scheduled_start_time = utc_now() + scheduled_start_time
    if not run_name and run_context.get("flow_run_name"):
        run_name = f"{run_context.get('flow_run_name')}-{flow.name}"
    shown = run_name or "<generated-name>"
    logger.info("Creating flow run %r for flow %r...", shown, flow.name)
    client = Client()
    flow_run_id = client.create_flow_run(
        flow_id=flow.flow_id,
        parameters=parameters,
        context=context,
        labels=None if labels is None else list(labels),
        run_name=run_name,
        run_config=run_config,
        scheduled_start_time=scheduled_start_time,
        idempotency_key=idempotency_key or _key_of_task_run(),
    )
    where = _page(client, flow_run_id)
    logger.info("Created flow run %r: %s", shown, where or flow_run_id)
    if where:
        leave_link(where)
    return flow_run_id


@task
def wait_for_flow_run(
    flow_run_id: str,
    stream_states: bool = True,
    stream_logs: bool = False,
    raise_final_state: bool = False,
    max_duration: datetime.timedelta = datetime.timedelta(hours=12),
) -> "FlowRunView":
    """Wait until a flow run has finished; the result is a view of it.

    Where the backend is embedded the run is started when it is due, in a process of its own.

    Args:
        - flow_run_id: the run
        - stream_states, stream_logs: whether its states and its log are repeated in the log of this task
        - raise_final_state: whether this task ends in the state that the run ends in
        - max_duration: how long to wait at most; RuntimeError after that
    """
    flow_run = FlowRunView.from_flow_run_id(flow_run_id)
    logger = run_context.get("logger") or get_logger("wait_for_flow_run")
    for line in await_flow_run(flow_run_id, stream_states, stream_logs, max_duration):
        logger.log(line.level, "Flow %r: %s", flow_run.name, line.message)
    flow_run = flow_run.get_latest()
    if raise_final_state:
        raise _signal(flow_run, result=flow_run)
    return flow_run


@task
def get_task_run_result(flow_run_id: str, task_slug: str, map_index: int = -1, poll_time: int = 5) -> Any:
    """What a task returned in another flow run, once that has finished.

    Where the backend is embedded the run is started when it is due, in a process of its own.

    Args:
        - flow_run_id: the run; ValueError for the run that this task belongs to, which cannot finish before it
        - task_slug, map_index: the task, and which of its children where it is mapped
        - poll_time: taken for the sake of 1.x; the run is watched more closely
    """
    if flow_run_id == run_context.get("flow_run_id"):
        raise ValueError(
            "Given `flow_run_id` is the same as the currently running flow. The `get_task_run_result` task cannot be "
            "used to retrieve results from the flow run it belongs to."
        )
    for _ in await_flow_run(flow_run_id, stream_states=False, stream_logs=False, max_duration=FOR_EVER):
        pass
    flow_run = FlowRunView.from_flow_run_id(flow_run_id)
    return flow_run.get_task_run(task_slug=task_slug, map_index=map_index).get_result()


class StartFlowRun(Task):
    """Creates a run of a registered flow and may wait for it; the result is its id.

    Everything may be given when the task is made, and most when it is called. With `wait` the task ends in the state
    that the run ends in; where the backend is embedded the run is then started in a process of its own.
    `create_flow_run` and `wait_for_flow_run` are newer and give more.

    Args:
        - flow_name, project_name: the flow, of which the newest version is meant
        - parameters, run_config, new_flow_context: what the run is given
        - wait: whether to wait until the run has finished
        - run_name: its name
        - scheduled_start_time: when it starts
        - poll_interval: at least 3 seconds, taken for the sake of 1.x; the run is watched more closely
        - create_link_artifact: whether a link to the run is left with this task run
        - kwargs: those of `Task`
    """

    def __init__(
        self,
        flow_name: str = None,
        project_name: str = None,
        parameters: dict[str, Any] = None,
        run_config: Optional[RunConfig] = None,
        wait: bool = False,
        new_flow_context: dict[str, Any] = None,
        run_name: str = None,
        scheduled_start_time: datetime.datetime = None,
        poll_interval: datetime.timedelta = datetime.timedelta(seconds=10),
        create_link_artifact: bool = True,
        **kwargs: Any,
    ) -> None:
        self.flow_name = flow_name
        self.project_name = project_name
        self.parameters = parameters
        self.run_config = run_config
        self.new_flow_context = new_flow_context
        self.run_name = run_name
        self.wait = wait
        self.scheduled_start_time = scheduled_start_time
        if poll_interval < LEAST_POLL_INTERVAL:
            raise ValueError(
                "`poll_interval` needs to be at least 3 seconds to avoid spamming the Prefect server. "
                f"(poll_interval == {poll_interval.total_seconds()} seconds)!"
            )
        self.poll_interval = poll_interval
        self.create_link_artifact = create_link_artifact
        if flow_name:
            kwargs.setdefault("name", f"Flow {flow_name}")
        super().__init__(**kwargs)

    @defaults_from_attrs(
        "flow_name",
        "project_name",
        "parameters",
        "run_config",
        "new_flow_context",
        "run_name",
        "scheduled_start_time",
    )
    def run(
        self,
        flow_name: str = None,
        project_name: str = None,
        parameters: dict = None,
        run_config: RunConfig = None,
        new_flow_context: dict = None,
        run_name: str = None,
        idempotency_key: str = None,
        scheduled_start_time: datetime.datetime = None,
    ) -> str:
        if not flow_name:
            raise ValueError("Must provide a flow name.")
        if not project_name:
            raise ValueError("Must provide a project name.")
        client = Client()
        flows = client.graphql_fast(NEWEST_FLOW, {"name": flow_name, "project": project_name})["flow"]
        if not flows:
            raise ValueError(f"Flow '{flow_name}' not found.")
        flow_run_id = client.create_flow_run(
            flow_id=flows[0]["id"],
            parameters=parameters,
            run_config=run_config,
            idempotency_key=idempotency_key or run_context.get("task_run_id"),
            context=new_flow_context,
            run_name=run_name,
            scheduled_start_time=scheduled_start_time,
        )
        where = _page(client, flow_run_id)
        self.logger.info("Flow Run: %s", where or flow_run_id)
        if where and self.create_link_artifact:
            leave_link(where)
        if not self.wait:
            return flow_run_id
        for _ in await_flow_run(flow_run_id, stream_states=False, stream_logs=False, max_duration=FOR_EVER):
            pass
        raise _signal(FlowRunView.from_flow_run_id(flow_run_id), result=flow_run_id)


def _key_of_task_run() -> str | None:
    """The task run that asks, a child of a mapped one by its number."""
    task_run_id, index = run_context.get("task_run_id"), run_context.get("map_index")
    return f"{task_run_id}-{-1 if index is None else index}" if task_run_id else None


def _page(client: Client, flow_run_id: str) -> str | None:
    """Where the run can be looked at; the embedded backend has no pages."""
    return None if config.backend == "embedded" else client.get_cloud_url("flow-run", flow_run_id)


def _signal(flow_run: FlowRunView, result: Any) -> signals.PrefectStateSignal:
    """What ends a task as this run has ended; as failed where no signal says it, as for a run that was cancelled."""
    message = f"{flow_run.flow_run_id} finished in state {flow_run.state!r}"
    try:
        kind = signals.signal_from_state(flow_run.state)
    except ValueError:
        kind = signals.FAIL
    return kind(message, result=result)
