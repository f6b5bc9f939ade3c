"""`prefect execute flow-run` and `prefect heartbeat flow-run`: what agents and runners start."""

from __future__ import annotations

import time

import click

from prefect.cli.output import fail


@click.group(hidden=True)
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
    view = execution.execute_flow_run(flow_run_id)
    if not view.state.is_finished():
        fail(f"The flow run {view.flow_run_id} is not finished but {view.state!r}.")


@click.group(hidden=True)
def heartbeat() -> None:
    """Say that a run is alive."""


@heartbeat.command("flow-run", hidden=True)
@click.option("--id", "-i", "flow_run_id", required=True, help="The flow run.")
@click.option("--num", "-n", type=int, help="How many times; for ever by default.")
def heartbeat_flow_run(flow_run_id: str, num: int | None) -> None:
    """Say that a flow run is alive, again and again."""
    from prefect.client.client import Client
    from prefect.configuration import config

    client = Client()
    told = 0
    while num is None or told < num:
        client.update_flow_run_heartbeat(flow_run_id)
        told += 1
        if told != num:
            time.sleep(config.cloud.heartbeat_interval)
