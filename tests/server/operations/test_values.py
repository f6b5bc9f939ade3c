"""Nothing that comes in can spoil what is stored."""

import json
import sqlite3
import uuid
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.server.errors import BadInput
from prefect.server.operations.values import (
    canonical_id,
    canonical_moment,
    clean_text,
    encode_json,
    labels_of,
    list_of,
    object_of,
)

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
    max_leaves=10,
)


@given(ANY_TEXT)
def test_cleaned_text_can_be_stored(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert clean_text(cleaned) == cleaned


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
def test_text_that_can_be_stored_stays_as_it_is(text: str) -> None:
    assert clean_text(text) == text


def test_halves_of_surrogate_pairs_are_marked_and_pairs_are_joined() -> None:
    assert clean_text("a\ud83d\ude00b") == "a\U0001f600b"
    assert clean_text("a\ud83db") == "a\ufffdb"


@given(ANY_JSON)
def test_any_json_becomes_text_that_the_database_takes(value: Any) -> None:
    text = encode_json(value, "it")
    with closing(sqlite3.connect(":memory:")) as connection:
        assert connection.execute("SELECT json_valid(?)", (text,)).fetchone() == (1,)
    assert "\x00" not in text
    assert "\\u0000" not in text.replace("\\\\", "")
    json.loads(text)


def test_numbers_that_json_has_not_become_null() -> None:
    assert encode_json([float("nan"), float("inf"), -float("inf"), 1.5], "it") == "[null,null,null,1.5]"
    assert encode_json([float("nan"), "\ud800"], "it") == '[null,"\ufffd"]'


def test_a_backslash_before_u0000_is_no_escape() -> None:
    assert json.loads(encode_json("\\u0000", "it")) == "\\u0000"
    assert json.loads(encode_json("\x00", "it")) == "\ufffd"


def test_what_is_no_json_is_refused_with_its_name() -> None:
    with pytest.raises(BadInput, match="The info of a log line cannot be written as JSON"):
        encode_json({"x": object()}, "The info of a log line")
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(BadInput):
        encode_json(circle, "it")


def test_ids_become_lower_case_with_hyphens() -> None:
    known = uuid.UUID("4C0101AF-C6BB-4B96-8661-63A5BBFB5596")
    for given_id in (known, str(known).upper(), known.hex, f"{{{known}}}"):
        assert canonical_id(given_id, "id") == "4c0101af-c6bb-4b96-8661-63a5bbfb5596"
    with pytest.raises(BadInput, match="flow_run_id must be a UUID"):
        canonical_id("nonsense", "flow_run_id")


def test_times_become_utc_text() -> None:
    expected = "2024-01-31T11:00:00.5+00:00"
    for moment in ("2024-01-31T12:00:00.500000+01:00", "2024-01-31T11:00:00.5+00:00", "2024-01-31T11:00:00.500Z"):
        assert canonical_moment(moment, "it") == expected
    assert canonical_moment(datetime(2024, 1, 31, 11, 0, 0, 500000, tzinfo=UTC), "it") == expected
    assert canonical_moment(None, "it") is None
    with pytest.raises(BadInput, match="scheduled_start_time must be a time"):
        canonical_moment("tomorrow", "scheduled_start_time")


def test_objects_and_lists_may_come_as_their_text() -> None:
    assert object_of('{"a": 1}', "it") == {"a": 1}
    assert list_of("[1, 2]", "it") == [1, 2]
    for nonsense in ("[1", "3", 3, None):
        with pytest.raises(BadInput):
            object_of(nonsense, "it")
        with pytest.raises(BadInput):
            list_of(nonsense, "it")


def test_labels_are_sorted_and_each_is_there_once() -> None:
    assert labels_of(["b", "a", "b"]) == '["a","b"]'
