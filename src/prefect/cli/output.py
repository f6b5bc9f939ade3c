"""How the commands print: tables, ages, and the lines of a run's log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from prefect.backend.flow_run import FlowRunLog

LOG_FORMAT = "└── %(asctime)s | %(levelname)-7s | %(message)s"
LOG_TIME_FORMAT = "%H:%M:%S"


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows under their headers, each column as wide as its widest cell or a little wider than its header."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max([len(header) + 2, *(len(row[column]) for row in cells)]) for column, header in enumerate(headers)]
    lines = [[header.upper() for header in headers], *cells]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


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
