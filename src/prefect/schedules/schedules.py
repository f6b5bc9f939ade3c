"""A schedule: the events of some clocks, filtered, moved and merged."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, overload

import pendulum

from prefect.schedules.clocks import Clock, ClockEvent, CronClock, IntervalClock, RRuleClock

if TYPE_CHECKING:
    from dateutil.rrule import rrulebase

Filter = Callable[[datetime], bool]
Adjustment = Callable[[datetime], datetime]

# How many events in a row the filters may drop before the search ends: more than the minutes of a leap year, so that
# a clock of minutes finds a yearly date, and filters that can never agree do not hang.
MOST_DROPPED_EVENTS = 600_000


class Schedule:
    """What decides when a flow runs.

    An event counts if all `filters`, at least one of the `or_filters` (where there are any) and none of the
    `not_filters` accept it; the `adjustments` then move it, one after the other.
    """

    def __init__(
        self,
        clocks: Iterable[Clock],
        filters: list[Filter] | None = None,
        or_filters: list[Filter] | None = None,
        not_filters: list[Filter] | None = None,
        adjustments: list[Adjustment] | None = None,
    ) -> None:
        if not isinstance(clocks, Iterable) or isinstance(clocks, str):
            raise TypeError("clocks should be a list of clocks.")
        self.clocks = list(clocks)
        self.filters = filters or []
        self.or_filters = or_filters or []
        self.not_filters = not_filters or []
        self.adjustments = adjustments or []

    @property
    def start_date(self) -> datetime | None:
        """The earliest start date of its clocks, None where no clock has one."""
        return min((clock.start_date for clock in self.clocks if clock.start_date is not None), default=None)

    @property
    def end_date(self) -> datetime | None:
        """The latest end date of its clocks, None where no clock has one."""
        return max((clock.end_date for clock in self.clocks if clock.end_date is not None), default=None)

    @overload
    def next(self, n: int, after: datetime | None = ..., return_events: Literal[False] = ...) -> list[datetime]: ...
    @overload
    def next(self, n: int, after: datetime | None = ..., *, return_events: Literal[True]) -> list[ClockEvent]: ...
    @overload
    def next(self, n: int, after: datetime | None = ..., return_events: bool = ...) -> list[Any]: ...
    def next(self, n: int, after: datetime | None = None, return_events: bool = False) -> list[Any]:
        """The next `n` scheduled times later than `after` (default: now), fewer where the schedule ends.

        With `return_events` the events themselves, which also carry parameters and labels.
        """
        found: list[Any] = []
        if n <= 0:
            return found
        for _, event in self.adjusted_events(after):
            found.append(event if return_events else event.start_time)
            if len(found) == n:
                break
        return found

    def adjusted_events(self, after: datetime | None = None) -> Iterator[tuple[datetime, ClockEvent]]:
        """The events whose clocks strike later than `after` (default: now): when they strike, and the event.

        The clocks strike in order; what the adjustments make of it need not be.
        """
        for event in self._accepted_events(after):
            start_time = event.start_time
            for adjustment in self.adjustments:
                start_time = adjustment(start_time)
            yield event.start_time, ClockEvent(start_time, event.parameter_defaults, event.labels)

    def _accepted_events(self, after: datetime | None) -> Iterator[ClockEvent]:
        previous: ClockEvent | None = None
        dropped = 0
        moment = pendulum.now("UTC") if after is None else after
        for event in heapq.merge(*(clock.events(after=moment) for clock in self.clocks)):
            # Clocks that agree in everything are one event.
            if previous is not None and event == previous:
                continue
            previous = event
            if self._accepts(event.start_time):
                dropped = 0
                yield event
            else:
                dropped += 1
                if dropped >= MOST_DROPPED_EVENTS:
                    return

    def _accepts(self, moment: datetime) -> bool:
        return (
            all(accept(moment) for accept in self.filters)
            and (not self.or_filters or any(accept(moment) for accept in self.or_filters))
            and not any(accept(moment) for accept in self.not_filters)
        )


def IntervalSchedule(
    start_date: datetime | None = None, interval: timedelta | None = None, end_date: datetime | None = None
) -> Schedule:
    """A schedule of one interval clock."""
    if interval is None:
        raise TypeError("Interval must be a timedelta.")
    return Schedule(clocks=[IntervalClock(interval=interval, start_date=start_date, end_date=end_date)])


def CronSchedule(
    cron: str, start_date: datetime | None = None, end_date: datetime | None = None, day_or: bool | None = None
) -> Schedule:
    """A schedule of one cron clock."""
    return Schedule(clocks=[CronClock(cron=cron, start_date=start_date, end_date=end_date, day_or=day_or)])


def RRuleSchedule(
    rrule_obj: rrulebase, start_date: datetime | None = None, end_date: datetime | None = None
) -> Schedule:
    """A schedule of one recurrence rule, or of a set of them."""
    return Schedule(clocks=[RRuleClock(rrule_obj=rrule_obj, start_date=start_date, end_date=end_date)])
