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
    [],
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
    ["z"],
    [1],
    [0, 0],
    {},
    {"a": 1},
    {"a": 2},
    {"aa": 0},
    {"b": 0},
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


@pytest.mark.parametrize(
    "call",
    [
        "text_regex(NULL, 'x')",
        "text_iregex('x', NULL)",
        "float_text(NULL)",
        "json_as_text(NULL)",
        "json_sortable(NULL)",
    ],
)
def test_null_gives_null_here_too(call: str, connection: sqlite3.Connection) -> None:
    assert connection.execute(f"SELECT {call}").fetchone() == (None,)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('{"bb":1,"a":2,"é":[]}', '{"a": 2, "bb": 1, "é": []}'),
        ("[1,2.50,-0.001,1e3,1.5e-7]", "[1, 2.50, -0.001, 1000, 0.00000015]"),
        ('"a\\"b\\\\c\\n\\u0001\\u007fü"', '"a\\"b\\\\c\\n\\u0001\x7fü"'),
        ('{"a":1,"a":2}', '{"a": 2}'),
        ("[]", "[]"),
        ("{}", "{}"),
        ("null", "null"),
        ("[true,false,null]", "[true, false, null]"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ],
)
def test_json_as_text_is_what_postgresql_writes(value: str, written: str) -> None:
    assert functions.json_as_text(value) == written


def test_json_values_sort_by_their_bytes_as_postgresql_sorts_them() -> None:
    rising = [
        "[]", "null", '""', '"A"', '"a"', '"a\\u0000"', '"a!"', '"aa"', '"ä"', '"😀"', "-1e300", "-9007199254740993",
        "-9007199254740992", "-1.5", "-1", "-0.001", "0", "0.001", "1", "1.5", "2", "10", "9007199254740992",
        "9007199254740993", "9223372036854775807", "1e300", "false", "true", "[null]", "[1]", "[[]]", "[{}]", "[1,2]",
        "[1,3]", "[[],[]]", "{}", '{"a":1}', '{"a":2}', '{"b":0}', '{"a":1,"b":1}', '{"a":1,"b":2}',
    ]  # fmt: skip
    keys = [functions.json_sortable(value) for value in rising]
    assert keys == sorted(keys, key=lambda key: key or b"")
    assert len(set(keys)) == len(keys)
    for one, other in itertools.combinations(rising, 2):
        assert functions.json_compare(one, other) == -1
        assert functions.json_compare(other, one) == 1
    assert functions.json_compare("[1,1.0]", "[1.0, 1]") == functions.json_compare("0", "-0.0") == 0


@pytest.mark.parametrize(
    "values",
    [[], [None], [5], [1, 2, 4], [None, 3, 3], [2**62, -(2**62), 2**62], [10**15, 10**15 + 1, 10**15 + 2], [-1, 0, 7]],
)
def test_figures_over_all_rows_are_exact(values: list[int | None], connection: sqlite3.Connection) -> None:
    from fractions import Fraction

    connection.execute("CREATE TABLE n (x INTEGER)")
    connection.executemany("INSERT INTO n VALUES (?)", [(value,) for value in values])
    names = ("exact_sum", "exact_avg", "var_pop", "var_samp", "stddev_pop", "stddev_samp")
    found = connection.execute(f"SELECT {', '.join(f'{name}(x)' for name in names)} FROM n").fetchone()  # noqa: S608
    known = [Fraction(value) for value in values if value is not None]
    if not known:
        assert found == (None,) * 6
        return
    mean = sum(known) / len(known)
    spread = sum((value - mean) ** 2 for value in known)
    assert int(found[0]) == sum(known)
    assert found[1] == float(mean)
    assert found[2] == float(spread / len(known))
    assert found[4] == pytest.approx(float(spread / len(known)) ** 0.5, rel=1e-15)
    if len(known) == 1:
        assert found[3] is None
        assert found[5] is None
    else:
        assert found[3] == float(spread / (len(known) - 1))
        assert found[5] == pytest.approx(float(spread / (len(known) - 1)) ** 0.5, rel=1e-15)


def test_a_sum_of_more_than_64_bits_keeps_its_digits(connection: sqlite3.Connection) -> None:
    sql = "SELECT exact_sum(x) FROM (SELECT 9223372036854775807 AS x UNION ALL SELECT 9223372036854775807)"
    assert connection.execute(sql).fetchone() == ("18446744073709551614",)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 2.3333333333333335, 1e300, -0.0, 5.0])
def test_a_float_keeps_its_digits(value: float) -> None:
    written = functions.float_text(value)
    assert written is not None
    assert float(written) == value
