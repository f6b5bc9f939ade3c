"""The functions that SQLite lacks answer as PostgreSQL's do."""

from __future__ import annotations

import itertools
import json
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import pytest

from prefect.server.store import functions


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    functions.install(connection)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "call",
    [
        "text_ilike(NULL, 'x')",
        "text_ilike('x', NULL)",
        "interval_text(NULL)",
        "json_canonical(NULL)",
        "json_compare(NULL, '1')",
        "json_contains(NULL, '1')",
        "json_contains('1', NULL)",
        "json_has_any(NULL, '[]')",
        "json_has_all(NULL, '[]')",
        "json_at(NULL, '$')",
    ],
)
def test_null_gives_null(call: str, connection: sqlite3.Connection) -> None:
    assert connection.execute(f"SELECT {call}").fetchone() == (None,)


@pytest.mark.parametrize(
    ("text", "pattern", "matches"),
    [
        ("Ärger", "ärg%", True),
        ("STRASSE", "%ss%", True),
        ("a_b", "a\\_B", True),
        ("axb", "a\\_b", False),
        ("axb", "A_B", True),
        ("a\nb", "a%B", True),
        ("abc", "b", False),
        ("", "%", True),
        ("", "", True),
        ("", "_", False),
        ("a.c", "a.C", True),
        ("abc", "a.c", False),
        ("xaxbx", "%a%b%", True),
        ("xbxax", "%a%b%", False),
        ("ab", "%ab", True),
        ("abab", "%ab", True),
        ("aab", "%ab%", True),
        ("ab", "ab%ab", False),
    ],
)
def test_ilike(text: str, pattern: str, matches: bool, connection: sqlite3.Connection) -> None:
    assert connection.execute("SELECT text_ilike(?, ?)", (text, pattern)).fetchone() == (matches,)


def test_a_pattern_of_many_wildcards_takes_no_time_to_speak_of() -> None:
    begun = time.process_time()
    assert functions.text_ilike("a" * 5_000, "%a%_a" * 40 + "b") is False
    assert functions.text_ilike("a" * 5_000 + "b", "%a%_a" * 40 + "b") is True
    assert time.process_time() - begun < 1


ASCENDING: list[Any] = [
    None,
    "",
    "a",
    "b",
    "ä",
    -1,
    0,
    1.5,
    2,
    False,
    True,
    [],
    ["z"],
    [1],
    [0, 0],
    {},
    {"a": 1},
    {"a": 2},
    {"b": 0},
    {"aa": 0},
    {"a": 0, "b": 0},
]


def test_json_is_ordered_as_postgresql_orders_it() -> None:
    for (low, first), (high, second) in itertools.combinations(enumerate(ASCENDING), 2):
        assert low < high
        assert functions.json_compare(json.dumps(first), json.dumps(second)) == -1
        assert functions.json_compare(json.dumps(second), json.dumps(first)) == 1
    assert functions.json_compare('{"a":1,"b":2.0}', '{"b": 2, "a": 1}') == 0


@pytest.mark.parametrize(
    ("whole", "part", "holds"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [2]}}, True),
        ({"a": 1}, {"a": None}, False),
        ([1, 2, 3], [3, 1], True),
        ([1, 2], [1, 1, 1], True),
        (["a", "b"], "a", True),
        ([["a"]], "a", False),
        ([1], True, False),
        ([True], 1, False),
        (1, 1, True),
        ("a", "a", True),
        ({}, [], False),
        ([], {}, False),
        ([{"a": 1, "b": 2}], [{"a": 1}], True),
        ({"a": []}, {"a": {}}, False),
        (None, None, True),
    ],
)
def test_containment(whole: Any, part: Any, holds: bool) -> None:
    assert functions.json_contains(json.dumps(whole), json.dumps(part)) is holds


@pytest.mark.parametrize(
    ("value", "keys", "any_of", "all_of"),
    [
        ({"a": 1, "b": 2}, ["a", "c"], True, False),
        ({"a": 1, "b": 2}, ["a", "b"], True, True),
        (["a", 1], ["a"], True, True),
        (["a", 1], ["1"], False, False),
        ("a", ["a"], True, True),
        (1, ["a"], False, False),
        ({}, [], False, True),
    ],
)
def test_keys(value: Any, keys: list[str], any_of: bool, all_of: bool) -> None:
    assert functions.json_has_any(json.dumps(value), json.dumps(keys)) is any_of
    assert functions.json_has_all(json.dumps(value), json.dumps(keys)) is all_of


@pytest.mark.parametrize("path", ["$", '$."a"', '$."a"[1]."b c"', '$."a"[9]', '$."x"', "$[0]", '$."a"."b"'])
def test_a_path_leads_where_sqlite_leads_it(path: str, connection: sqlite3.Connection) -> None:
    value = json.dumps({"a": [1, {"b c": "é"}]})
    if sqlite3.sqlite_version_info < (3, 38):
        pytest.skip("this SQLite has no -> to compare with")
    theirs, ours = connection.execute("SELECT ?1 -> ?2, json_at(?1, ?2)", (value, path)).fetchone()
    assert (theirs is None) is (ours is None)
    assert theirs is None or json.loads(theirs) == json.loads(ours)
