"""`prefect create project`, and `prefect delete project`, `flow` and `flow-run`."""

from __future__ import annotations

import click

from prefect.cli.group import Group
from prefect.cli.output import fail

DELETE_FLOW = "mutation($input: delete_flow_input!) { delete_flow(input: $input) { success } }"
DELETE_FLOW_RUN = "mutation($input: delete_flow_run_input!) { delete_flow_run(input: $input) { success } }"


@click.group(cls=Group, hidden=True)
def create() -> None:
    """Create a project."""


@create.command("project", hidden=True)
@click.argument("name")
@click.option("--description", "-d", help="What the project is for.")
@click.option("--skip-if-exists", is_flag=True, help="Leave a project of this name as it is.")
def create_project(name: str, description: str | None, skip_if_exists: bool) -> None:
    """Create a project."""
    from prefect.client.client import Client
    from prefect.client.documents import PROJECT

    client = Client()
    if skip_if_exists and client.graphql_fast(PROJECT, {"name": name})["project"]:
        click.echo(f"{name} already exists")
        return
    client.create_project(project_name=name, project_description=description)
    click.echo(f"{name} created")


@click.group(cls=Group, hidden=True)
def delete() -> None:
    """Delete a project, a flow or flow runs."""


@delete.command("project", hidden=True)
@click.argument("name")
def delete_project(name: str) -> None:
    """Delete a project, its flows and their runs."""
    from prefect.client.client import Client

    try:
        deleted = Client().delete_project(project_name=name)
    except ValueError as error:
        fail(str(error))
    if not deleted:
        fail(f"The project {name} was not deleted.")
    click.echo(f"{name} deleted")


@delete.command("flow-run")
@click.argument("flow_runs", metavar="FLOW_RUN...", nargs=-1, required=True)
def delete_flow_run(flow_runs: tuple[str, ...]) -> None:
    """Delete flow runs, given by their ids or names: their states, task runs, logs and artifacts."""
    from prefect.backend.query import fetch
    from prefect.cli.named import flow_run_named

    # Every name is looked up first: a typing error deletes nothing.
    for run in [flow_run_named(given) for given in flow_runs]:
        fetch(DELETE_FLOW_RUN, {"input": {"flow_run_id": run["id"]}})
        click.echo(f"{run['name']} deleted")


@delete.command("flow")
@click.argument("flow", metavar="FLOW")
@click.option("--project", "-p", help="The project of the flow, where several have one of this name.")
@click.option("--version", "-v", type=int, help="This version of the flow; the newest by default.")
def delete_flow(flow: str, project: str | None, version: int | None) -> None:
    """Delete a version of a flow, given by its id or name, with its runs."""
    from prefect.backend.query import fetch
    from prefect.cli.named import flow_named

    found = flow_named(flow, project, version)
    fetch(DELETE_FLOW, {"input": {"flow_id": found["id"]}})
    click.echo(f"{found['name']} (version {found['version']}) deleted")
