"""`prefect create project`, `prefect delete project` and `prefect delete flow-run`."""

from __future__ import annotations

import click

from prefect.cli.output import fail


@click.group(hidden=True)
def create() -> None:
    """Create a project."""


@create.command("project", hidden=True)
@click.argument("name")
@click.option("--description", "-d", help="What the project is for.")
@click.option("--skip-if-exists", is_flag=True, help="Leave a project of this name as it is.")
def create_project(name: str, description: str | None, skip_if_exists: bool) -> None:
    """Create a project."""
    from prefect.client.client import PROJECT, Client

    client = Client()
    if skip_if_exists and client.graphql_fast(PROJECT, {"name": name})["project"]:
        click.echo(f"{name} already exists")
        return
    client.create_project(project_name=name, project_description=description)
    click.echo(f"{name} created")


@click.group(hidden=True)
def delete() -> None:
    """Delete a project or a flow run."""


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
@click.argument("flow_run_id")
def delete_flow_run(flow_run_id: str) -> None:
    """Delete a flow run: its states, task runs, logs and artifacts."""
    from prefect.backend.flow_run import FlowRunView
    from prefect.client.client import Client

    view = FlowRunView.from_flow_run_id(flow_run_id)
    Client().graphql_fast(
        "mutation($input: delete_flow_run_input!) { delete_flow_run(input: $input) { success } }",
        {"input": {"flow_run_id": view.flow_run_id}},
    )
    click.echo(f"{view.name} deleted")
