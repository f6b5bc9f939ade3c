"""`prefect describe ...`: one thing in full, as JSON or YAML."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from prefect.cli.get import ask
from prefect.cli.output import fail

Command = TypeVar("Command", bound=Callable[..., Any])

FLOW = """query($name: String!, $version: Int, $project: String) {
  flow(
    where: {_and: {name: {_eq: $name}, version: {_eq: $version}, project: {name: {_eq: $project}}}}
    order_by: {version: desc}
    limit: 1
  ) { name version project { name } created description parameters archived storage environment run_config id }
}"""
TASKS = """query($name: String!, $version: Int, $project: String) {
  flow(
    where: {_and: {name: {_eq: $name}, version: {_eq: $version}, project: {name: {_eq: $project}}}}
    order_by: {version: desc}
    limit: 1
  ) { tasks(order_by: {slug: asc}) { name created slug description type max_retries retry_delay mapped } }
}"""
FLOW_RUN = """query($name: String!, $flow: String) {
  flow_run(where: {_and: {name: {_eq: $name}, flow: {name: {_eq: $flow}}}}, order_by: {created: desc}, limit: 1) {
    id name flow { name } created parameters auto_scheduled scheduled_start_time start_time end_time serialized_state
  }
}"""


def _output(command: Command) -> Command:
    return click.option(
        "--output", "-o", type=click.Choice(["json", "yaml"]), default="json", show_default=True, help="How to print."
    )(command)


def _of_a_flow(command: Command) -> Command:
    for option in (
        click.option("--project", "-p", help="The project of the flow."),
        click.option("--version", "-v", type=int, help="The version of the flow; the newest by default."),
        click.option("--name", "-n", required=True, help="The name of the flow."),
    ):
        command = option(command)
    return command


@click.group(hidden=True)
def describe() -> None:
    """Print one thing in full."""


@describe.command("flows", hidden=True)
@_of_a_flow
@_output
def flows(name: str, version: int | None, project: str | None, output: str) -> None:
    """Describe a flow."""
    found = ask(FLOW, name=name, version=version, project=project)
    if not found:
        fail(f"Flow {name!r} not found. `prefect get flows` lists the flows there are.")
    _print(found[0], output)


@describe.command("tasks", hidden=True)
@_of_a_flow
@_output
def tasks(name: str, version: int | None, project: str | None, output: str) -> None:
    """Describe the tasks of a flow."""
    found = ask(TASKS, name=name, version=version, project=project)
    if not found:
        fail(f"Flow {name!r} not found. `prefect get flows` lists the flows there are.")
    if not found[0]["tasks"]:
        fail(f"No tasks found for flow {name!r}.")
    for task in found[0]["tasks"]:
        _print(task, output)


@describe.command("flow-runs", hidden=True)
@click.option("--name", "-n", required=True, help="The name of the flow run.")
@click.option("--flow-name", "-fn", help="The name of its flow.")
@_output
def flow_runs(name: str, flow_name: str | None, output: str) -> None:
    """Describe the newest flow run of a name."""
    found = ask(FLOW_RUN, name=name, flow=flow_name)
    if not found:
        fail(f"Flow run {name!r} not found. `prefect get flow-runs` lists the newest ones.")
    _print(found[0], output)


def _print(thing: dict[str, Any], output: str) -> None:
    if output == "json":
        click.echo(json.dumps(thing, indent=2, sort_keys=True))
        return
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError:
        fail("YAML needs the package PyYAML: `pip install pyyaml`, or print JSON.")
    click.echo(yaml.safe_dump(thing, sort_keys=True), nl=False)
