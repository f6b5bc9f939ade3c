"""Runs the census with progress on the terminal, and then asks the record what happened, as anyone could later."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pendulum
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.table import Table

from examples.census import reading
from examples.census.flow import flow
from examples.census.reading import Tally
from prefect import Client
from prefect.backend import run_flow

SECONDS_BETWEEN_LOOKS = 0.2
LARGEST_PACKAGES = 10
WIDTH = 110

# How far the newest run is; asked while it runs, from another thread. Readers do not hold up the run.
PROGRESS = """
query($after: timestamptz) {
  flow_run(where: {created: {_gte: $after}}, order_by: {created: desc}, limit: 1) {
    read: task_runs_aggregate(
      where: {task: {slug: {_eq: "read_module-1"}}, map_index: {_gte: 0}, end_time: {_is_null: false}}
    ) { aggregate { count } }
  }
}
"""


class Screen:
    """What the person sees: headings, results, and questions with the answers that they really got."""

    def __init__(self) -> None:
        # A way to the terminal of its own: standard output goes elsewhere while the flow runs.
        terminal = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        console = Console(file=terminal, highlight=False)
        console.width = min(WIDTH, console.width)
        self.console = console

    def heading(self, text: str) -> None:
        self.console.print()
        self.console.rule(f"[bold]{text}", align="left", style="dim")

    def say(self, text: str) -> None:
        self.console.print(text)

    def ask(self, question: str, names: dict[str, Any], answer_lines: int = 12) -> None:
        """Show Python as one would type it, run it, and show what it gives."""
        lines = question.splitlines()
        prompts = [">>> ", *["... "] * (len(lines) - 1)]
        typed = "\n".join(prompt + line for prompt, line in zip(prompts, lines, strict=True))
        self.console.print(Syntax(typed, "pycon", theme="ansi_dark", background_color="default", word_wrap=True))
        try:
            code = compile(question, "<demo>", "eval")
        except SyntaxError:  # a statement, which gives nothing
            exec(question, names)
            return
        answer = eval(code, names)
        text = answer if isinstance(answer, str) else repr(answer)
        shown = text.splitlines()[:answer_lines]
        self.console.print(Padding("\n".join(shown), (0, 0, 0, 4)), style="cyan", markup=False)


@contextmanager
def progress_of_run(console: Console, files: int) -> Iterator[None]:
    """A bar that follows the record of the run that starts now."""
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    after = pendulum.now("UTC").isoformat()
    finished = threading.Event()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("reading modules", total=files)
        watcher = threading.Thread(target=follow, args=(progress, bar, after, finished), name="progress", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            finished.set()
            watcher.join()


def follow(progress: Progress, bar: TaskID, after: str, finished: threading.Event) -> None:
    client = Client()
    done = False
    while not done:
        done = finished.wait(SECONDS_BETWEEN_LOOKS)  # and one last look after the end
        runs = client.graphql(PROGRESS, variables={"after": after})["data"]["flow_run"]
        if runs:
            progress.update(bar, completed=runs[0]["read"]["aggregate"]["count"])


@contextmanager
def standard_output_into(path: Path) -> Iterator[None]:
    """Log lines, also those of the processes that read modules, go to a file while the bar is drawn.

    They are recorded all the same, and shown from the record.
    """
    sys.stdout.flush()
    terminal = os.dup(1)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(terminal, 1)
        os.close(terminal)


def show_census(screen: Screen, packages: list[Tally], total: Tally) -> None:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("package")
    for name in ("modules", "lines", "functions", "classes", "imports"):
        table.add_column(name, justify="right")
    table.add_column("longest function")

    def add(tally: Tally, style: str = "") -> None:
        counts = (tally.modules, tally.lines, tally.functions, tally.classes, tally.imports)
        longest = f"{tally.longest.name}, {tally.longest.lines:,} lines" if tally.longest else ""
        table.add_row(tally.name, *(f"{count:,}" for count in counts), longest, style=style)

    for package in sorted(packages, key=lambda tally: -tally.lines)[:LARGEST_PACKAGES]:
        add(package)
    if len(packages) > LARGEST_PACKAGES:
        table.add_row(f"... {len(packages) - LARGEST_PACKAGES} more", style="dim")
    add(total, "bold")
    screen.console.print(Padding(table, (1, 0, 0, 2)))


def inspect_run(screen: Screen, flow_run_id: str) -> None:
    names: dict[str, Any] = {}
    screen.heading("What the record says")
    screen.ask("from prefect.backend import FlowRunView", names)
    screen.ask(f'flow_run = FlowRunView.from_flow_run_id("{flow_run_id}")', names)
    screen.ask("flow_run.state", names)
    screen.ask("flow_run.flow", names)
    screen.ask("[f'{line.timestamp:%H:%M:%S} {line.message}' for line in flow_run.get_logs()][:3]", names)

    screen.heading("Which files failed, and why")
    slug = "read_module-1" if has_failed_children(flow_run_id, "read_module-1") else "read_module-2"
    if slug == "read_module-2":
        screen.say("[dim]Every module of this Python parses, so the flow went on to files that are no modules.[/]")
    screen.ask(f'parent = flow_run.get_task_run(task_slug="{slug}")', names)
    screen.ask("parent.state", names)
    screen.ask("failed = [child for child in parent.iter_mapped() if child.state.is_failed()]", names)
    screen.ask("len(failed)", names)
    screen.ask("child = failed[0]", names)
    screen.ask("child", names)
    screen.ask("child.state.message", names)

    screen.heading("The same record, by GraphQL")
    screen.ask("from prefect import Client", names)
    screen.ask(
        'query = """\n'
        "query($run: uuid!, $child: uuid!) {\n"
        '  failed: task_run_aggregate(where: {flow_run_id: {_eq: $run}, state: {_eq: "Failed"}}) {\n'
        "    aggregate { count }\n"
        "  }\n"
        "  all: task_run_aggregate(where: {flow_run_id: {_eq: $run}}) { aggregate { count } }\n"
        '  log(where: {task_run_id: {_eq: $child}, level: {_eq: "ERROR"}}, limit: 1) { message }\n'
        '}"""',
        names,
    )
    screen.ask(
        'answer = Client().graphql(query, variables={"run": flow_run.flow_run_id, "child": child.task_run_id})["data"]',
        names,
    )
    screen.ask('answer["failed"], answer["all"]', names)
    screen.ask('answer["log"][0]["message"].splitlines()[-1]', names)


def has_failed_children(flow_run_id: str, slug: str) -> bool:
    query = """query($run: uuid!, $slug: String!) {
      task_run_aggregate(where: {
        flow_run_id: {_eq: $run}, task: {slug: {_eq: $slug}}, map_index: {_gte: 0}, state: {_eq: "Failed"}
      }) { aggregate { count } }
    }"""
    answer = Client().graphql(query, variables={"run": flow_run_id, "slug": slug})
    return int(answer["data"]["task_run_aggregate"]["aggregate"]["count"]) > 0


def run_and_inspect(home: Path) -> int:
    screen = Screen()
    library = reading.standard_library()
    files = len(reading.module_files(library))
    screen.heading("The census of the standard library")
    screen.say(f"Reading {files:,} module files below {library}.")
    screen.say(f"Every transition is recorded in {home / 'quaestor.db'}.")
    home.mkdir(parents=True, exist_ok=True)
    with progress_of_run(screen.console, files), standard_output_into(home / "log.txt"):
        flow_run = run_flow(flow)
    if not flow_run.state.is_successful():
        screen.say(f"[red]The census failed: {flow_run.state!r}[/]")
        return 1
    packages = list(flow_run.get_task_run(task_slug="tally_package-1").get_result())
    total = flow_run.get_task_run(task_slug="tally_library-1").get_result()
    show_census(screen, packages, total)
    screen.say(f"\n  [bold]{flow_run.get_task_run(task_slug='judge-1').get_result()}.[/]")
    inspect_run(screen, flow_run.flow_run_id)
    screen.heading("Ask on")
    screen.say(f"  export PREFECT__HOME_DIR={home}")
    screen.say("  .venv/bin/prefect graphql '{ flow_run { name state start_time } }'")
    return 0
