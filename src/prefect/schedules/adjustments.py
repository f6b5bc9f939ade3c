"""Functions that move a scheduled time, after the filters have accepted it.

An adjustment that takes arguments keeps every one of them in its closure: that is how it is written to the wire.
"""

from collections.abc import Callable
from datetime import datetime, timedelta


def add(interval: timedelta) -> Callable[[datetime], datetime]:
    """An adjustment that moves a time by `interval`."""

    def adjust(dt: datetime) -> datetime:
        return dt + interval

    return adjust


def next_weekday(dt: datetime) -> datetime:
    """The same time on the next day that is no Saturday or Sunday; a weekday is kept."""
    days_to_monday = {5: 2, 6: 1}.get(dt.weekday(), 0)
    return dt + timedelta(days=days_to_monday) if days_to_monday else dt
