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
from prefect.exceptions import ClientError

SECONDS_BETWEEN_LOOKS = 0.2
LARGEST_PACKAGES = 10
EXCEPTION_LINES = 6  # of the traceback, from its end
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


FAILED_CHILDREN = """
query($run: uuid!, $slug: String!) {
  task_run_aggregate(
    where: {flow_run_id: {_eq: $run}, task: {slug: {_eq: $slug}}, map_index: {_gte: 0}, state: {_eq: "Failed"}}
  ) { aggregate { count } }
}
"""

# Shown as it stands, and asked.
QUESTION = '''query = """
query($run: uuid!, $child: uuid!) {
  failed: task_run_aggregate(
    where: {flow_run_id: {_eq: $run}, state: {_eq: "Failed"}}
  ) { aggregate { count } }
  all: task_run_aggregate(
    where: {flow_run_id: {_eq: $run}}
  ) { aggregate { count } }
  log(
    where: {task_run_id: {_eq: $child}, level: {_eq: "ERROR"}}
  ) { message }
}"""'''


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
        shown = text.splitlines()[-answer_lines:]
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
    # Standard output is taken care of by the caller: a log handler made now would keep what rich puts in its place.
    with Progress(*columns, console=console, redirect_stdout=False, redirect_stderr=False) as progress:
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
    table.add_column("package", no_wrap=True)
    for name in ("modules", "lines", "functions", "classes", "imports"):
        table.add_column(name, justify="right", no_wrap=True)

    def add(name: str, tally: Tally, style: str = "") -> None:
        counts = (tally.modules, tally.lines, tally.functions, tally.classes, tally.imports)
        table.add_row(name, *(f"{count:,}" for count in counts), style=style)

    largest = sorted(packages, key=lambda tally: -tally.lines)
    for package in largest[:LARGEST_PACKAGES]:
        add(package.name, package)
    if rest := largest[LARGEST_PACKAGES:]:
        add(f"{len(rest)} more", reading.add_up("more", rest), "dim")
    add("all", total, "bold")
    screen.console.print(Padding(table, (1, 0, 1, 2)))
    if longest := total.longest:
        screen.say(f"  The longest function is {longest.name} in {longest.module}, {longest.lines:,} lines.")


def inspect_run(screen: Screen, flow_run_id: str) -> None:
    """The questions of docs/how-to/inspect-a-flow-run.md, asked about the run that was just made."""
    names: dict[str, Any] = {}
    screen.heading("What the record says")
    screen.ask("from prefect.backend import FlowRunView", names)
    screen.ask(f'id = "{flow_run_id}"', names)
    screen.ask("flow_run = FlowRunView.from_flow_run_id(id)", names)
    screen.ask("flow_run.state", names)
    screen.ask("flow_run.flow", names)
    screen.ask("flow_run.get_logs()[0].message", names)
    screen.ask("flow_run.get_logs()[-1].message", names)

    screen.heading("Which files failed, and why")
    slug = "read_module-1" if has_failed_children(flow_run_id, "read_module-1") else "read_module-2"
    if slug == "read_module-2":
        screen.say("[dim]Every module of this Python parses, so the flow went on to files that are no modules.[/]")
    screen.ask(f'parent = flow_run.get_task_run(task_slug="{slug}")', names)
    screen.ask("children = list(parent.iter_mapped())", names)
    screen.ask("failed = [run for run in children if run.state.is_failed()]", names)
    screen.ask("len(children), len(failed)", names)
    screen.ask("[run.name for run in failed]", names)
    screen.ask("failed[0]", names)

    screen.heading("The same record, by GraphQL")
    screen.ask("from prefect import Client", names)
    screen.ask(QUESTION, names)
    screen.ask('variables = {"run": id, "child": failed[0].task_run_id}', names)
    screen.ask("answer = Client().graphql(query, variables=variables).data", names)
    screen.ask("answer.failed.aggregate.count, answer.all.aggregate.count", names)
    screen.ask("answer.log[0].message", names, answer_lines=EXCEPTION_LINES)


def has_failed_children(flow_run_id: str, slug: str) -> bool:
    answer = Client().graphql(FAILED_CHILDREN, variables={"run": flow_run_id, "slug": slug})
    return int(answer["data"]["task_run_aggregate"]["aggregate"]["count"]) > 0


def put_aside_what_cannot_be_read(screen: Screen, database: Path) -> None:
    """Keep the demo's earlier runs, unless another version of the package made their file: then begin a new one."""
    try:
        Client().graphql("{ hello }")
    except ClientError as error:
        screen.say(f"  [dim]{error}[/]")
        for path in database.parent.glob(f"{database.name}*"):
            path.rename(path.with_name(f"before-{path.name}"))
        screen.say(f"  [dim]The runs of before stand aside in before-{database.name}.[/]")


def run_and_inspect(home: Path) -> int:
    screen = Screen()
    library = reading.standard_library()
    files = len(reading.module_files(library))
    screen.heading("The census of the standard library")
    screen.say(f"  {files:,} module files below {library}")
    screen.say(f"  recorded in {home / 'quaestor.db'}, log lines in {home / 'log.txt'}")
    home.mkdir(parents=True, exist_ok=True)
    put_aside_what_cannot_be_read(screen, home / "quaestor.db")
    with progress_of_run(screen.console, files), standard_output_into(home / "log.txt"):
        flow_run = run_flow(flow)
    if not flow_run.state.is_successful():
        screen.say(f"[red]The census failed: {flow_run.state!r}[/]")
        return 1
    packages = list(flow_run.get_task_run(task_slug="tally_package-1").get_result())
    total = flow_run.get_task_run(task_slug="tally_library-1").get_result()
    show_census(screen, packages, total)
    screen.say(f"  {flow_run.get_task_run(task_slug='judge-1').get_result()}.")
    inspect_run(screen, flow_run.flow_run_id)
    screen.heading("Ask on")
    screen.say(f"  export PREFECT__HOME_DIR={home}")
    screen.say("  .venv/bin/prefect graphql '{ flow_run { name state start_time } }'")
    screen.say(f"  .venv/bin/prefect ui {flow_run.flow_run_id}    [dim]# the page of this run, in a browser[/]")
    return 0
