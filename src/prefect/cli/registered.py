"""`prefect archive`, `schedule` and `labels`: what can be done with a registered flow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from prefect.cli.named import flow_named
from prefect.cli.output import fail

Command = TypeVar("Command", bound=Callable[..., Any])

ARCHIVE = "mutation($input: archive_flow_input!) { archive_flow(input: $input) { success } }"
ACTIVATE = "mutation($input: set_schedule_active_input!) { set_schedule_active(input: $input) { success } }"
DEACTIVATE = "mutation($input: set_schedule_inactive_input!) { set_schedule_inactive(input: $input) { success } }"
SET_LABELS = "mutation($input: set_flow_group_labels_input!) { set_flow_group_labels(input: $input) { success } }"
OWN_LABELS = "query($id: uuid!) { flow(where: {id: {_eq: $id}}) { run_config } }"
IS_ACTIVE = "query($id: uuid!) { flow(where: {id: {_eq: $id}}) { is_schedule_active } }"


def _of_a_flow(command: Command) -> Command:
    for option in (
        click.option("--version", "-v", type=int, help="This version of the flow; the newest by default."),
        click.option("--project", "-p", help="The project of the flow, where several have one of this name."),
        click.argument("flow", metavar="FLOW"),
    ):
        command = option(command)
    return command


def _told(flow: dict[str, Any]) -> str:
    return f"{flow['name']} (version {flow['version']}, project {flow['project']['name']})"


@click.command()
@_of_a_flow
def archive(flow: str, project: str | None, version: int | None) -> None:
    """Let a flow, given by its id or name, make no more runs; those that were planned are gone."""
    from prefect.backend.query import fetch

    found = flow_named(flow, project, version)
    if found["archived"]:
        click.echo(f"{_told(found)} is archived already")
        return
    fetch(ARCHIVE, {"input": {"flow_id": found["id"]}})
    click.echo(f"{_told(found)} archived")


@click.command()
@click.argument("what", type=click.Choice(["on", "off"]))
@_of_a_flow
def schedule(what: str, flow: str, project: str | None, version: int | None) -> None:
    """Switch the schedule of a flow, given by its id or name, on or off.

    Off, the runs that it has planned are gone.
    """
    from prefect.backend.query import fetch

    found = flow_named(flow, project, version)
    fetch(ACTIVATE if what == "on" else DEACTIVATE, {"input": {"flow_id": found["id"]}})
    is_active = fetch(IS_ACTIVE, {"id": found["id"]})["flow"][0]["is_schedule_active"]
    if what == "on" and not is_active:
        fail(f"{_told(found)} has no schedule. Register it with one, or give its flow group one.")
    click.echo(f"The schedule of {_told(found)} is {what}")


@click.command()
@_of_a_flow
@click.option("--set", "-s", "given", multiple=True, metavar="LABEL", help="A label of the flow's runs; several times.")
@click.option("--reset", is_flag=True, help="Runs have the labels that the flow was registered with.")
def labels(flow: str, project: str | None, version: int | None, given: tuple[str, ...], reset: bool) -> None:
    """Show or set the labels that runs of a flow, given by its id or name, get in place of the flow's own."""
    from prefect.backend.query import fetch

    if given and reset:
        fail("Give --set, or --reset.")
    found = flow_named(flow, project, version)
    if given or reset:
        chosen = sorted(set(given)) or None
        fetch(SET_LABELS, {"input": {"flow_group_id": found["flow_group_id"], "labels": chosen}})
    else:
        chosen = found["flow_group"]["labels"]
    if chosen is None:
        own = fetch(OWN_LABELS, {"id": found["id"]})["flow"][0]["run_config"] or {}
        listed = ", ".join(own.get("labels") or ()) or "none"
        click.echo(f"Runs of {found['name']} have the labels that it was registered with: {listed}")
    else:
        click.echo(f"Runs of {found['name']} have the labels: {', '.join(chosen) or 'none'}")
