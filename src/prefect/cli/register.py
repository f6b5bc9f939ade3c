"""`prefect register` and `prefect build`: make flows of files, modules or JSON known to the backend, or write JSON."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from prefect.cli.group import in_one_line
from prefect.cli.output import fail
from prefect.cli.sources import Found, Source, Sources, collect, flows_of_json, name_of
from prefect.configuration import config
from prefect.exceptions import FlowStorageError

if TYPE_CHECKING:
    from prefect.client.client import Client
    from prefect.core.flow import Flow

NEWEST = """query($name: String!, $project_id: uuid!) {
  flow(where: {name: {_eq: $name}, project: {id: {_eq: $project_id}}}, order_by: {version: desc}, limit: 1) {
    id version
  }
}"""

Command = TypeVar("Command", bound=Callable[..., Any])


def _of_sources(command: Command) -> Command:
    for option in (
        click.option("--label", "-l", "labels", multiple=True, help="A label to add to the flows; several times."),
        click.option("--name", "-n", "names", multiple=True, help="Only the flow of this name; several times."),
        click.option(
            "--module",
            "-m",
            "modules",
            multiple=True,
            help="A Python module with flows, or the flow at package.module.attribute; several times.",
        ),
        click.option(
            "--path",
            "-p",
            "paths",
            multiple=True,
            help="A Python file with flows, a directory of such files, or a pattern (flows/**/*.py); several times.",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.option("--project", help="The project to register in.")
@_of_sources
@click.option("--json", "-j", "json_paths", multiple=True, help="A file that `prefect build` wrote; several times.")
@click.option("--force", "-f", is_flag=True, help="Register flows that have not changed too.")
@click.option("--watch", is_flag=True, help="Go on, and register what changes, until Ctrl-C.")
@click.option("--schedule/--no-schedule", default=True, help="Whether the flows' schedules are active.")
@click.option("--skip-missing", is_flag=True, hidden=True)
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
    skip_missing: bool,
) -> None:
    """Register flows: each becomes known to the backend as a new version, if it has changed.

    \b
    All flows of some files:        prefect register --project etl -p flows/
    One flow of a module:           prefect register --project etl -m etl.flows -n nightly
    What `prefect build` wrote:     prefect register --project etl -j flows.json

    The flows of a file or module are loaded from there when they run, unless they name a storage. What fails does not
    keep the other flows from being registered; the exit code is then 1.
    """
    from prefect.client.client import Client
    from prefect.client.documents import PROJECT

    if not project:
        raise click.ClickException("Missing required option '--project'")
    sources = Sources(paths, modules, json_paths)
    if watch:
        from prefect.cli.watching import watch_sources

        watch_sources(sources, _again(project, names, labels, force, schedule))
        return
    client = Client()
    found = client.graphql_fast(PROJECT, {"name": project})["project"]
    if not found:
        fail(f"Project {project!r} does not exist. Run `prefect create project '{project}'` to create it.")
    project_id = found[0]["id"]

    click.echo("Collecting flows...")
    counts: Counter[str] = Counter(registered=0)
    for source in collect(sources, frozenset(names), must_find=not skip_missing):
        click.echo(f"Processing {source.name!r}:")
        for name, make in _built(source, labels):
            counts[_register(client, name, make, project_id, force, schedule)] += 1
    _summary(counts)


def _again(
    project: str, names: tuple[str, ...], labels: tuple[str, ...], force: bool, schedule: bool
) -> Callable[[Sources], list[str]]:
    """The arguments of the command that registers changed sources, in a process that has not loaded them before."""

    def arguments(changed: Sources) -> list[str]:
        given = ["register", "--skip-missing", "--project", project, "--schedule" if schedule else "--no-schedule"]
        for flag, values in (
            ("--path", changed.paths),
            ("--module", changed.modules),
            ("--json", changed.json_paths),
            ("--name", names),
            ("--label", labels),
        ):
            for value in values:
                given += [flag, value]
        return [*given, "--force"] if force else given

    return arguments


@click.command()
@_of_sources
@click.option("--output", "-o", default="flows.json", show_default=True, help="The file to write.")
@click.option("--update", "-u", is_flag=True, help="Keep the other flows that the file holds.")
def build(
    paths: tuple[str, ...],
    modules: tuple[str, ...],
    names: tuple[str, ...],
    labels: tuple[str, ...],
    output: str,
    update: bool,
) -> None:
    """Store the code of flows, and write what `prefect register --json` needs to register them.

    So one machine builds, and another registers without their code. The file is written only if every flow was built.
    """
    kept = {name_of(flow): flow for flow in flows_of_json(output)} if update and os.path.exists(output) else {}
    click.echo("Collecting flows...")
    counts: Counter[str] = Counter(built=0)
    for source in collect(Sources(paths, modules), frozenset(names)):
        click.echo(f"Processing {source.name!r}:")
        for name, make in _built(source, labels):
            try:
                kept[name] = make()
            except Exception as error:  # noqa: BLE001 - whatever a flow's own code raises; it is told
                _tell(f"  Building {name!r}... Error", name, error)
                counts["errored"] += 1
                continue
            click.echo(f"  Building {name!r}... Done")
            counts["built"] += 1
    if not counts["errored"]:
        click.echo(f"Writing output to {output!r}")
        _write(output, {"version": 1, "flows": [kept[name] for name in sorted(kept)]})
    _summary(counts)


def _write(path: str, content: Any) -> None:
    """Put the file in place whole, or not at all."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=os.path.dirname(path) or ".", delete=False) as new:
            json.dump(content, new, sort_keys=True)
        os.chmod(new.name, 0o644)
        os.replace(new.name, path)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}.")


def _summary(counts: Counter[str]) -> None:
    """The last line, and the exit code 1 where anything failed."""
    done, *others = counts
    told = ", ".join(
        [f"{counts[done]} {done}", *(f"{counts[key]} {key}" for key in sorted(others, reverse=True) if counts[key])]
    )
    line = "=" * ((60 - len(told)) // 2)
    click.echo(f"{line} {told} {line}")
    if counts["errored"]:
        raise click.exceptions.Exit(1)


def _built(source: Source, labels: tuple[str, ...]) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """The name of each flow of a source, and what builds its serialized form, with its storage and labels."""
    stored: set[int] = set()
    for flow in source.flows:
        yield name_of(flow), lambda flow=flow: _serialized(flow, source, labels, stored)  # type: ignore[misc]


def _serialized(flow: Found, source: Source, labels: tuple[str, ...], stored: set[int]) -> dict[str, Any]:
    from prefect.run_configs import UniversalRun

    if isinstance(flow, dict):
        if flow.get("run_config") is None and not flow.get("environment"):
            flow["run_config"] = UniversalRun().serialize()
        if labels and flow.get("run_config") is not None:
            flow["run_config"]["labels"] = sorted({*(flow["run_config"].get("labels") or ()), *labels})
        return flow
    if flow.storage is None:
        flow.storage = _default_storage(source)
    if flow.run_config is None:
        flow.run_config = UniversalRun()
    flow.run_config.labels.update(flow.storage.labels, labels)
    if flow.result is None:
        flow.result = flow.storage.result
    if id(flow.storage) not in stored:
        click.echo(f"  Building `{type(flow.storage).__name__}` storage...")
    return _stored(flow, source, stored)


def _default_storage(source: Source) -> Any:
    """The file or module itself, as in 1.x: it is loaded anew for each run, so runs see what it says then."""
    from prefect.storage import Local, Module

    if source.kind == "module":
        return Module(source.name)
    return Local(path=os.path.abspath(source.name), stored_as_script=True)


def _stored(flow: Flow, source: Source, stored: set[int]) -> dict[str, Any]:
    """The flow, serialized with its storage built; a storage that several flows share is built once, with all."""
    from prefect.backend.execution import registration
    from prefect.storage import Local

    storage = flow.storage
    assert storage is not None
    if isinstance(storage, Local) and not storage.stored_as_script:
        serialized, _ = registration(flow)
        if serialized["storage"] is None:
            raise FlowStorageError(f"The code of the flow {flow.name!r} cannot be stored.")
        return serialized
    if id(storage) not in stored:
        for other in source.flows:
            if not isinstance(other, dict) and other.storage is storage and other.name not in storage:
                storage.add_flow(other)
        storage.build()
        stored.add(id(storage))
    return flow.serialize(build=False)


def _register(
    client: Client, name: str, make: Callable[[], dict[str, Any]], project_id: str, force: bool, schedule: bool
) -> str:
    from prefect.serialization.flow import hash_of

    try:
        serialized = make()
    except Exception as error:  # noqa: BLE001 - whatever a flow's own code raises; it is told
        _tell(f"  Registering {name!r}... Error", name, error)
        return "errored"
    click.echo(f"  Registering {name!r}...", nl=False)
    try:
        known = client.graphql_fast(NEWEST, {"name": name, "project_id": project_id})["flow"]
        flow_id = client.create_flow(
            serialized,
            project_id,
            set_schedule_active=schedule,
            idempotency_key=None if force else hash_of(serialized),
        )
        newest = client.graphql_fast(NEWEST, {"name": name, "project_id": project_id})["flow"][0]
    except Exception as error:  # noqa: BLE001 - whatever a flow's own code raises; it is told
        _tell(" Error", name, error)
        return "errored"
    if known and known[0]["id"] == flow_id:
        click.echo(" Skipped (metadata unchanged)")
        return "skipped"
    click.echo(" Done")
    click.echo(f"  └── ID: {flow_id}")
    click.echo(f"  └── Version: {newest['version']}")
    return "registered"


def _tell(line: str, name: str, error: Exception) -> None:
    """That a flow failed and why; the others go on."""
    click.echo(line)
    if config.debug:
        raise error
    click.echo(f"{name!r}: {in_one_line(error)}", err=True)
