"""How the commands print: tables, ages, and the lines of a run's log."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from prefect.backend.flow_run import FlowRunLog

Command = TypeVar("Command", bound=Callable[..., Any])

# The columns of a table by header, with what each shows of a row.
Columns: TypeAlias = "dict[str, Callable[[dict[str, Any]], Any]]"

# A text that is shortened to fit is worth its place with so many letters.
LEAST_OF_A_CUT_TEXT = 20

LOG_FORMAT = "└── %(asctime)s | %(levelname)-7s | %(message)s"
LOG_TIME_FORMAT = "%H:%M:%S"


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows under their headers, each column as wide as its widest cell or a little wider than its header."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max([len(header) + 2, *(len(row[column]) for row in cells)]) for column, header in enumerate(headers)]
    lines = [[header.upper() for header in headers], *cells]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def list_output(command: Command) -> Command:
    """The option of every command that lists: a table for people, JSON for programs."""
    return click.option(
        "--output",
        "-o",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="How to print: JSON is a list of objects, whose keys are the columns of the API.",
    )(command)


def show_list(
    output: str,
    rows: Sequence[dict[str, Any]],
    columns: Columns,
    expendable: Sequence[str] = (),
    *,
    cut: str | None = None,
) -> None:
    """Print rows as JSON, or as a table.

    On a terminal that is too narrow the `expendable` columns are left out, the first of them first, and it is said. The
    texts of the column `cut` are shortened to the room that is left.
    """
    if output == "json":
        show_json(rows)
        return
    headers = list(columns)
    cells = [[show(row) for show in columns.values()] for row in rows]
    if sys.stdout.isatty():
        _show_on_terminal(headers, cells, expendable, cut)
    else:
        click.echo(table(headers, cells))


def show_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _show_on_terminal(headers: list[str], cells: list[list[Any]], expendable: Sequence[str], cut: str | None) -> None:
    from rich.cells import cell_len, set_cell_size
    from rich.table import Table

    def width(column: int) -> int:
        texts = ("" if row[column] is None else str(row[column]) for row in cells)
        most = max([cell_len(headers[column]), *map(cell_len, texts)])
        return min(most, LEAST_OF_A_CUT_TEXT) if headers[column] == cut else most

    console = terminal()
    shown, dropped = list(range(len(headers))), []
    for header in expendable:
        if sum(width(column) + 2 for column in shown) - 2 <= console.width:
            break
        shown.remove(headers.index(header))
        dropped.append(header)
    if cut in headers and headers.index(cut) in shown:
        place = headers.index(cut)
        room = console.width - sum(width(column) + 2 for column in shown if column != place)
        for row in cells:
            if cell_len(row[place]) > room:
                row[place] = set_cell_size(row[place], room - 1).rstrip() + "…"
    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for column in shown:
        grid.add_column(headers[column].upper(), overflow="fold", no_wrap=headers[column] == "id")
    for row in cells:
        grid.add_row(*(_cell(headers[column], row[column]) for column in shown))
    console.print(grid)
    if dropped and cells:
        console.print(f"Not shown on so narrow a terminal: {', '.join(dropped)}.", style="dim")


def terminal() -> Console:
    """The terminal, to print on with colours; NO_COLOR and TERM=dumb are heeded."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=False)


def _cell(header: str, value: Any) -> Text:
    from rich.text import Text

    text = "" if value is None else str(value)
    return Text(text, style=state_style(text) if header == "state" else "")


def state_style(name: str) -> str:
    """The colour of a state, one of those that every terminal has, light or dark; none for what is no state."""
    from prefect.engine import state as states

    kind = getattr(states, name, None)
    if not isinstance(kind, type) or not issubclass(kind, states.State):
        return ""
    for ancestor, style in (
        (states.Cancelled, "magenta"),
        (states.Failed, "red"),
        (states.Success, "green"),
        (states.Running, "cyan"),
        (states.Pending, "yellow"),
    ):
        if issubclass(kind, ancestor):
            return style
    return ""


def level_style(level: str) -> str:
    """The colour of a log level."""
    return {"CRITICAL": "bold red", "ERROR": "red", "WARNING": "yellow", "DEBUG": "dim"}.get(level, "")


def age(created: str) -> str:
    """How long ago a time was: "4 years ago"."""
    from prefect.backend.query import moment

    return moment(created).diff_for_humans()


def second(time: str | None) -> str:
    """A time to the second."""
    from prefect.backend.query import moment

    return moment(time).format("YYYY-MM-DD HH:mm:ss") if time else ""


def duration(start: str | None, end: str | None) -> str:
    """How long it took: "1h 2m 3s", "0.25s"; empty while it is not over."""
    from prefect.backend.query import moment

    if not start or not end:
        return ""
    seconds = (moment(end) - moment(start)).total_seconds()
    if seconds < 60:
        return f"{seconds:.2f}s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes}m {seconds}s" if hours else f"{minutes}m {seconds}s"


def log_line(line: FlowRunLog) -> str:
    """A line of a run's log, as it is shown while the run goes on."""
    import logging

    when = line.timestamp.in_timezone("local").strftime(LOG_TIME_FORMAT)
    return f"└── {when} | {logging.getLevelName(line.level):<7} | {line.message}"


@contextmanager
def shown_logs(level: int, shown: bool) -> Iterator[None]:
    """A block in which lines of `level` and above are logged, and printed as this command prints them, or not at all.

    Lines that are not shown are still recorded.
    """
    import logging

    from prefect.utilities.logging import temporary_logger_config

    with temporary_logger_config(level=level, stream_fmt=LOG_FORMAT, stream_datefmt=LOG_TIME_FORMAT) as logger:
        streams = [handler for handler in logger.handlers if isinstance(handler, logging.StreamHandler)]
        before = [handler.level for handler in streams]
        try:
            if not shown:
                for handler in streams:
                    handler.setLevel(logging.CRITICAL + 1)
            yield
        finally:
            for handler, old in zip(streams, before, strict=True):
                handler.setLevel(old)


def fail(message: str) -> NoReturn:
    """End the command: one line on stderr, exit code 1."""
    click.echo(message, err=True)
    raise click.exceptions.Exit(1)
