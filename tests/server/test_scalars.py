"""What a request may write for a value, and the form in which it is stored."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from prefect.server import scalars

ID = "4c0101af-c6bb-4b96-8661-63a5bbfb5596"


@pytest.mark.parametrize("written", [ID, ID.upper(), "{" + ID + "}", ID.replace("-", ""), uuid.UUID(ID)])
def test_a_uuid_is_stored_in_lower_case(written: Any) -> None:
    assert scalars.uuid(written) == ID


@pytest.mark.parametrize("written", ["", "x", ID[:-1], ID + "0", ID.replace("a", "g"), 5, None, [ID], b"x" * 16])
def test_what_is_no_uuid_is_refused(written: Any) -> None:
    with pytest.raises(ValueError, match="is no uuid"):
        scalars.uuid(written)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2021-05-12T17:59:56.383629+00:00", "2021-05-12T17:59:56.383629+00:00"),
        ("2021-05-12T17:59:56.380000Z", "2021-05-12T17:59:56.38+00:00"),
        ("2021-05-12T17:59:56.000", "2021-05-12T17:59:56+00:00"),
        ("2021-05-12 19:59:56+02", "2021-05-12T17:59:56+00:00"),
        ("2021-05-12T12:59:56.1-05:00", "2021-05-12T17:59:56.1+00:00"),
        ("2021-05-12", "2021-05-12T00:00:00+00:00"),
        (" 20210512T175956Z ", "2021-05-12T17:59:56+00:00"),
        ("2021-05-12t17:59:56z", "2021-05-12T17:59:56+00:00"),
        ("2021-05-12 17:59:56 UTC", "2021-05-12T17:59:56+00:00"),
        ("2021-05-12 12:59:56.5 America/Chicago", "2021-05-12T17:59:56.5+00:00"),
        ("2021-05-12 19:59:56+0200", "2021-05-12T17:59:56+00:00"),
        ("epoch", "1970-01-01T00:00:00+00:00"),
        ("infinity", "9999-12-31T23:59:59.999999+00:00"),
        ("-Infinity", "0001-01-01T00:00:00+00:00"),
        (datetime(2021, 5, 12, 17, 59, 56), "2021-05-12T17:59:56+00:00"),
        (datetime(2021, 5, 12, 19, 59, tzinfo=timezone(timedelta(hours=2))), "2021-05-12T17:59:00+00:00"),
    ],
)
def test_a_time_is_stored_in_utc_with_its_fraction_trimmed(written: Any, stored: str) -> None:
    assert scalars.timestamp(written) == stored


def test_words_for_days_are_those_of_today() -> None:
    days = [scalars.timestamp(word) for word in ("yesterday", "today", "now", "tomorrow")]
    assert days == sorted(days)
    assert all(day.endswith("T00:00:00+00:00") for day in (days[0], days[1], days[3]))


@pytest.mark.parametrize(
    "written",
    [
        *("", "someday", "2021-13-01", "17:59", 5, None, "0001-01-01T00:00:00+05:00", "2021-05-12 17:59 Nowhere/Land"),
        *("2021-05-12 17:59 America", "2021-05-12T17:59:56+01:00 UTC", "2021-05-12 17:59 ../../etc", "1 UTC"),
    ],
)
def test_what_is_no_time_is_refused(written: Any) -> None:
    with pytest.raises(ValueError, match="timestamp"):
        scalars.timestamp(written)


@given(some.datetimes(timezones=some.just(UTC)), some.datetimes(timezones=some.just(UTC)))
def test_stored_times_sort_as_text(first: datetime, second: datetime) -> None:
    assert (first < second) is (scalars.timestamp(first) < scalars.timestamp(second))


@given(some.datetimes(timezones=some.just(UTC)))
def test_a_stored_time_is_stored_as_itself(moment: datetime) -> None:
    stored = scalars.timestamp(moment)
    assert scalars.timestamp(stored) == stored
    assert datetime.fromisoformat(stored) == moment


@pytest.mark.parametrize(
    ("written", "microseconds", "shown"),
    [
        ("00:00:00", 0, "00:00:00"),
        ("00:01:05.5", 65_500_000, "00:01:05.5"),
        ("1 day 01:01:01.5", 90_061_500_000, "1 day 01:01:01.5"),
        ("2 days", 172_800_000_000, "2 days"),
        ("5 seconds", 5_000_000, "00:00:05"),
        ("1 hour 30 minutes", 5_400_000_000, "01:30:00"),
        ("5 secs", 5_000_000, "00:00:05"),
        ("1h 30m", 5_400_000_000, "01:30:00"),
        ("1 Month", 30 * 86_400_000_000, "30 days"),
        ("PT1H30M", 5_400_000_000, "01:30:00"),
        ("P1DT0.5S", 86_400_500_000, "1 day 00:00:00.5"),
        ("P1M", 30 * 86_400_000_000, "30 days"),
        ("1:2:3", 3_723_000_000, "01:02:03"),
        ("1 day 1:01", 90_060_000_000, "1 day 01:01:00"),
        ("-00:00:01", -1_000_000, "-00:00:01"),
        ("30:00:00", 108_000_000_000, "1 day 06:00:00"),
        (1.5, 1_500_000, "00:00:01.5"),
        (timedelta(days=3, microseconds=1), 259_200_000_001, "3 days 00:00:00.000001"),
    ],
)
def test_an_interval_is_stored_in_microseconds_and_shown_as_postgresql_does(
    written: Any, microseconds: int, shown: str
) -> None:
    assert scalars.interval(written) == microseconds
    assert scalars.interval_text(microseconds) == shown


@given(some.integers(0, 10**15))
def test_an_interval_that_is_shown_can_be_written(microseconds: int) -> None:
    assert scalars.interval(scalars.interval_text(microseconds)) == microseconds


@pytest.mark.parametrize(
    "written", ["", "soon", "5 parsecs", "1:2:3:4", "P", "PT", "P5", "5", True, None, float("nan")]
)
def test_what_is_no_interval_is_refused(written: Any) -> None:
    with pytest.raises(ValueError, match="is no interval"):
        scalars.interval(written)


@pytest.mark.parametrize("written", [True, "1", 1.5, 2**31, None, []])
def test_an_int_is_a_whole_number_of_32_bits(written: Any) -> None:
    assert scalars.integer(-(2**31)) == -(2**31)
    assert scalars.integer(3.0) == 3
    with pytest.raises(ValueError, match="32 bits"):
        scalars.integer(written)


@pytest.mark.parametrize("written", [True, "x", "1.5", 1.5, 2**63, None])
def test_a_bigint_may_be_written_as_text(written: Any) -> None:
    assert scalars.bigint("-9223372036854775808") == -(2**63)
    with pytest.raises(ValueError, match="64 bits"):
        scalars.bigint(written)


def test_text_must_be_unicode() -> None:
    assert scalars.text("é😀") == "é😀"
    # As what is stored in its place.
    assert scalars.text("é\x00") == "é\ufffd"
    assert scalars.json_text({"\x00": ["\x00", "\\u0000"]}) == '{"\ufffd":["\ufffd","\\\\u0000"]}'
    with pytest.raises(ValueError, match="surrogate"):
        scalars.text("\ud800")
    with pytest.raises(ValueError, match="must be a string, not 5"):
        scalars.text(5)


@pytest.mark.parametrize("written", ["1", float("inf"), True, None])
def test_a_float_is_a_finite_number(written: Any) -> None:
    assert scalars.real(2) == 2.0
    with pytest.raises(ValueError, match="must be a number"):
        scalars.real(written)


def test_equal_json_values_have_equal_text() -> None:
    assert scalars.json_text({"b": [1.0, {"y": None, "x": True}], "a": "é"}) == '{"a":"é","b":[1,{"x":true,"y":null}]}'
    assert scalars.json_text(1) != scalars.json_text(True)
    assert scalars.json_text(1.5) == "1.5"
    with pytest.raises(ValueError, match="no JSON value"):
        scalars.json_text({"a": object()})


def test_a_long_value_is_shortened_in_messages() -> None:
    assert scalars.shown("x" * 200) == '"' + "x" * 76 + "..."
    assert scalars.shown({1, 2}) == "[1,2]"
    assert scalars.shown(object).startswith("<class")
