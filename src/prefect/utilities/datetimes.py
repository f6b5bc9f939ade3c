"""Times: now in UTC, given times brought to UTC, and delays that grow with each try."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pendulum


def utc_now() -> pendulum.DateTime:
    """The current time in UTC."""
    return pendulum.now("UTC")


def ensure_utc(moment: datetime.datetime) -> pendulum.DateTime:
    """The same instant as a pendulum time; a time without zone is taken to be UTC, any other zone is kept.

    ValueError where it is no datetime.
    """
    if isinstance(moment, pendulum.DateTime) and moment.tzinfo is not None:
        return moment
    if not isinstance(moment, datetime.datetime):
        # pendulum would look for attributes of a time, and name one of them.
        raise ValueError(f"A time must be a datetime, and {moment!r} is a {type(moment).__name__}.")
    return pendulum.instance(moment, tz="UTC")


def retry_delay(
    interval: datetime.timedelta | None = None,
    *args: Any,
    exponential_backoff: bool = False,
    max_delay: datetime.timedelta = datetime.timedelta(hours=2),
    **kwargs: Any,
) -> Callable[[int], datetime.timedelta]:
    """A function of the run number (1 for the first try) that gives the delay before the next try.

    The delay is `interval`, or what the keywords say (`seconds=5`, as `timedelta` takes them), at most `max_delay`.
    With `exponential_backoff` it doubles with each run from the third on.
    """
    if interval is None and not kwargs and not args:
        raise ValueError("Provide either an interval or interval keywords.")
    if interval is not None and kwargs:
        raise ValueError("Provide an interval or interval keywords, but not both.")
    base = interval if interval is not None else datetime.timedelta(*args, **kwargs)

    def retry_delay(run_number: int) -> datetime.timedelta:
        factor = 2 ** min(max(run_number - 2, 0), 1000) if exponential_backoff else 1
        # Compared as seconds first: a timedelta cannot hold what the product may reach.
        if base.total_seconds() * factor >= max_delay.total_seconds():
            return max_delay
        return base * factor

    return retry_delay
