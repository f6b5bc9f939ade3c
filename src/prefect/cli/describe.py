"""`prefect describe ...`: one thing in full, as JSON or YAML."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from prefect.cli.get import ask
from prefect.cli.group import Group
from prefect.cli.output import fail, state_style, terminal

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


TASK_RUN = """query($id: uuid!) {
  task_run(where: {id: {_eq: $id}}) {
    id name map_index task { name slug type } version created start_time end_time heartbeat serialized_state
    states(order_by: {sequence: asc}) { timestamp state message }
  }
}"""


def _output(command: Command) -> Command:
    return click.option(
        "--output",
        "-o",
        type=click.Choice(["json", "yaml", "table"]),
        default="json",
        show_default=True,
        help="How to print.",
    )(command)


def _of_a_flow(command: Command) -> Command:
    for option in (
        click.option("--project", "-p", help="The project of the flow."),
        click.option("--version", "-v", type=int, help="The version of the flow; the newest by default."),
        click.option("--name", "-n", required=True, help="The name of the flow."),
    ):
        command = option(command)
    return command


@click.group(cls=Group, hidden=True)
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
    _print(found[0]["tasks"], output)


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


@describe.command("task-runs")
@click.argument("flow_run", metavar="FLOW_RUN")
@click.argument("tasks_given", metavar="TASK...", nargs=-1, required=True)
@_output
def task_runs(flow_run: str, tasks_given: tuple[str, ...], output: str) -> None:
    """Describe task runs of a flow run: each TASK is SLUG, SLUG:INDEX, or the id of a task run.

    One is printed as an object, several as a list of them.
    """
    from prefect.cli.named import flow_run_named, task_runs_named

    rows: list[dict[str, Any]] = []
    for row in task_runs_named(flow_run_named(flow_run), tasks_given):
        found = ask(TASK_RUN, id=row["id"])
        if not found:
            fail(f"There is no task run {row['id']}. `prefect get task-runs {flow_run}` lists those of the run.")
        rows += found
    _print(rows if len(tasks_given) > 1 else rows[0], output)


def _print(thing: dict[str, Any] | list[dict[str, Any]], output: str) -> None:
    if output == "json":
        click.echo(json.dumps(thing, indent=2, sort_keys=True))
        return
    if output == "table":
        for each in thing if isinstance(thing, list) else [thing]:
            _print_table(each)
        return
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError:
        fail("YAML needs the package PyYAML: `pip install pyyaml`, or print JSON.")
    click.echo(yaml.safe_dump(thing, sort_keys=True), nl=False)


def _print_table(thing: dict[str, Any]) -> None:
    """One line for each column; what is below one stands with dots: `project.name`."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in _lines(thing, ""):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        grid.add_row(name, Text("" if value is None else text, style=state_style(text) if "state" in name else ""))
    terminal().print(grid)


def _lines(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _lines(each, f"{name}.{key}" if name else key)
    elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        for place, each in enumerate(value):
            yield from _lines(each, f"{name}.{place}")
    else:
        yield name, value
