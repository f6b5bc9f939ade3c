"""The log of a server: one line for each thing that happened, for people or as JSON for programs.

What a request asked for is never logged, nor its address or its headers: keys and secrets travel there.
"""

from __future__ import annotations

import itertools
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from prefect.server.errors import CannotServe
from prefect.server.identifiers import new_id

# Of the request that this thread or task works on; empty elsewhere.
REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")
REQUEST_HEADER: Final = "x-request-id"
# What a proxy may have named the request; anything else could write lines of its own into the log.
_SOUND_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")

_numbers = itertools.count(1)
_logger = logging.getLogger("prefect.server.requests")


def request_id(given: str | None) -> str:
    """The id of a request: the one it came with, where that is one."""
    if given is not None and _SOUND_ID.fullmatch(given):
        return given
    return f"{_process_id()}-{next(_numbers):x}"


@lru_cache(maxsize=1)
def _process_id() -> str:
    return new_id()


# A child goes on under a name of its own.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_process_id.cache_clear)


class RequestLog:
    """Which requests are logged.

    Args:
        requests: none, failed (what went wrong here, and what took long), or all.
        slow_seconds: what takes as long is logged with those that failed.
    """

    def __init__(self, requests: str = "none", slow_seconds: float = 1.0) -> None:
        if requests not in ("none", "failed", "all"):
            raise CannotServe(f"The setting server.logging.requests is none, failed or all, not {requests!r}.")
        self.requests = requests
        self.slow_seconds = slow_seconds

    def wants(self, failed: bool, seconds: float) -> bool:
        """Whether a request is logged."""
        if self.requests == "failed":
            return failed or seconds >= self.slow_seconds
        return self.requests == "all"

    def write(
        self,
        *,
        id: str,
        operation: str,
        outcome: str,
        status: int,
        seconds: float,
        who: str,
        address: str,
        failed: bool,
    ) -> None:
        """Log a request that was answered."""
        milliseconds = round(seconds * 1000, 1)
        level = logging.WARNING if failed or seconds >= self.slow_seconds else logging.INFO
        facts = {
            "request_id": id,
            "operation": operation,
            "outcome": outcome,
            "status": status,
            "duration_ms": milliseconds,
            "who": who,
            "address": address,
        }
        _logger.log(
            level,
            "%s: %s in %s ms, asked by %s at %s (request %s)",
            operation,
            outcome,
            milliseconds,
            who,
            address or "an unknown address",
            id,
            extra={"facts": facts},
        )


class JsonFormatter(logging.Formatter):
    """Each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        facts = getattr(record, "facts", None)
        if facts is not None:
            line |= facts
        elif REQUEST_ID.get():
            line["request_id"] = REQUEST_ID.get()
        if record.exc_info or record.exc_text:
            line["error"] = record.exc_text or self.formatException(record.exc_info or sys.exc_info())
        line["process"] = record.process
        try:
            return msgspec.json.encode(line).decode()
        except UnicodeEncodeError:  # half of a surrogate pair, in a name that somebody chose
            return msgspec.json.encode({key: _sound(value) for key, value in line.items()}).decode()


def _sound(value: Any) -> Any:
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


class TextFormatter(logging.Formatter):
    """Records as the settings want them, with the request that they are about."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        id = REQUEST_ID.get()
        if not id or getattr(record, "facts", None) is not None:
            return text
        line, end, rest = text.partition("\n")
        return f"{line} (request {id}){end}{rest}"


def _print(sentence: str) -> None:
    print(sentence, flush=True)


@contextmanager
def configured(format: str) -> Iterator[Callable[[str], None]]:
    """Log in this format (text or json) as long as the block lasts, the server and what carries its connections.

    Gives what says a sentence to people where the log is for people, and as an entry of the log where it is not.
    """
    if format not in ("text", "json"):
        raise CannotServe(f"The setting server.logging.format is text or json, not {format!r}.")
    from prefect.configuration import config
    from prefect.utilities.logging import ConsoleHandler

    ours = logging.getLogger("prefect")
    formatter: logging.Formatter
    if format == "json":
        formatter = JsonFormatter()
    else:
        formatter = TextFormatter(str(config.logging.format), str(config.logging.datefmt))
    handlers = [handler for handler in ours.handlers if isinstance(handler, ConsoleHandler)]
    former = [handler.formatter for handler in handlers]
    uvicorn = logging.getLogger("uvicorn")
    for handler in handlers:
        handler.setFormatter(formatter)
        uvicorn.addHandler(handler)
    try:
        yield logging.getLogger("prefect.server").info if format == "json" else _print
    finally:
        for handler, before in zip(handlers, former, strict=True):
            handler.setFormatter(before)
            uvicorn.removeHandler(handler)
