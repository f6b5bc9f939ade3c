"""`prefect execute flow-run` and `prefect heartbeat flow-run`: what agents and runners start."""

from __future__ import annotations

import click

from prefect.cli.group import Group
from prefect.cli.output import fail


@click.group(cls=Group, hidden=True)
def execute() -> None:
    """Execute a flow run in this process."""


@execute.command("flow-run", hidden=True)
def execute_flow_run() -> None:
    """Execute the flow run that the environment names (PREFECT__CONTEXT__FLOW_RUN_ID)."""
    from prefect.backend import execution
    from prefect.utilities.context import context

    flow_run_id = context.get("flow_run_id")
    if not flow_run_id:
        fail("Not currently executing a flow within a backend: PREFECT__CONTEXT__FLOW_RUN_ID is not set.")
    execution.wait_for_backend(flow_run_id)
    view = execution.execute_flow_run(flow_run_id)
    if view.state.is_finished():
        return
    waiting = execution.waiting_tasks(view)
    if view.state.is_running() and waiting:
        # Nothing is wrong: an agent is given the run again when one of them may go on.
        click.echo(f"The flow run {view.flow_run_id} waits: {', '.join(waiting)}.")
    else:
        fail(f"The flow run {view.flow_run_id} is not finished but {view.state!r}.")


@click.group(cls=Group, hidden=True)
def heartbeat() -> None:
    """Say that a run is alive."""


@heartbeat.command("flow-run", hidden=True)
@click.option("--id", "-i", "flow_run_id", required=True, help="The flow run.")
@click.option("--num", "-n", type=int, help="How many times; for ever by default.")
@click.option("--pid", type=int, hidden=True, help="The process that executes the run.")
@click.option("--started", hidden=True, help="When that process started, to tell it from a later one of the same id.")
def heartbeat_flow_run(flow_run_id: str, num: int | None, pid: int | None, started: str | None) -> None:
    """Say that a flow run is alive, again and again; report its end when its process is gone."""
    from prefect.client.client import Client
    from prefect.utilities.executors import beat_for

    beat_for(flow_run_id, Client(), num=num, pid=pid, started=started or None)
