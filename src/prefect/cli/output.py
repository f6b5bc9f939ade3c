"""How the commands print: tables, ages, and the lines of a run's log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from prefect.backend.flow_run import FlowRunLog

LOG_FORMAT = "└── %(asctime)s | %(levelname)-7s | %(message)s"
LOG_TIME_FORMAT = "%H:%M:%S"


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows under their headers, each column as wide as its widest cell."""
    cells = [[header.upper() for header in headers]]
    cells += [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers))]
    lines = ("  ".join(cell.ljust(width + 2) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def age(created: str) -> str:
    """How long ago a time was: "4 years ago"."""
    from prefect.backend.query import moment

    return moment(created).diff_for_humans()


def second(time: str | None) -> str:
    """A time to the second."""
    from prefect.backend.query import moment

    return moment(time).format("YYYY-MM-DD HH:mm:ss") if time else ""


def log_line(line: FlowRunLog) -> str:
    """A line of a run's log, as it is shown while the run goes on."""
    import logging

    when = line.timestamp.in_timezone("local").strftime(LOG_TIME_FORMAT)
    return f"└── {when} | {logging.getLevelName(line.level):<7} | {line.message}"


def fail(message: str) -> NoReturn:
    """End the command: one line on stderr, exit code 1."""
    click.echo(message, err=True)
    raise click.exceptions.Exit(1)
