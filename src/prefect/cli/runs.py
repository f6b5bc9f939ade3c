"""`prefect logs`, `watch`, `cancel` and `restart`: what can be done with a flow run that there is."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import click

from prefect.cli.named import flow_run_named, task_of, task_runs_named
from prefect.cli.output import fail, level_style, log_line, state_style, terminal

# How a run ended, for scripts; 1 is left to the command itself, when it could not do what it was told.
SUCCEEDED, FAILED, CANCELLED = 0, 3, 4

LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
# Longer than any run: who follows decides when it is enough.
EVER = timedelta(days=36500)

# Both fields of one request see the same moment.
LINES = """query($id: uuid!, $after: bigint!, $levels: [String!], $limit: Int!) {
  flow_run(where: {id: {_eq: $id}}) { state sequence writer: serialized_state(path: "$.__version__") }
  log(
    where: {flow_run_id: {_eq: $id}, sequence: {_gt: $after}, level: {_in: $levels}}
    order_by: {sequence: asc}
    limit: $limit
  ) { sequence timestamp level name message info task_run_id }
}"""
TASKS_OF = """query($ids: [uuid!]!) {
  task_run(where: {id: {_in: $ids}}) { id map_index task { slug } }
}"""
CANCEL = "mutation($input: cancel_flow_run_input!) { cancel_flow_run(input: $input) { state } }"
RESTART = "mutation($input: restart_flow_run_input!) { restart_flow_run(input: $input) { id task_run_ids } }"
STATE = "query($id: uuid!) { flow_run(where: {id: {_eq: $id}}) { state state_message } }"


class LogLines:
    """The lines of a run's log, in the order in which they were recorded; each knows its task."""

    def __init__(self, flow_run_id: str, levels: list[str] | None, tasks: list[tuple[str, int | None]]) -> None:
        self.flow_run_id = flow_run_id
        self._levels = levels
        self._wanted = tasks
        self._tasks: dict[str, tuple[str, int]] = {}

    def look(self, after: int) -> Any:
        """A page of lines after this number, and how far it reaches."""
        from prefect.backend.flow_run import Look
        from prefect.backend.query import PAGE, fetch, only

        asked = {"id": self.flow_run_id, "after": after, "levels": self._levels, "limit": PAGE}
        found = fetch(LINES, asked)
        run = only(found["flow_run"], "flow run", f"id {self.flow_run_id!r}", "It has been deleted.")
        rows = found["log"]
        # What is beyond a page that is not full has no such lines.
        until = rows[-1]["sequence"] if len(rows) == PAGE else run["sequence"]
        return Look(list(self._of_tasks(rows)), until, run["sequence"], run["state"], run["writer"])

    def all(self) -> Iterator[dict[str, Any]]:
        """The lines that there are now."""
        after, upto = 0, None
        while upto is None or after < upto:
            told, after, sequence, *_ = self.look(after)
            upto = sequence if upto is None else upto
            yield from told

    def _of_tasks(self, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        from prefect.backend.query import fetch

        unknown = sorted({row["task_run_id"] for row in rows if row["task_run_id"]} - self._tasks.keys())
        if unknown:
            for row in fetch(TASKS_OF, {"ids": unknown})["task_run"]:
                self._tasks[row["id"]] = row["task"]["slug"], row["map_index"]
        for row in rows:
            slug, index = self._tasks.get(row["task_run_id"] or "", (None, -1))
            if self._wanted and not any(slug == each and at in (None, index) for each, at in self._wanted):
                continue
            yield {**row, "task_slug": slug, "map_index": None if slug is None else index}


@click.command()
@click.argument("flow_run", metavar="FLOW_RUN")
@click.option("--follow", "-f", is_flag=True, help="Go on until the run has finished.")
@click.option("--level", "-l", type=click.Choice(LEVELS, case_sensitive=False), help="Only this level and above.")
@click.option(
    "--task", "-t", "tasks", multiple=True, help="Only lines of this task, SLUG or SLUG:INDEX; several times."
)
@click.option(
    "--output",
    "-o",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print: JSON is one object on each line.",
)
def logs(flow_run: str, follow: bool, level: str | None, tasks: tuple[str, ...], output: str) -> None:
    """Print the log of a flow run, given by its id or name.

    With --follow nothing is left out and nothing comes twice, also when the server was away in between. What has been
    printed reaches to the end of a finished run, or as far as the log went when the command began.
    """
    from prefect.backend import flow_run as runs

    run = flow_run_named(flow_run)
    levels = LEVELS[LEVELS.index(level.upper()) :] if level else None
    if tasks:
        task_runs_named(run, tasks)  # a task that there is not is an error, and no silence
    lines = LogLines(run["id"], levels, [task_of(text) for text in tasks])
    told = runs.follow(run["id"], lines.look, EVER) if follow else lines.all()
    show = _printer(output)
    try:
        for line in told:
            show(line)
    except KeyboardInterrupt:
        raise click.exceptions.Exit(130) from None


def _printer(output: str) -> Callable[[dict[str, Any]], None]:
    import sys

    if output == "json":
        return lambda line: click.echo(json.dumps(line, ensure_ascii=False))
    if not sys.stdout.isatty():
        return lambda line: click.echo(f"{_when(line)} {line['level']:<8} {_where(line)}{line['message']}")
    from rich.text import Text

    console = terminal()

    def show(line: dict[str, Any]) -> None:
        text = Text.assemble(
            (_when(line), "dim"),
            " ",
            (f"{line['level']:<8}", level_style(line["level"])),
            " ",
            (_where(line), "bold"),
            line["message"] or "",
        )
        console.print(text, soft_wrap=True)

    return show


def _when(line: dict[str, Any]) -> str:
    from prefect.backend.query import moment

    when: datetime = moment(line["timestamp"]).in_timezone("local")
    return f"{when.strftime('%Y-%m-%d %H:%M:%S')}.{when.microsecond // 1000:03}"


def _where(line: dict[str, Any]) -> str:
    if line["task_slug"] is None:
        return ""
    index = f":{line['map_index']}" if line["map_index"] >= 0 else ""
    return f"{line['task_slug']}{index} | "


@click.command()
@click.argument("flow_run", metavar="FLOW_RUN")
@click.option("--no-logs", is_flag=True, help="Show changes of state only.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but how the run ended.")
def watch(flow_run: str, no_logs: bool, quiet: bool) -> None:
    """Show what happens in a flow run, given by its id or name, until it has finished.

    The exit code says how it ended: 0 it succeeded, 3 it failed, 4 it was cancelled; 1 it could not be watched.
    """
    from prefect.backend.flow_run import watch_flow_run

    run = flow_run_named(flow_run)
    try:
        for line in watch_flow_run(run["id"], stream_logs=not (no_logs or quiet), max_duration=EVER):
            if not quiet:
                _show_watched(line)
    except KeyboardInterrupt:
        click.echo(f"Stopped watching; the flow run goes on. `prefect watch {run['id']}` watches again.", err=True)
        raise click.exceptions.Exit(130) from None
    raise click.exceptions.Exit(tell_the_end(run))


def _show_watched(line: Any) -> None:
    import sys

    if sys.stdout.isatty():
        terminal().print(log_line(line), style=level_style(logging.getLevelName(line.level)), soft_wrap=True)
    else:
        click.echo(log_line(line))


def tell_the_end(run: dict[str, Any]) -> int:
    """Print how a finished run has ended; the exit code that says it."""
    from prefect.backend.query import fetch
    from prefect.engine import state as states

    now = fetch(STATE, {"id": run["id"]})["flow_run"]
    if not now:
        fail(f"The flow run {run['name']!r} has been deleted.")
    name, message = now[0]["state"], now[0]["state_message"]
    text = f"Flow run {run['name']!r} ended: {name}" + (f" ({' '.join(message.split())})" if message else "")
    styles = {"red": "red", "green": "green", "magenta": "magenta"}
    click.secho(text, fg=styles.get(state_style(name)))
    kind = getattr(states, name)
    if issubclass(kind, states.Success):
        return SUCCEEDED
    return CANCELLED if issubclass(kind, states.Cancelled) else FAILED


@click.command()
@click.argument("flow_runs", metavar="FLOW_RUN...", nargs=-1, required=True)
def cancel(flow_runs: tuple[str, ...]) -> None:
    """Cancel flow runs, given by their ids or names.

    A run that has begun is told to stop and is Cancelling until its process has ended. The exit code is 1 where a run
    was finished already, other than by being cancelled.
    """
    from prefect.backend.query import fetch

    # Every name is looked up first: a typing error cancels nothing.
    runs = [flow_run_named(given) for given in flow_runs]
    too_late = False
    for run in runs:
        state = fetch(CANCEL, {"input": {"flow_run_id": run["id"]}})["cancel_flow_run"]["state"]
        if state in ("Cancelled", "Cancelling"):
            click.echo(f"{run['name']}: {state}")
        else:
            click.echo(f"{run['name']} cannot be cancelled: it is finished already ({state}).", err=True)
            too_late = True
    if too_late:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("flow_run", metavar="FLOW_RUN")
@click.option(
    "--task",
    "-t",
    "tasks",
    multiple=True,
    help="Run this task again, and what depends on it: SLUG, SLUG:INDEX, or the id of a task run; several times. "
    "Without it the run goes on from what failed.",
)
@click.option("--execute", is_flag=True, help="Run it here, now, without an agent.")
@click.option("--watch", "-w", "watched", is_flag=True, help="Wait for it to finish; the exit code says how it ended.")
def restart(flow_run: str, tasks: tuple[str, ...], execute: bool, watched: bool) -> None:
    """Start a finished flow run again, given by its id or name: from what failed, or from chosen tasks.

    What has succeeded before them is not run again.
    """
    from prefect.backend.query import fetch
    from prefect.configuration import config
    from prefect.exceptions import ClientError

    run = flow_run_named(flow_run)
    chosen = [row["id"] for row in task_runs_named(run, tasks)]
    try:
        made = fetch(RESTART, {"input": {"flow_run_id": run["id"], "task_run_ids": chosen or None}})["restart_flow_run"]
    except ClientError as error:
        if chosen or "BAD_USER_INPUT" not in str(error):
            raise
        fail(f"Nothing has failed in {run['name']} ({run['state']}). Say which tasks run again: --task SLUG.")
    click.echo(f"{run['name']} starts again: {_what_runs_again(len(made['task_run_ids'] or ()))}.")
    if execute:
        from prefect.backend.execution import execute_flow_run

        execute_flow_run(run["id"])
    elif watched:
        click.get_current_context().invoke(watch, flow_run=run["id"], no_logs=False, quiet=False)
        return
    elif config.backend == "embedded":
        click.echo(f"└── Run it here with: prefect run --id {run['id']} --execute")
        return
    if execute:
        raise click.exceptions.Exit(tell_the_end(run))


def _what_runs_again(count: int) -> str:
    if not count:
        return "what had not run yet"
    return f"{count} task run{'s' if count != 1 else ''} once more, and what had not run yet"
