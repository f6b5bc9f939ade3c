"""Schedules on the wire: what 1.4.1 wrote and read, and zones that keep their names."""

import copy
import datetime
import json
from pathlib import Path
from typing import Any

import pendulum
import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect.core.flow import Flow
from prefect.exceptions import ValidationError
from prefect.schedules import Schedule, adjustments, filters
from prefect.schedules.clocks import Clock, CronClock, DatesClock, IntervalClock, RRuleClock
from prefect.serialization import versioned
from prefect.serialization.flow import dump_flow, load_flow
from prefect.serialization.schedule import ClockSchema, ScheduleSchema, dump_schedule, load_schedule
from tests.fixtures.wire import examples

KNOWN = json.loads((Path(__file__).parents[1] / "fixtures" / "wire" / "schedules.json").read_text())["schedules"]
NEW_YORK = pendulum.datetime(2022, 3, 10, 9, tz="America/New_York")
DAY = datetime.timedelta(days=1)


def times(schedule: Schedule, after: datetime.datetime, n: int = 5) -> list[tuple[str, str | None]]:
    return [(time.isoformat(), pendulum.instance(time).timezone_name) for time in schedule.next(n, after=after)]


@pytest.mark.parametrize("name", KNOWN)
def test_writes_what_was_always_written(name: str) -> None:
    with versioned.written_as("1.4.1"):
        dumped = dump_schedule(examples.schedules()[name])
    assert dumped == KNOWN[name]["serialized"]
    assert json.loads(json.dumps(dumped)) == dumped


@pytest.mark.parametrize("name", KNOWN)
def test_reads_what_was_always_written(name: str) -> None:
    data = copy.deepcopy(KNOWN[name]["serialized"])
    loaded, original = load_schedule(data), examples.schedules()[name]
    assert data == KNOWN[name]["serialized"]
    assert [repr(type(clock).__name__) for clock in loaded.clocks] == KNOWN[name]["deserialized"]
    for after in (datetime.datetime(2022, 1, 1), datetime.datetime(2022, 3, 11, 12)):
        assert loaded.next(6, after=after, return_events=True) == original.next(6, after=after, return_events=True)
    with versioned.written_as("1.4.1"):
        assert ScheduleSchema().dump(loaded) == data


def rule_set() -> rrule.rruleset:
    rules = rrule.rruleset()
    rules.rrule(rrule.rrule(rrule.DAILY, dtstart=NEW_YORK, count=6))
    rules.exdate(pendulum.datetime(2022, 3, 12, 9, tz="America/New_York"))
    rules.rdate(pendulum.datetime(2022, 4, 1, 9, tz="America/New_York"))
    return rules


@pytest.mark.parametrize(
    "clock",
    [
        IntervalClock(DAY, start_date=NEW_YORK),
        IntervalClock(datetime.timedelta(hours=1), start_date=NEW_YORK),
        IntervalClock(DAY, start_date=NEW_YORK, end_date=NEW_YORK.add(days=4)),
        CronClock("0 9 * * *", start_date=NEW_YORK),
        DatesClock([NEW_YORK, NEW_YORK.add(days=4)]),
        RRuleClock(rrule.rrule(rrule.DAILY, dtstart=NEW_YORK)),
        RRuleClock(rrule.rrule(rrule.DAILY, dtstart=NEW_YORK, until=NEW_YORK.add(days=5))),
        RRuleClock(rule_set()),
    ],
)
def test_a_flow_keeps_the_zone_of_its_schedule(clock: Clock) -> None:
    flow = Flow("f", schedule=Schedule(clocks=[clock]))
    loaded = load_flow(json.loads(json.dumps(dump_flow(flow))))
    assert isinstance(flow.schedule, Schedule)
    assert isinstance(loaded.schedule, Schedule)
    # The change of clocks falls into these days.
    expected = times(flow.schedule, NEW_YORK.subtract(days=1))
    assert times(loaded.schedule, NEW_YORK.subtract(days=1)) == expected
    assert {zone for _, zone in expected} == {"America/New_York"}


@pytest.mark.parametrize(
    "zone",
    [datetime.UTC, datetime.timezone(datetime.timedelta(hours=-5)), datetime.timezone(datetime.timedelta(minutes=330))],
)
def test_offsets_make_the_round_trip(zone: datetime.timezone) -> None:
    start = datetime.datetime(2022, 3, 10, 9, tzinfo=zone)
    schedule = Schedule(clocks=[IntervalClock(DAY, start_date=start), CronClock("0 7 * * *", start_date=start)])
    loaded = load_schedule(dump_schedule(schedule))
    assert dump_schedule(loaded) == dump_schedule(schedule)
    assert times(loaded, start) == times(schedule, start)


def test_naive_dates_are_utc() -> None:
    dumped = dump_schedule(Schedule(clocks=[IntervalClock(DAY, start_date=datetime.datetime(2022, 1, 1))]))
    assert dumped["clocks"][0]["start_date"] == {"dt": "2022-01-01T00:00:00", "tz": "UTC"}


def test_an_interval_below_a_minute_is_refused() -> None:
    short = Schedule(clocks=[IntervalClock(datetime.timedelta(seconds=59))])
    with pytest.raises(ValueError, match="less than one minute"):
        dump_schedule(short)
    with pytest.raises(ValueError, match="less than one minute"):
        load_schedule({"clocks": [{"type": "IntervalClock", "interval": 1}]})


def test_intervals_may_come_as_text_and_fractions() -> None:
    for interval in (3_600_000_000, "3600000000", 3_600_000_000.5):
        clock = ClockSchema().load({"type": "IntervalClock", "interval": interval})
        assert clock.interval == datetime.timedelta(hours=1)


def test_a_date_with_an_offset_of_its_own_keeps_it() -> None:
    clock = ClockSchema().load(
        {"type": "CronClock", "cron": "* * * * *", "start_date": {"dt": "2022-01-01T00:00:00+05:00", "tz": "UTC"}}
    )
    assert clock.start_date.isoformat() == "2022-01-01T00:00:00+05:00"


def test_a_function_without_arguments_may_leave_them_out() -> None:
    loaded = load_schedule({"clocks": [], "filters": [{"fn": "prefect.schedules.filters.is_weekend"}]})
    assert loaded.filters == [filters.is_weekend]


@pytest.mark.parametrize(
    ("clock", "message"),
    [
        ({}, "must say its type"),
        ({"type": "OneTimeClock"}, "OneTimeClock is no kind of clock"),
        ({"type": "IntervalClock"}, "interval of an IntervalClock"),
        ({"type": "IntervalClock", "interval": True}, "interval of an IntervalClock"),
        ({"type": "IntervalClock", "interval": 60_000_000, "start_date": "2022-01-01"}, "must be a JSON object"),
        ({"type": "IntervalClock", "interval": 60_000_000, "start_date": {"dt": "2022-01-01"}}, "name of the zone"),
        ({"type": "CronClock", "cron": "* * * * *", "start_date": {"dt": "noon", "tz": "UTC"}}, "cannot be read"),
        ({"type": "CronClock", "cron": "* * * * *", "start_date": {"dt": "2022-01-01", "tz": "No/Where"}}, "No/Where"),
        ({"type": "CronClock", "cron": "* * * * *", "start_date": {"dt": "2022-01-01", "tz": "+99:99"}}, "no offset"),
        ({"type": "CronClock"}, "cron string of a CronClock"),
        ({"type": "CronClock", "cron": "* * * * *", "labels": "a"}, "labels of a CronClock"),
        ({"type": "CronClock", "cron": "* * * * *", "parameter_defaults": [1]}, "parameter_defaults of a CronClock"),
        ({"type": "DatesClock"}, "dates of a DatesClock"),
        ({"type": "RRuleClock"}, "rrule_obj of a RRuleClock"),
        ({"type": "RRuleClock", "rrule_obj": {"type": "rrule", "rr": "FREQ=NEVER"}}, "recurrence rule 'FREQ=NEVER'"),
        (
            {"type": "RRuleClock", "rrule_obj": {"type": "rrule", "rr": "FREQ=DAILY", "_dtstart": "x"}},
            "date 'x' of a recurrence rule",
        ),
    ],
)
def test_clocks_that_make_no_sense_are_refused(clock: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        load_schedule({"clocks": [clock]})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "must be a JSON object"),
        ({}, "clocks of a schedule must be a list"),
        ({"clocks": [], "filters": None}, "filters of a schedule must be a list"),
        ({"clocks": [], "filters": ["x"]}, "A function must be given"),
        ({"clocks": [], "filters": [{"fn": "prefect.schedules.filters.nope"}]}, "Invalid function reference"),
        ({"clocks": [], "filters": [{"fn": "prefect.schedules.adjustments.next_weekday"}]}, "Invalid function"),
        (
            {"clocks": [], "filters": [{"fn": "prefect.schedules.filters.at_time", "kwargs": {"t": "//time:x"}}]},
            "cannot be read",
        ),
    ],
)
def test_schedules_that_make_no_sense_are_refused(data: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        load_schedule(data)


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValidationError, match="is a custom one"):
        dump_schedule(Schedule(clocks=[], adjustments=[lambda moment: moment]))
    with pytest.raises(ValidationError, match="parameter_defaults of a CronClock"):
        dump_schedule(Schedule(clocks=[CronClock("* * * * *", parameter_defaults={"a": object()})]))

    class Sundial(Clock):
        pass

    with pytest.raises(ValidationError, match="Sundial is no kind of clock"):
        dump_schedule(Schedule(clocks=[Sundial()]))


zones = st.sampled_from(["UTC", "America/New_York", "Europe/Paris", "Australia/Lord_Howe", "Asia/Kolkata"])
dates = st.builds(
    lambda moment, zone: pendulum.instance(moment, tz=zone),
    st.datetimes(min_value=datetime.datetime(2015, 1, 1), max_value=datetime.datetime(2035, 1, 1)),
    zones,
)
labels = st.none() | st.lists(st.text(), max_size=2)
parameters = st.dictionaries(st.text(), st.integers() | st.text() | st.none(), max_size=2)
clocks = st.one_of(
    st.builds(
        IntervalClock,
        st.timedeltas(min_value=datetime.timedelta(minutes=1), max_value=datetime.timedelta(days=400)),
        start_date=st.none() | dates,
        end_date=st.none() | dates,
        labels=labels,
        parameter_defaults=parameters,
    ),
    st.builds(CronClock, st.sampled_from(["* * * * *", "0 9 * * 1-5", "@daily"]), start_date=dates, labels=labels),
    st.builds(DatesClock, st.lists(dates, min_size=1, max_size=3), labels=labels),
    st.builds(
        RRuleClock,
        st.builds(
            lambda frequency, start, interval: rrule.rrule(
                frequency, dtstart=start.replace(microsecond=0), interval=interval
            ),
            st.sampled_from([rrule.DAILY, rrule.WEEKLY]),
            dates,
            st.integers(1, 5),
        ),
        start_date=st.none() | dates,
    ),
)
functions = st.one_of(
    st.sampled_from([filters.is_weekday, filters.is_weekend, filters.is_month_start, filters.is_month_end]),
    st.builds(filters.at_time, st.times()),
    st.builds(filters.between_datetimes, dates, dates),
    st.builds(filters.on_date, st.integers(1, 12), st.integers(1, 28)),
)
schedules = st.builds(
    Schedule,
    st.lists(clocks, max_size=2),
    filters=st.lists(functions, max_size=2),
    not_filters=st.lists(functions, max_size=2),
    adjustments=st.lists(st.builds(adjustments.add, st.timedeltas(max_value=DAY, min_value=-DAY)), max_size=1),
)


@settings(max_examples=80, deadline=None)
@given(schedule=schedules)
def test_a_round_trip_loses_nothing(schedule: Schedule) -> None:
    dumped = dump_schedule(schedule)
    loaded = load_schedule(json.loads(json.dumps(dumped)))
    assert dump_schedule(loaded) == dumped


@settings(max_examples=40, deadline=None)
@given(clock=clocks, after=dates)
def test_a_clock_that_was_read_ticks_alike(clock: Clock, after: datetime.datetime) -> None:
    loaded = load_schedule(dump_schedule(Schedule(clocks=[clock])))
    assert times(loaded, after, 3) == times(Schedule(clocks=[clock]), after, 3)
