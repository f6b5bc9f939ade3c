"""What the filters accept and the adjustments change."""

import datetime
from collections.abc import Callable

import pendulum
import pytest

from prefect.schedules import adjustments, filters

# 2022-01-01 was a Saturday.
DAYS = [pendulum.datetime(2022, 1, day) for day in range(1, 10)]


def accepted_days(accept: Callable[[datetime.datetime], bool]) -> list[int]:
    return [day.day for day in DAYS if accept(day)]


@pytest.mark.parametrize(
    ("accept", "days"),
    [
        (filters.is_weekday, [3, 4, 5, 6, 7]),
        (filters.is_weekend, [1, 2, 8, 9]),
        (filters.is_month_start, [1]),
        (filters.is_day_of_week(0), [3]),
        (filters.is_day_of_week(6), [2, 9]),
        (filters.is_day_of_week(7), []),
        (filters.on_date(1, 5), [5]),
        (filters.on_datetime(DAYS[2]), [3]),
        (filters.between_dates(1, 3, 1, 4), [3, 4]),
        (filters.between_dates(12, 30, 1, 2), [1, 2]),
        (filters.between_datetimes(DAYS[1], DAYS[3]), [2, 3, 4]),
        (filters.between_datetimes(DAYS[3], DAYS[1]), []),
    ],
)
def test_filters_of_days(accept: Callable[[datetime.datetime], bool], days: list[int]) -> None:
    assert accepted_days(accept) == days


@pytest.mark.parametrize(
    ("accept", "hours"),
    [
        (filters.at_time(datetime.time(12)), [12]),
        (filters.between_times(datetime.time(9), datetime.time(11)), [9, 10, 11]),
        (filters.between_times(datetime.time(22), datetime.time(1)), [0, 1, 22, 23]),
        (filters.between_times(pendulum.time(9), pendulum.time(9)), [9]),
    ],
)
def test_filters_of_times(accept: Callable[[datetime.datetime], bool], hours: list[int]) -> None:
    assert [hour for hour in range(24) if accept(pendulum.datetime(2022, 1, 1, hour))] == hours


def test_the_end_of_a_month_knows_leap_years() -> None:
    assert filters.is_month_end(datetime.datetime(2022, 2, 28))
    assert not filters.is_month_end(datetime.datetime(2024, 2, 28))
    assert filters.is_month_end(pendulum.datetime(2024, 2, 29, 23, 59))
    assert filters.is_month_end(datetime.datetime(2022, 12, 31))


def test_filters_judge_in_the_zone_of_the_time() -> None:
    evening = pendulum.datetime(2022, 1, 2, 23, tz="America/New_York")
    assert filters.is_weekend(evening)
    assert not filters.is_weekend(evening.in_timezone("UTC"))


def test_next_weekday_moves_weekends_only() -> None:
    assert [adjustments.next_weekday(day).day for day in DAYS] == [3, 3, 3, 4, 5, 6, 7, 10, 10]


def test_add_moves_by_an_interval() -> None:
    assert adjustments.add(datetime.timedelta(days=1))(DAYS[0]) == DAYS[1]
