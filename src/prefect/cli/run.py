"""`prefect run`: run a flow here, or create a run of a registered flow; watch it, execute it, go on with it."""

from __future__ import annotations

import copy
import json
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from prefect.cli.group import in_one_line
from prefect.cli.output import fail, log_line, shown_logs
from prefect.configuration import config

if TYPE_CHECKING:
    from prefect.backend.flow import FlowView
    from prefect.backend.flow_run import FlowRunView
    from prefect.core.flow import Flow
    from prefect.run_configs.base import RunConfig

HOW_TO_LOOK_UP = """
Look up a flow to run with one of the following option combinations:
    --id
    --name
    --project and --name
    --path (and --name if there are multiple flows in the script)
    --module (and --name if there are multiple flows in the module)

See `prefect run --help` for more details on the options.
"""


@dataclass(frozen=True)
class Output:
    """What a person sees of the command's progress; nothing with --quiet."""

    quiet: bool

    def line(self, text: str) -> None:
        if not self.quiet:
            click.echo(text)

    def item(self, name: str, value: Any) -> None:
        self.line(f"└── {name}: {value}")

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """A line that says what is done, and then how it went; an error ends the command."""
        if not self.quiet:
            click.echo(f"{text}... ", nl=False)
        try:
            yield
        except Exception as error:
            if not self.quiet:
                click.echo("Error")
            if config.debug:
                raise
            fail(in_one_line(error))
        if not self.quiet:
            click.echo("Done")


@click.command()
@click.option("--id", "-i", "flow_or_group_id", help="The flow, the flow group or (to go on with it) the flow run.")
@click.option("--project", help="The project of the flow.")
@click.option("--path", "-p", help="A Python file with the flow, to run here.")
@click.option("--module", "-m", help="A Python module with the flow, to run here.")
@click.option("--name", "-n", help="The name of the flow.")
@click.option("--label", "labels", multiple=True, help="A label of the run; may be given several times.")
@click.option("--run-name", help="The name of the run.")
@click.option("--context", "context_vars", multiple=True, help="A context value: key=JSON; several times.")
@click.option("--param", "params", multiple=True, help="A parameter: name=JSON, or name=text; several times.")
@click.option(
    "--log-level",
    type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], case_sensitive=False),
    help="The least level of the lines that are logged.",
)
@click.option("--param-file", help="A JSON file with the parameters; --param wins over it.")
@click.option("--idempotency-key", help="Create one run for this key, however often the command is repeated.")
@click.option("--execute", is_flag=True, help="Run it here, now, without an agent; a broken-off run goes on.")
@click.option("--schedule", "-s", is_flag=True, help="Run a local flow as its schedule says.")
@click.option("--quiet", "-q", is_flag=True, help="Print only the id of the run, and logs.")
@click.option("--no-logs", is_flag=True, help="Print no logs.")
@click.option("--watch", "-w", is_flag=True, help="Wait for the run to finish, and show what happens.")
def run(
    flow_or_group_id: str | None,
    project: str | None,
    path: str | None,
    module: str | None,
    name: str | None,
    labels: tuple[str, ...],
    run_name: str | None,
    context_vars: tuple[str, ...],
    params: tuple[str, ...],
    log_level: str | None,
    param_file: str | None,
    idempotency_key: str | None,
    execute: bool,
    schedule: bool,
    quiet: bool,
    no_logs: bool,
    watch: bool,
) -> None:
    """Run a flow.

    A flow in a file or module (--path, --module) is run here. For a registered flow (--name, --id) a run is created,
    which an agent picks up, or --execute runs here. The exit code is 0 if the run succeeded.
    """
    output = Output(quiet)
    _check_lookup(flow_or_group_id, project, path, module, name)
    if schedule and not (path or module):
        raise click.ClickException("`--schedule` can only be specified for local flow runs")
    parameters = {**_parameters_of_file(param_file), **_assignments(params, "param")}
    context = _assignments(context_vars, "context")
    level = logging.getLevelName((log_level or config.logging.level).upper())

    if path or module:
        _run_locally(output, path, module, name, parameters, context, level, schedule, shown=not no_logs)
        return

    flow_run_id = None
    if flow_or_group_id is not None and (execute or watch):
        flow_run_id = _existing_run(flow_or_group_id)
    if flow_run_id is None:
        with output.step("Looking up flow metadata"):
            flow = _look_up(flow_or_group_id, name, project)
        flow_run_id = _create_run(
            output, flow, parameters, context, labels, run_name, idempotency_key, execute, log_level
        )
    if execute:
        _execute(output, flow_run_id, level, shown=not no_logs)
    elif watch:
        _watch(output, flow_run_id, stream_logs=not no_logs, level=level)


def _check_lookup(
    flow_id: str | None, project: str | None, path: str | None, module: str | None, name: str | None
) -> None:
    given = {"--id": flow_id, "--project": project, "--path": path, "--module": module, "--name": name}
    named = [option for option, value in given.items() if value]
    if not named:
        raise click.ClickException("Received no options to look up the flow.\n" + HOW_TO_LOOK_UP)
    if flow_id and name:
        raise click.ClickException(
            "Received too many options to look up the flow; cannot specifiy both `--name` and `--id`\n" + HOW_TO_LOOK_UP
        )
    ways = [option for option in ("--id", "--project", "--path", "--module") if given[option]]
    if len(ways) > 1:
        raise click.ClickException(
            f"Received too many options to look up the flow: {', '.join(sorted(ways))}\n" + HOW_TO_LOOK_UP
        )
    if project and not name:
        raise click.ClickException("A project needs the name of the flow too\n" + HOW_TO_LOOK_UP)


def _parameters_of_file(path: str | None) -> dict[str, Any]:
    if path is None:
        return {}
    if not os.path.isfile(path):
        fail(f"Parameter file does not exist: {os.path.abspath(path)!r}")
    try:
        with open(path, encoding="utf-8") as file:
            parameters = json.load(file)
    except (OSError, ValueError) as error:
        fail(f"The parameter file {path!r} cannot be read as JSON: {error}")
    if not isinstance(parameters, dict):
        fail(f"The parameter file {path!r} must hold a JSON object, with a value for each parameter.")
    return parameters


def _assignments(texts: tuple[str, ...], what: str) -> dict[str, Any]:
    """The values of `name=value` texts: JSON, or else the text as it is."""
    values: dict[str, Any] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if not name:
            fail(f"--{what} wants a name and a value, name=value, not {text!r}.")
        try:
            values[name] = json.loads(value)
        except ValueError as error:
            if '"' in value:
                fail(f"The value of {what} {name!r} is neither JSON nor plain text: {value} ({error})")
            values[name] = value
    return values


# A flow in a file or a module


def _run_locally(
    output: Output,
    path: str | None,
    module: str | None,
    name: str | None,
    parameters: dict[str, Any],
    context: dict[str, Any],
    level: int,
    schedule: bool,
    shown: bool,
) -> None:
    from prefect.cli.flows import flows_of_file, flows_of_module, the_flow

    with output.step("Retrieving local flow"):
        found = flows_of_file(path) if path else flows_of_module(str(module))
        flow = the_flow(found, str(path or module), name)
    if parameters or context:
        output.line("Configured local flow run")
        if parameters:
            output.item("Parameters", parameters)
        if context:
            output.item("Context", context)
    output.line("Running flow locally...")
    with shown_logs(level, shown):
        succeeded = _run_flow(flow, parameters, context, schedule, output)
    _finish(output, succeeded)


def _run_flow(flow: Flow, parameters: dict[str, Any], context: dict[str, Any], schedule: bool, output: Output) -> bool:
    try:
        flow.validate()  # said in one line here, with a traceback in the run's log otherwise
        state = flow.run(parameters=parameters, context=context, run_on_schedule=schedule)
    except Exception as error:
        if config.debug:
            raise
        output.line("Flow runner encountered an exception!")
        click.echo(in_one_line(error), err=True)
        return False
    return state is not None and state.is_successful()


def _finish(output: Output, succeeded: bool) -> None:
    output.line("Flow run succeeded!" if succeeded else "Flow run failed!")
    if not succeeded:
        raise click.exceptions.Exit(1)


# A registered flow


def _existing_run(given: str) -> str | None:
    from prefect.backend.query import fetch, identifier

    given = identifier(given, "id", "flow, flow group or flow run")
    found = fetch("query($id: uuid!) { flow_run(where: {id: {_eq: $id}}) { id } }", {"id": given})["flow_run"]
    return given if found else None


def _look_up(flow_or_group_id: str | None, name: str | None, project: str | None) -> FlowView:
    from prefect.backend.flow import FlowView
    from prefect.backend.query import NotFound

    if flow_or_group_id is None:
        return FlowView.from_flow_name(str(name), project_name=project or "")
    try:
        return FlowView.from_id(flow_or_group_id)
    except NotFound:
        if _existing_run(flow_or_group_id) is None:
            raise
        raise NotFound(
            f"{flow_or_group_id} is a flow run, not a flow. Add --execute to run it here, or --watch to follow it."
        ) from None


def _create_run(
    output: Output,
    flow: FlowView,
    parameters: dict[str, Any],
    context: dict[str, Any],
    labels: tuple[str, ...],
    run_name: str | None,
    idempotency_key: str | None,
    execute: bool,
    log_level: str | None,
) -> str:
    from prefect.backend.flow_run import FlowRunView, why_no_agent_takes
    from prefect.client.client import Client

    _check_parameters(flow, parameters)
    client = Client()
    given_labels = list(labels) or None
    if execute and config.backend != "embedded":
        # No agent carries this label, so none takes the run away from this process.
        given_labels = [*labels, f"agentless-run-{str(uuid.uuid4())[:8]}"]
    with output.step(f"Creating run for flow {flow.name!r}"):
        flow_run_id = client.create_flow_run(
            flow_id=flow.flow_id,
            parameters=parameters,
            context=context,
            run_config=_with_log_level(flow.run_config, log_level),
            labels=given_labels,
            run_name=run_name,
            idempotency_key=idempotency_key,
        )
    if output.quiet:
        click.echo(flow_run_id)
        return flow_run_id
    view = FlowRunView.from_flow_run_id(flow_run_id)
    output.item("Name", view.name)
    output.item("UUID", view.flow_run_id)
    output.item("Labels", view.labels)
    output.item("Parameters", view.parameters)
    output.item("Context", view.context)
    if config.backend != "embedded":
        output.item("URL", client.get_cloud_url("flow-run", flow_run_id))
        reason = None if execute else why_no_agent_takes(flow_run_id)
        if reason:
            output.item("Waits", reason)
    elif not execute:
        output.item("Run it here with", f"prefect run --id {flow_run_id} --execute")
    return flow_run_id


def _check_parameters(flow: FlowView, parameters: dict[str, Any]) -> None:
    """A typing error in a name makes no run; the backend itself takes any name, as that of 1.x did."""
    known = [item["name"] for item in flow.serialized_flow.get("parameters") or ()]
    unknown = [name for name in parameters if name not in known]
    if unknown:
        has = f"it has: {', '.join(sorted(known))}" if known else "it has none"
        fail(f"The flow {flow.name!r} has no parameter {', '.join(map(repr, unknown))}; {has}.")


def _with_log_level(run_config: RunConfig | None, log_level: str | None) -> RunConfig | None:
    """A run config of the run's own, where it is to log at another level; else None: it has that of its flow."""
    if log_level is None:
        return None
    from prefect.backend.execution import LOG_LEVEL
    from prefect.run_configs import UniversalRun

    own = UniversalRun() if run_config is None else copy.copy(run_config)
    own.env = {**(own.env or {}), LOG_LEVEL: log_level.upper()}
    return own


def _execute(output: Output, flow_run_id: str, level: int, shown: bool) -> None:
    from prefect.backend.execution import LOG_LEVEL, execute_flow_run, execute_flow_run_in_subprocess
    from prefect.backend.flow_run import FlowRunView

    before = FlowRunView.from_flow_run_id(flow_run_id)
    if before.state.is_finished() and not before.state.is_failed():
        output.line(f"The flow run is finished already: {before.state!r}")
        _finish(output, before.state.is_successful())
        return
    output.line("Executing flow run...")
    with shown_logs(level, shown):
        # A level of its own a run has in this process too; other variables need a process of their own.
        if set(getattr(before.run_config, "env", None) or ()) - {LOG_LEVEL}:
            view = execute_flow_run_in_subprocess(flow_run_id)
        else:
            view = execute_flow_run(flow_run_id)
    _say_why(view)
    _finish(output, view.state.is_successful())


def _watch(output: Output, flow_run_id: str, stream_logs: bool, level: int) -> None:
    from prefect.backend.flow_run import FlowRunView, watch_flow_run

    output.line("Watching flow run execution...")
    try:
        for line in watch_flow_run(flow_run_id, stream_logs=stream_logs):
            if not stream_logs or line.level >= level:
                click.echo(log_line(line))
    except KeyboardInterrupt:
        fail(f"Stopped watching; the flow run goes on. `prefect run --id {flow_run_id} --watch` watches again.")
    view = FlowRunView.from_flow_run_id(flow_run_id)
    _say_why(view)
    _finish(output, view.state.is_successful())


def _say_why(view: FlowRunView) -> None:
    if not view.state.is_finished():
        fail(f"The flow run {view.flow_run_id} is not finished but {view.state!r}.")
