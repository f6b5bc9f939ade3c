"""When a schedule fires: what 1.4.1 answered, daylight saving, merging, and the ends."""

import datetime
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pendulum
import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule, adjustments, filters, schedules
from prefect.schedules.clocks import Clock, ClockEvent, CronClock, DatesClock, IntervalClock, RRuleClock
from prefect.serialization.schedule import dump_schedule, load_schedule
from tests.fixtures.wire import examples

UTC_2022 = pendulum.datetime(2022, 1, 1)
SPRING = pendulum.datetime(2022, 3, 12, 12, tz="America/New_York")
AUTUMN = pendulum.datetime(2022, 11, 5, 12, tz="America/New_York")
KNOWN = json.loads((Path(__file__).parents[1] / "fixtures" / "wire" / "schedules.json").read_text())["schedules"]


def new_york(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> pendulum.DateTime:
    return pendulum.datetime(year, month, day, hour, minute, tz="America/New_York")


def texts(times: list[datetime.datetime]) -> list[str]:
    return [time.isoformat() for time in times]


def next_of(clock: Clock, n: int, after: datetime.datetime) -> list[str]:
    return texts(Schedule(clocks=[clock]).next(n, after=after))


def in_any_order(events: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(event, sort_keys=True) for event in events)


# One schedule starts now, so it has a note in place of an answer.
KNOWN_ANSWERS = [(name, after) for name, facts in KNOWN.items() for after in facts["next"] if after != "note"]


@pytest.mark.parametrize(("name", "after"), KNOWN_ANSWERS)
def test_fires_when_it_always_did(name: str, after: str) -> None:
    moment = datetime.datetime.fromisoformat(after)
    events = examples.schedules()[name].next(6, after=moment, return_events=True)
    found = [
        {
            "start_time": event.start_time.isoformat(),
            "tz": pendulum.instance(event.start_time).timezone_name,
            "parameter_defaults": event.parameter_defaults,
            "labels": event.labels,
        }
        for event in events
    ]
    # Events of the same moment had no fixed order.
    assert in_any_order(found) == in_any_order(KNOWN[name]["next"][after])
    assert [event["start_time"] for event in found] == sorted(str(event["start_time"]) for event in found)


OBSERVED = json.loads((Path(__file__).parents[1] / "fixtures" / "schedules_observed.json").read_text())["cases"]


def observed_clock(case: dict[str, Any]) -> Clock:
    start = None if case["start"] is None else pendulum.parse(case["start"], tz=case["zone"])
    assert start is None or isinstance(start, pendulum.DateTime)
    if case["kind"] == "interval":
        return IntervalClock(datetime.timedelta(minutes=case["minutes"]), start_date=start)
    if case["kind"] == "cron":
        end = start.add(months=case["months"]) if start is not None and "months" in case else None
        return CronClock(case["cron"], start_date=start, end_date=end, day_or=case.get("day_or"))
    rule = dict(case["rule"])
    return RRuleClock(rrule.rrule(getattr(rrule, rule.pop("freq")), dtstart=start, **rule))


@pytest.mark.parametrize("case", OBSERVED, ids=lambda case: f"{case['kind']}-{case['zone']}")
def test_fires_when_it_always_did_on_both_sides_of_the_world(case: dict[str, Any]) -> None:
    schedule = Schedule(clocks=[observed_clock(case)])
    after = datetime.datetime.fromisoformat(case["after"]).replace(tzinfo=datetime.UTC)
    for firing in (schedule, load_schedule(json.loads(json.dumps(dump_schedule(schedule))))):
        found = firing.next(len(case["fires"]), after=after)
        assert [f"{moment.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%S}" for moment in found] == case["fires"]


@pytest.mark.parametrize("name", KNOWN)
def test_starts_and_ends_where_its_clocks_do(name: str) -> None:
    schedule = examples.schedules()[name]
    for end in ("start_date", "end_date"):
        date = getattr(schedule, end)
        assert ("None" if date is None else date.isoformat()) == KNOWN[name][end]


def test_an_hourly_interval_ticks_in_elapsed_time() -> None:
    hourly = IntervalClock(datetime.timedelta(hours=1), start_date=new_york(2022, 3, 10))
    assert next_of(hourly, 3, new_york(2022, 3, 13, 0, 30)) == [
        "2022-03-13T01:00:00-05:00",
        "2022-03-13T03:00:00-04:00",
        "2022-03-13T04:00:00-04:00",
    ]
    assert next_of(hourly, 3, new_york(2022, 11, 6).add(minutes=30)) == [
        "2022-11-06T01:00:00-04:00",
        "2022-11-06T01:00:00-05:00",
        "2022-11-06T02:00:00-05:00",
    ]


def test_a_half_day_interval_ticks_in_elapsed_time_across_the_change() -> None:
    clock = IntervalClock(datetime.timedelta(hours=12), start_date=new_york(2022, 3, 10, 9))
    assert next_of(clock, 3, SPRING) == [
        "2022-03-12T21:00:00-05:00",
        "2022-03-13T10:00:00-04:00",
        "2022-03-13T22:00:00-04:00",
    ]


def test_a_daily_interval_keeps_the_local_hour() -> None:
    clock = IntervalClock(datetime.timedelta(days=1), start_date=new_york(2022, 3, 10, 9))
    assert next_of(clock, 2, SPRING) == ["2022-03-13T09:00:00-04:00", "2022-03-14T09:00:00-04:00"]
    assert next_of(clock, 2, AUTUMN) == ["2022-11-06T09:00:00-05:00", "2022-11-07T09:00:00-05:00"]


def test_a_start_date_in_utc_knows_no_daylight_saving() -> None:
    clock = IntervalClock(datetime.timedelta(days=1), start_date=pendulum.datetime(2022, 3, 10, 9))
    assert next_of(clock, 2, SPRING) == ["2022-03-13T09:00:00+00:00", "2022-03-14T09:00:00+00:00"]


@pytest.mark.parametrize(
    "clock",
    [
        IntervalClock(datetime.timedelta(days=1), start_date=new_york(2022, 3, 10, 2, 30)),
        CronClock("30 2 * * *", start_date=new_york(2022, 1, 1)),
        RRuleClock(rrule.rrule(rrule.DAILY, dtstart=new_york(2022, 3, 10, 2, 30))),
    ],
)
def test_a_local_time_in_the_gap_moves_to_after_it(clock: Clock) -> None:
    assert next_of(clock, 2, SPRING) == ["2022-03-13T03:30:00-04:00", "2022-03-14T02:30:00-04:00"]


@pytest.mark.parametrize(
    "clock",
    [
        IntervalClock(datetime.timedelta(days=1), start_date=new_york(2022, 3, 10, 1, 30)),
        CronClock("30 1 * * *", start_date=new_york(2022, 1, 1)),
        RRuleClock(rrule.rrule(rrule.DAILY, dtstart=new_york(2022, 3, 10, 1, 30))),
    ],
)
def test_a_local_time_that_exists_twice_is_the_second(clock: Clock) -> None:
    assert next_of(clock, 2, AUTUMN) == ["2022-11-06T01:30:00-05:00", "2022-11-07T01:30:00-05:00"]


def test_an_hourly_cron_follows_the_wall_clock() -> None:
    clock = CronClock("0 * * * *", start_date=new_york(2022, 1, 1))
    assert next_of(clock, 3, new_york(2022, 3, 13, 0, 30)) == [
        "2022-03-13T01:00:00-05:00",
        "2022-03-13T03:00:00-04:00",
        "2022-03-13T04:00:00-04:00",
    ]
    assert next_of(clock, 2, new_york(2022, 11, 6).add(minutes=30)) == [
        "2022-11-06T01:00:00-05:00",
        "2022-11-06T02:00:00-05:00",
    ]


def test_a_cron_clock_with_a_fixed_offset_works() -> None:
    start = datetime.datetime(2022, 3, 10, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=-5)))
    assert next_of(CronClock("0 9 * * *", start_date=start), 1, SPRING) == ["2022-03-13T09:00:00-05:00"]


@pytest.mark.parametrize(
    "clock",
    [
        IntervalClock(datetime.timedelta(hours=6), start_date=UTC_2022, end_date=UTC_2022.add(hours=12)),
        CronClock("0 */6 * * *", start_date=UTC_2022, end_date=UTC_2022.add(hours=12)),
        RRuleClock(
            rrule.rrule(rrule.HOURLY, interval=6, dtstart=UTC_2022.subtract(days=1)),
            start_date=UTC_2022,
            end_date=UTC_2022.add(hours=12),
        ),
    ],
)
def test_start_and_end_are_included_and_after_is_not(clock: Clock) -> None:
    every = ["2022-01-01T00:00:00+00:00", "2022-01-01T06:00:00+00:00", "2022-01-01T12:00:00+00:00"]
    assert next_of(clock, 9, UTC_2022.subtract(days=3)) == every
    assert next_of(clock, 9, UTC_2022) == every[1:]
    assert next_of(clock, 9, UTC_2022.add(hours=12)) == []


def test_without_a_start_date_intervals_count_from_2019() -> None:
    clock = IntervalClock(datetime.timedelta(hours=6))
    assert next_of(clock, 1, pendulum.datetime(2015, 1, 1)) == ["2019-01-01T00:00:00+00:00"]
    assert next_of(clock, 1, datetime.datetime(2022, 1, 3, 1)) == ["2022-01-03T06:00:00+00:00"]


def test_without_after_it_starts_now() -> None:
    (event,) = Schedule(clocks=[CronClock("* * * * *")]).next(1)
    waiting = event - pendulum.now("UTC")
    assert datetime.timedelta(seconds=-5) < waiting <= datetime.timedelta(minutes=1)


def test_microseconds_of_after_do_not_matter_to_cron() -> None:
    assert next_of(CronClock("* * * * *"), 1, UTC_2022.add(seconds=30, microseconds=5)) == ["2022-01-01T00:01:00+00:00"]


@pytest.mark.parametrize("cron", ["0 0 * *", "99 0 * * *", "whenever", ""])
def test_an_invalid_cron_string_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match="Invalid cron string"):
        CronClock(cron)


def test_invalid_intervals_are_refused() -> None:
    with pytest.raises(TypeError, match="must be a timedelta"):
        IntervalClock(60)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be a timedelta"):
        IntervalSchedule()
    for interval in (datetime.timedelta(0), datetime.timedelta(days=-1)):
        with pytest.raises(ValueError, match="greater than 0"):
            IntervalClock(interval)


def test_invalid_clocks_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one date"):
        DatesClock([])
    with pytest.raises(TypeError, match="must be an rrule"):
        RRuleClock("RRULE:FREQ=DAILY")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="list of clocks"):
        Schedule(clocks=None)  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError):
        list(Clock().events(after=UTC_2022))


def test_a_duration_of_pendulum_is_an_interval() -> None:
    clock = IntervalClock(pendulum.duration(weeks=1), start_date=UTC_2022)
    assert next_of(clock, 1, UTC_2022) == ["2022-01-08T00:00:00+00:00"]


def test_zones_of_the_standard_library_keep_their_names() -> None:
    from zoneinfo import ZoneInfo

    start = datetime.datetime(2022, 3, 10, 9, tzinfo=ZoneInfo("America/New_York"))
    first = Schedule(clocks=[IntervalClock(datetime.timedelta(days=1), start_date=start)]).next(1, after=SPRING)[0]
    assert isinstance(first, pendulum.DateTime)
    assert (first.isoformat(), first.timezone_name) == ("2022-03-13T09:00:00-04:00", "America/New_York")


def test_equal_events_merge_and_different_ones_do_not() -> None:
    day = datetime.timedelta(days=1)
    same = Schedule(clocks=[IntervalClock(day, start_date=UTC_2022), IntervalClock(day, start_date=UTC_2022)])
    assert texts(same.next(2, after=UTC_2022)) == ["2022-01-02T00:00:00+00:00", "2022-01-03T00:00:00+00:00"]
    different = Schedule(
        clocks=[
            IntervalClock(day, start_date=UTC_2022, parameter_defaults={"x": 2}),
            IntervalClock(day, start_date=UTC_2022, parameter_defaults={"x": 1}, labels=["b"]),
            IntervalClock(day, start_date=UTC_2022, parameter_defaults={"x": 1}, labels=["a"]),
        ]
    )
    events = different.next(3, after=UTC_2022, return_events=True)
    assert [(event.parameter_defaults, event.labels) for event in events] == [
        ({"x": 1}, ["a"]),
        ({"x": 1}, ["b"]),
        ({"x": 2}, None),
    ]
    assert {event.start_time.isoformat() for event in events} == {"2022-01-02T00:00:00+00:00"}


def test_events_compare_like_datetimes() -> None:
    event, later = ClockEvent(UTC_2022, {"x": 1}, ["a"]), ClockEvent(UTC_2022.add(days=1))
    assert event == UTC_2022
    assert event != ClockEvent(UTC_2022, {"x": 1}, ["b"])
    assert event == ClockEvent(UTC_2022, {"x": 1}, ["a"])
    assert event < later
    assert later > event
    assert event < UTC_2022.add(seconds=1)
    assert later > UTC_2022
    assert event != "2022-01-01"
    assert repr(event) == "<2022-01-01T00:00:00+00:00,['a'],{'x': 1}>"


def test_filters_that_never_agree_end_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "MOST_DROPPED_EVENTS", 100)
    asked = []

    def never(moment: datetime.datetime) -> bool:
        asked.append(moment)
        return False

    schedule = Schedule(clocks=[IntervalClock(datetime.timedelta(days=1), start_date=UTC_2022)], filters=[never])
    assert schedule.next(1, after=UTC_2022) == []
    assert len(asked) == 100


def test_a_clock_of_minutes_finds_a_date_months_away() -> None:
    schedule = Schedule(clocks=[CronClock("* * * * *")], filters=[filters.on_date(3, 1)])
    assert texts(schedule.next(1, after=UTC_2022)) == ["2022-03-01T00:00:00+00:00"]


def test_nothing_is_asked_for_nothing() -> None:
    assert Schedule(clocks=[CronClock("* * * * *")]).next(0) == []
    assert Schedule(clocks=[]).next(3) == []


def test_adjustments_apply_in_order_and_carry_the_event() -> None:
    schedule = Schedule(
        clocks=[IntervalClock(datetime.timedelta(days=1), start_date=UTC_2022, labels=["a"])],
        adjustments=[adjustments.next_weekday, adjustments.add(datetime.timedelta(hours=3))],
    )
    (event,) = schedule.next(1, after=UTC_2022, return_events=True)
    assert (event.start_time.isoformat(), event.labels) == ("2022-01-03T03:00:00+00:00", ["a"])


def test_the_short_forms_make_one_clock() -> None:
    (cron,) = CronSchedule("0 9 * * *", start_date=UTC_2022, day_or=False).clocks
    assert isinstance(cron, CronClock)
    assert (cron.cron, cron.day_or, cron.start_date) == ("0 9 * * *", False, UTC_2022)
    (rule,) = RRuleSchedule(rrule.rrule(rrule.DAILY, dtstart=UTC_2022), end_date=UTC_2022).clocks
    assert isinstance(rule, RRuleClock)
    assert rule.end_date == UTC_2022


intervals = st.timedeltas(min_value=datetime.timedelta(minutes=1), max_value=datetime.timedelta(days=40))
zones = st.sampled_from(["UTC", "America/New_York", "Europe/Paris", "Australia/Lord_Howe", "Pacific/Apia"])
moments = st.datetimes(min_value=datetime.datetime(2010, 1, 1), max_value=datetime.datetime(2030, 1, 1))


@settings(max_examples=60, deadline=None)
@given(interval=intervals, zone=zones, start=moments, after=moments)
def test_events_are_later_than_after_and_increase(
    interval: datetime.timedelta, zone: str, start: datetime.datetime, after: datetime.datetime
) -> None:
    clock = IntervalClock(interval, start_date=pendulum.instance(start, tz=zone))
    after_utc = pendulum.instance(after, tz="UTC")
    times = Schedule(clocks=[clock]).next(5, after=after_utc)
    assert len(times) == 5
    assert all(time > after_utc for time in times)
    instants = [time.astimezone(datetime.UTC) for time in times]
    assert all(earlier < later for earlier, later in pairwise(instants))
    # Asking again from the first answer goes on where it stopped.
    assert Schedule(clocks=[clock]).next(4, after=times[0]) == times[1:]


def test_times_that_are_none_are_refused_by_their_value() -> None:
    for make in (
        lambda: IntervalClock(datetime.timedelta(1), start_date="2020"),  # type: ignore[arg-type]
        lambda: DatesClock(["2020"]),  # type: ignore[list-item]
        lambda: CronClock("* * * * *", start_date="2020"),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValueError, match="A time must be a datetime, and '2020' is a str"):
            make()


@pytest.mark.parametrize("other", [5, None, "x"])
def test_events_are_compared_with_events_and_times_only(other: Any) -> None:
    event = ClockEvent(UTC_2022)
    assert event != other
    with pytest.raises(TypeError, match="not supported between instances of 'ClockEvent' and"):
        event < other  # noqa: B015
    with pytest.raises(TypeError, match="not supported between instances of 'ClockEvent' and"):
        event > other  # noqa: B015
