"""Clocks: endless or bounded series of scheduled times, each event with its own parameters and labels.

Daylight saving: an interval of less than a day ticks in elapsed time; a longer one, a cron string and a recurrence
rule keep the local hour. A local time that does not exist moves to after the gap, one that exists twice means the
second. A start date in UTC knows no daylight saving.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pendulum
from pendulum import DateTime

from prefect.utilities.datetimes import ensure_utc

if TYPE_CHECKING:
    from dateutil.rrule import rrulebase
    from pendulum.tz.timezone import FixedTimezone, Timezone

# Where an interval clock without a start date begins to count, so that its ticks do not depend on when it was made.
EPOCH_OF_INTERVALS = pendulum.datetime(2019, 1, 1)


def in_pendulum(moment: datetime) -> DateTime:
    """The same moment as a pendulum DateTime that keeps its zone's name; a naive one is UTC."""
    converted = ensure_utc(moment)
    # A fixed offset of zero is UTC by another name; only "UTC" survives the wire of older clients.
    if converted.timezone_name == "+00:00":
        return converted.in_timezone(pendulum.UTC)
    return converted


def zone_of(moment: DateTime) -> Timezone | FixedTimezone:
    """The time zone of a DateTime that is known to have one."""
    zone = moment.timezone
    return pendulum.UTC if zone is None else zone


def plain(moment: datetime) -> datetime:
    """What the clock shows, as a naive datetime of the standard library, whose sums are fast and know no zones."""
    return datetime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond
    )


def instant(moment: datetime) -> datetime:
    """The moment in UTC, as a naive datetime.

    Python compares two times of one zone by what the clock shows, and so takes the two hours after a clock is put
    back for one. Instants tell them apart.
    """
    offset = moment.utcoffset()
    return plain(moment) - offset if offset else plain(moment)


def on_wall_clock(naive: datetime, zone: Timezone | FixedTimezone) -> DateTime:
    """The moment at which a clock on the wall in that zone shows `naive`."""
    # fold=1 is the rule of the module docstring: after a gap, and the second of two.
    return _as_pendulum(zone.convert(naive.replace(fold=1)), zone)


def at_instant(naive_utc: datetime, zone: Timezone | FixedTimezone) -> DateTime:
    """The moment of a naive time in UTC, shown as in that zone."""
    return _as_pendulum(zone.convert(naive_utc.replace(tzinfo=UTC)), zone)


def _as_pendulum(moment: datetime, zone: Timezone | FixedTimezone) -> DateTime:
    return DateTime(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        tzinfo=zone,
        fold=moment.fold,
    )


class ClockEvent:
    """One scheduled time, with the parameters and labels that hold for this run only.

    Compares with datetimes, and with other events by time, then parameters, then labels.
    """

    def __init__(
        self, start_time: datetime, parameter_defaults: dict[str, Any] | None = None, labels: list[str] | None = None
    ) -> None:
        self.start_time = start_time
        self.parameter_defaults = parameter_defaults or {}
        self.labels = labels

    def _tie(self) -> tuple[str, list[str]]:
        return json.dumps(self.parameter_defaults, sort_keys=True, default=repr), list(self.labels or ())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, datetime):
            return instant(self.start_time) == instant(other)
        if not isinstance(other, ClockEvent):
            return NotImplemented
        return (
            instant(self.start_time) == instant(other.start_time)
            and self.parameter_defaults == other.parameter_defaults
            and self.labels == other.labels
        )

    def __lt__(self, other: datetime | ClockEvent) -> bool:
        if not isinstance(other, ClockEvent):
            return instant(self.start_time) < instant(other) if isinstance(other, datetime) else NotImplemented
        mine, theirs = instant(self.start_time), instant(other.start_time)
        return self._tie() < other._tie() if mine == theirs else mine < theirs

    def __gt__(self, other: datetime | ClockEvent) -> bool:
        if isinstance(other, ClockEvent):
            return other < self
        return instant(self.start_time) > instant(other) if isinstance(other, datetime) else NotImplemented

    def __repr__(self) -> str:
        return f"<{self.start_time.isoformat()},{self.labels},{self.parameter_defaults}>"


class Clock:
    """A series of events between two dates, both included; subclasses say which."""

    def __init__(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        parameter_defaults: dict[str, Any] | None = None,
        labels: list[str] | None = None,
    ) -> None:
        self.start_date = None if start_date is None else in_pendulum(start_date)
        self.end_date = None if end_date is None else in_pendulum(end_date)
        self.parameter_defaults = parameter_defaults or {}
        self.labels = labels

    def times(self, after: DateTime) -> Iterator[DateTime]:
        """The scheduled times in order, none missing that is later than `after`; earlier ones do no harm."""
        raise NotImplementedError("Must be implemented on Clock subclasses")

    def events(self, after: datetime | None = None) -> Iterable[ClockEvent]:
        """The events later than `after` (default: now), in order, from the start date up to the end date."""
        return self._events(pendulum.now("UTC") if after is None else in_pendulum(after))

    def _events(self, after: DateTime) -> Iterator[ClockEvent]:
        if self.start_date is not None and instant(after) < instant(self.start_date):
            after = self.start_date.subtract(microseconds=1)
        last = instant(after)
        end = datetime.max if self.end_date is None else instant(self.end_date)
        for moment in self.times(after):
            now = instant(moment)
            if now > end:
                return
            # Two local times can be one instant where a clock is put forward: it is one event.
            if now > last:
                last = now
                yield ClockEvent(moment, parameter_defaults=self.parameter_defaults, labels=self.labels)


class IntervalClock(Clock):
    """An event every `interval`, counted from the start date (default: 2019-01-01 UTC)."""

    def __init__(
        self,
        interval: timedelta,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        parameter_defaults: dict[str, Any] | None = None,
        labels: list[str] | None = None,
    ) -> None:
        if not isinstance(interval, timedelta):
            raise TypeError("Interval must be a timedelta.")
        if interval <= timedelta(0):
            raise ValueError("Interval must be greater than 0.")
        self.interval = interval
        super().__init__(start_date, end_date, parameter_defaults, labels)

    def times(self, after: DateTime) -> Iterator[DateTime]:
        """The multiples of the interval."""
        start = EPOCH_OF_INTERVALS if self.start_date is None else self.start_date
        zone = zone_of(start)
        # A pendulum Duration would add calendar months; here only its length counts.
        interval = timedelta(self.interval.days, self.interval.seconds, self.interval.microseconds)
        ticks = max((instant(after) - instant(start)) // interval, 0)
        if interval < timedelta(days=1):
            first = instant(start)
            while True:
                yield at_instant(first + ticks * interval, zone)
                ticks += 1
        # Local days are up to a day longer or shorter than elapsed ones, so counting starts a little early.
        ticks = max(ticks - 2, 0)
        wall = plain(start)
        while True:
            yield on_wall_clock(wall + ticks * interval, zone)
            ticks += 1


class CronClock(Clock):
    """An event at every local time that a cron string describes, in the zone of the start date (default: UTC).

    `day_or` says whether day of month and day of week add up (the default) or must both hold.
    """

    def __init__(
        self,
        cron: str,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        parameter_defaults: dict[str, Any] | None = None,
        labels: list[str] | None = None,
        day_or: bool | None = None,
    ) -> None:
        from croniter import croniter

        if not croniter.is_valid(cron):
            raise ValueError(f"Invalid cron string: {cron}")
        self.cron = cron
        self.day_or = True if day_or is None else day_or
        super().__init__(start_date, end_date, parameter_defaults, labels)

    def times(self, after: DateTime) -> Iterator[DateTime]:
        """The local times of the cron string."""
        from croniter import croniter

        zone = pendulum.UTC if self.start_date is None else zone_of(self.start_date)
        # Asked with naive times, croniter is a plain calendar and leaves daylight saving to us. It looks for times
        # after its start, and the hour before catches those that exist twice.
        wall = plain(after.in_timezone(zone)) - timedelta(hours=1)
        calendar = croniter(self.cron, wall, day_or=self.day_or, ret_type=datetime)
        while True:
            yield on_wall_clock(calendar.get_next(), zone)


class DatesClock(Clock):
    """An event at each of the given dates."""

    def __init__(
        self,
        dates: list[datetime],
        parameter_defaults: dict[str, Any] | None = None,
        labels: list[str] | None = None,
    ) -> None:
        if not dates:
            raise ValueError("A DatesClock needs at least one date.")
        self.dates = [in_pendulum(date) for date in dates]
        super().__init__(min(self.dates, key=instant), max(self.dates, key=instant), parameter_defaults, labels)

    def times(self, after: DateTime) -> Iterator[DateTime]:
        """The dates."""
        return iter(sorted(self.dates, key=instant))


class RRuleClock(Clock):
    """An event at every time of a `dateutil` recurrence rule, or of a set of them."""

    def __init__(
        self,
        rrule_obj: rrulebase,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        parameter_defaults: dict[str, Any] | None = None,
        labels: list[str] | None = None,
    ) -> None:
        from dateutil import rrule

        if not isinstance(rrule_obj, rrule.rrule | rrule.rruleset):
            raise TypeError(f"rrule_obj must be an rrule or rruleset, got: {rrule_obj!r}")
        self.rrule_obj = rrule_obj
        super().__init__(start_date, end_date, parameter_defaults, labels)

    def times(self, after: DateTime) -> Iterator[DateTime]:
        """The times of the rule."""
        for occurrence in self.rrule_obj:
            local = in_pendulum(occurrence)
            # dateutil does its sums on the wall clock and keeps the zone attached, gaps or not.
            yield on_wall_clock(plain(occurrence), zone_of(local))
