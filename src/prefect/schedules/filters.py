"""Functions that accept or drop a scheduled time, judged in the time zone of its clock.

A filter that takes arguments keeps every one of them in its closure: that is how it is written to the wire.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta


def on_datetime(dt: datetime) -> Callable[[datetime], bool]:
    """A filter that accepts exactly `dt`."""

    def accept(candidate: datetime) -> bool:
        return candidate == dt

    return accept


def on_date(month: int, day: int) -> Callable[[datetime], bool]:
    """A filter that accepts this day of every year."""

    def accept(candidate: datetime) -> bool:
        return (candidate.month, candidate.day) == (month, day)

    return accept


def at_time(t: time) -> Callable[[datetime], bool]:
    """A filter that accepts this time of every day."""

    def accept(candidate: datetime) -> bool:
        return candidate.time() == t

    return accept


def between_datetimes(start: datetime, end: datetime) -> Callable[[datetime], bool]:
    """A filter that accepts times from `start` to `end`, both included."""

    def accept(candidate: datetime) -> bool:
        return start <= candidate <= end

    return accept


def between_times(start: time, end: time) -> Callable[[datetime], bool]:
    """A filter that accepts times of day from `start` to `end`, both included.

    An end before the start passes midnight.
    """

    def accept(candidate: datetime) -> bool:
        moment = candidate.time()
        if start <= end:
            return start <= moment <= end
        return moment >= start or moment <= end

    return accept


def between_dates(start_month: int, start_day: int, end_month: int, end_day: int) -> Callable[[datetime], bool]:
    """A filter that accepts these days of the year, both included.

    An end before the start passes New Year.
    """

    def accept(candidate: datetime) -> bool:
        first, last = (start_month, start_day), (end_month, end_day)
        day = (candidate.month, candidate.day)
        if first <= last:
            return first <= day <= last
        return day >= first or day <= last

    return accept


def is_day_of_week(day_of_week: int) -> Callable[[datetime], bool]:
    """A filter that accepts this day of every week, Monday being 0 and Sunday 6."""

    def accept(candidate: datetime) -> bool:
        return candidate.weekday() == day_of_week

    return accept


def is_weekday(dt: datetime) -> bool:
    """Whether the time falls on Monday to Friday."""
    return dt.weekday() < 5


def is_weekend(dt: datetime) -> bool:
    """Whether the time falls on Saturday or Sunday."""
    return dt.weekday() > 4


def is_month_start(dt: datetime) -> bool:
    """Whether the time falls on the first day of its month."""
    return dt.day == 1


def is_month_end(dt: datetime) -> bool:
    """Whether the time falls on the last day of its month."""
    return (dt.date() + timedelta(days=1)).month != dt.month
