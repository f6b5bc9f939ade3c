"""`prefect register`: make flows of files, modules or JSON known to the backend."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from prefect.cli.group import in_one_line
from prefect.cli.output import fail
from prefect.configuration import config

if TYPE_CHECKING:
    from prefect.client.client import Client
    from prefect.core.flow import Flow

NEWEST = """query($name: String!, $project_id: uuid!) {
  flow(where: {name: {_eq: $name}, project: {id: {_eq: $project_id}}}, order_by: {version: desc}, limit: 1) {
    id version
  }
}"""


@click.command()
@click.option("--project", help="The project to register in.")
@click.option("--path", "-p", "paths", multiple=True, help="A Python file with flows; may be given several times.")
@click.option("--module", "-m", "modules", multiple=True, help="A Python module with flows; several times.")
@click.option("--json", "-j", "json_paths", multiple=True, help="A JSON file with built flows; several times.")
@click.option("--name", "-n", "names", multiple=True, help="Only the flow of this name; several times.")
@click.option("--label", "-l", "labels", multiple=True, help="A label to add to the flows; several times.")
@click.option("--force", "-f", is_flag=True, help="Register flows that have not changed too.")
@click.option("--watch", is_flag=True, hidden=True)
@click.option("--schedule/--no-schedule", default=True, help="Whether the flows' schedules are active.")
def register(
    project: str | None,
    paths: tuple[str, ...],
    modules: tuple[str, ...],
    json_paths: tuple[str, ...],
    names: tuple[str, ...],
    labels: tuple[str, ...],
    force: bool,
    watch: bool,
    schedule: bool,
) -> None:
    """Register flows: each becomes known to the backend as a new version, if it has changed."""
    from prefect.client.client import PROJECT, Client

    if not project:
        raise click.ClickException("Missing required option '--project'")
    if watch:
        fail("`--watch` is not there yet: call `prefect register` after each change.")
    client = Client()
    found = client.graphql_fast(PROJECT, {"name": project})["project"]
    if not found:
        fail(f"Project {project!r} does not exist. Run `prefect create project '{project}'` to create it.")
    project_id = found[0]["id"]

    click.echo("Collecting flows...")
    sources = _collect(paths, modules, json_paths, set(names))
    counts = {"registered": 0, "skipped": 0, "errored": 0}
    for source, flows in sources.items():
        click.echo(f"Processing {source!r}:")
        for flow in flows:
            outcome = _register(client, flow, project_id, labels, force, schedule)
            counts[outcome] += 1
    summary = f"{counts['registered']} registered"
    summary += "".join(f", {counts[key]} {key}" for key in ("skipped", "errored") if counts[key])
    click.echo(f" {summary} ".center(58, "="))
    if counts["errored"]:
        raise click.exceptions.Exit(1)


def _collect(
    paths: tuple[str, ...], modules: tuple[str, ...], json_paths: tuple[str, ...], names: set[str]
) -> dict[str, list[Flow | dict[str, Any]]]:
    from prefect.cli.flows import flows_of_file, flows_of_module

    sources: dict[str, list[Flow | dict[str, Any]]] = {}
    for path in paths:
        sources[path] = list(flows_of_file(path))
    for module in modules:
        sources[module] = list(flows_of_module(module))
    for path in json_paths:
        sources[path] = _flows_of_json(path)
    if names:
        sources = {source: [flow for flow in flows if _name(flow) in names] for source, flows in sources.items()}
        missing = sorted(names - {_name(flow) for flows in sources.values() for flow in flows})
        if missing:
            fail(f"Failed to find the following flows: {', '.join(missing)}")
    sources = {source: flows for source, flows in sources.items() if flows}
    if not sources:
        fail("Found no flows to register. Name a file (--path), a module (--module) or a built file (--json).")
    return sources


def _name(flow: Flow | dict[str, Any]) -> str:
    return str(flow["name"]) if isinstance(flow, dict) else flow.name


def _flows_of_json(path: str) -> list[Flow | dict[str, Any]]:
    try:
        with open(path, encoding="utf-8") as file:
            flows = json.load(file)["flows"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        fail(f"{path} cannot be read as flows built by `prefect build`: {type(error).__name__}: {error}")
    return list(flows)


def _register(
    client: Client,
    flow: Flow | dict[str, Any],
    project_id: str,
    labels: tuple[str, ...],
    force: bool,
    schedule: bool,
) -> str:
    from prefect.backend.execution import registration

    name = _name(flow)
    try:
        if isinstance(flow, dict):
            serialized, digest = flow, None
        else:
            from prefect.run_configs import UniversalRun

            if flow.run_config is None:
                flow.run_config = UniversalRun()
            flow.run_config.labels.update(labels)
            serialized, digest = registration(flow)
            storage = (serialized.get("storage") or {}).get("type")
            click.echo(f"  Building `{storage}` storage...")
        click.echo(f"  Registering {name!r}...", nl=False)
        known = client.graphql_fast(NEWEST, {"name": name, "project_id": project_id})["flow"]
        flow_id = client.create_flow(
            serialized, project_id, set_schedule_active=schedule, idempotency_key=None if force else digest
        )
        newest = client.graphql_fast(NEWEST, {"name": name, "project_id": project_id})["flow"][0]
    except Exception as error:
        if config.debug:
            raise
        click.echo(" Error")
        click.echo(in_one_line(error), err=True)
        return "errored"
    if known and known[0]["id"] == flow_id:
        click.echo(" Skipped (metadata unchanged)")
        return "skipped"
    click.echo(" Done")
    click.echo(f"  └── ID: {flow_id}")
    click.echo(f"  └── Version: {newest['version']}")
    return "registered"
