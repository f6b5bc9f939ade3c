import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.utilities.datetimes import retry_delay

SECOND = datetime.timedelta(seconds=1)


def test_a_constant_delay() -> None:
    assert [retry_delay(5 * SECOND)(n) for n in (1, 2, 3)] == [5 * SECOND] * 3
    assert retry_delay(seconds=5)(1) == 5 * SECOND


def test_a_delay_that_doubles_from_the_third_run_on() -> None:
    delay = retry_delay(seconds=5, exponential_backoff=True)
    assert [delay(n).total_seconds() for n in (0, 1, 2, 3, 4, 10)] == [5, 5, 5, 10, 20, 1280]


def test_a_delay_has_a_most() -> None:
    assert retry_delay(hours=5)(1) == datetime.timedelta(hours=2)
    assert retry_delay(seconds=5, exponential_backoff=True, max_delay=11 * SECOND)(10) == 11 * SECOND


@given(st.integers(min_value=0, max_value=10**6), st.timedeltas(min_value=datetime.timedelta(0)))
def test_no_run_number_is_too_large(run_number: int, interval: datetime.timedelta) -> None:
    assert retry_delay(interval, exponential_backoff=True)(run_number) <= datetime.timedelta(hours=2)


def test_exactly_one_way_to_say_how_long() -> None:
    with pytest.raises(ValueError, match="Provide either an interval"):
        retry_delay()
    with pytest.raises(ValueError, match="but not both"):
        retry_delay(SECOND, seconds=4)
