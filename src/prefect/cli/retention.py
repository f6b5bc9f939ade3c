"""`prefect retention`: for how long a project keeps its finished runs."""

from __future__ import annotations

import click

from prefect.cli.output import fail

SET = "mutation($input: set_project_retention_input!) { set_project_retention(input: $input) { id } }"


@click.command()
@click.argument("project")
@click.option("--days", type=click.IntRange(min=0), help="Delete finished runs this many days after their end.")
@click.option("--forever", is_flag=True, help="Delete no runs.")
def retention(project: str, days: int | None, forever: bool) -> None:
    """Say for how long a project keeps its finished runs.

    Runs that have outlived it are deleted when the database is next opened, a bounded number at a time.
    """
    from prefect.client.client import Client
    from prefect.client.documents import PROJECT

    if (days is None) == (not forever):
        fail("Give --days, or --forever.")
    client = Client()
    found = client.graphql_fast(PROJECT, {"name": project})["project"]
    if not found:
        fail(f"Project {project!r} does not exist. `prefect get projects` lists the projects there are.")
    client.graphql_fast(SET, {"input": {"project_id": found[0]["id"], "retention_days": days}})
    click.echo(f"{project} keeps finished runs " + ("forever" if days is None else f"for {days} days"))
