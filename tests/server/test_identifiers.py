"""Ids ascend and are UUIDs; times sort as text."""

import os
import re
import uuid
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from prefect.server.identifiers import new_id, new_ids, now, stamp


def test_ids_are_uuids_of_version_7_in_the_form_that_is_stored() -> None:
    for text in new_ids(100):
        known = uuid.UUID(text)
        assert str(known) == text
        assert known.version == 7
        assert known.variant == uuid.RFC_4122


def test_ids_ascend_within_a_process() -> None:
    ids = [*new_ids(50), new_id(), *new_ids(50), *(new_id() for _ in range(500))]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_a_forked_child_does_not_repeat_its_parents_ids() -> None:
    new_id()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, new_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 36).decode()
    os.close(reading)
    os.close(writing)
    assert theirs[14:] != new_id()[14:]


def test_a_time_without_a_zone_is_utc_and_another_zone_is_converted() -> None:
    assert stamp(datetime(2024, 1, 31, 12)) == "2024-01-31T12:00:00+00:00"
    assert stamp(datetime(2024, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))) == "2024-01-31T10:00:00+00:00"


def test_a_fraction_loses_its_trailing_zeros() -> None:
    assert stamp(datetime(2024, 1, 1, 0, 0, 0, 120000, tzinfo=UTC)) == "2024-01-01T00:00:00.12+00:00"


@given(st.datetimes(min_value=datetime(1000, 1, 1)), st.datetimes(min_value=datetime(1000, 1, 1)))
def test_stored_times_sort_as_the_times_do(one: datetime, other: datetime) -> None:
    assert (stamp(one) < stamp(other)) == (one < other)


def test_now_has_the_stored_form() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?\+00:00", now())
