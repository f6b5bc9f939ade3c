"""The log of a server: one line for each thing that happened, for people or as JSON for programs.

What a request asked for is never logged, nor its address or its headers: keys and secrets travel there.
"""

from __future__ import annotations

import itertools
import logging
import os
import re
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from prefect.server import metrics
from prefect.server.errors import CannotServe
from prefect.server.identifiers import new_id
from prefect.server.metrics import METRICS

# Of the request that this thread or task works on; empty elsewhere.
REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")
REQUEST_HEADER: Final = "x-request-id"
# What a proxy may have named the request; anything else could write lines of its own into the log.
_SOUND_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")

_numbers = itertools.count(1)
_logger = logging.getLogger("prefect.server.requests")
_access_logger = logging.getLogger("prefect.server.access")


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
        waited: bool = False,
    ) -> None:
        """Log a request that was answered; one that `waited` for something took long on purpose."""
        milliseconds = round(seconds * 1000, 1)
        is_slow = seconds >= self.slow_seconds and not waited
        level = logging.WARNING if failed or is_slow else logging.INFO
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


class Sparing:
    """Which of many alike lines are logged: each a minute at most, and so many in all.

    Whoever can bring a line about, by trying keys say, fills no disk by it. What had no line is counted, and told with
    the next one.
    """

    SECONDS: Final = 60.0
    MOST_A_MINUTE: Final = 30
    # So many are told apart.
    REMEMBERED: Final = 1024

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        # When each had its last line, and how many had none since.
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._began = self._clock()
        self._lines = 0
        self._left_out = 0

    def admit(self, about: str) -> str | None:
        """What is to be added to the line about this: how many were left out; None where it is left out itself."""
        moment = self._clock()
        with self._lock:
            last, left_out = self._seen.get(about, (None, 0))
            if last is not None and moment - last < self.SECONDS:
                self._seen[about] = last, left_out + 1
                return None
            if moment - self._began >= self.SECONDS:
                self._began, self._lines = moment, 0
            if self._lines >= self.MOST_A_MINUTE:
                self._left_out += 1
                return None
            self._lines += 1
            left_out, self._left_out = left_out + self._left_out, 0
            self._seen[about] = moment, 0
            self._seen.move_to_end(about)
            while len(self._seen) > self.REMEMBERED:
                self._left_out += self._seen.popitem(last=False)[1][1]
        return f" ({left_out} more like it were left out.)" if left_out else ""


class TurnedAway:
    """Counts who was turned away, and says so in the log: from where, with which key, and why; never the key itself."""

    # Not that there was none: pages ask so who looks, and programs that were not set up do all day.
    WORDS: Final = {
        metrics.FOREIGN: "what was sent is no key of this server",
        metrics.NOT_KNOWN: "the key is not known here, or not any more",
        metrics.EXPIRED: "the key has expired",
        metrics.OTHER_TENANT: "the key is of another tenant than the one asked for",
        metrics.LOGGED_OUT: "the login has ended",
    }

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._sparing = Sparing(clock)

    def note(self, address: str, reason: str, key_id: str | None = None) -> None:
        """Count it, and log it where there is room."""
        METRICS.add(metrics.TURNED_AWAY, reason)
        if reason not in self.WORDS or (more := self._sparing.admit(address)) is None:
            return
        _access_logger.warning(
            "Turned away at %s: %s%s.%s",
            address or "an unknown address",
            self.WORDS[reason],
            "" if key_id is None else f" (id {key_id})",
            more,
            extra={"facts": {"address": address, "reason": reason, "key_id": key_id}},
        )


TURNED_AWAY: Final = TurnedAway()


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
    """Records as the settings want them, with the request that they are about.

    Names that somebody chose stand in messages: their line breaks do not begin an entry, nor do they steer a terminal.
    """

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        id = REQUEST_ID.get()
        if not id or getattr(record, "facts", None) is not None:
            return text
        line, end, rest = text.partition("\n")
        return f"{line} (request {id}){end}{rest}"

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _CONTROL.sub(lambda found: repr(found[0])[1:-1], super().formatMessage(record)).replace("\n", "\n    ")


def _print(sentence: str) -> None:
    # In one piece with its end, or a line of the log could come in between where nothing is buffered.
    print(f"{sentence}\n", end="", flush=True)


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
