"""The SQL functions that compiled queries use and SQLite does not have.

Each returns None for None, as SQL's own functions do. What they compare was checked when it was stored or bound, so
none of them raises.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
import struct
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from prefect.server import patterns, search
from prefect.server.scalars import interval_text, json_text

_decode = msgspec.json.Decoder().decode


def install(connection: sqlite3.Connection) -> None:
    """Give a connection our functions."""
    for name, arguments, function in (
        ("text_ilike", 2, text_ilike),
        ("text_regex", 2, text_regex),
        ("text_search", 2, text_search),
        ("text_iregex", 2, text_iregex),
        ("float_text", 1, float_text),
        ("json_as_text", 1, json_as_text),
        ("json_sortable", 1, json_sortable),
        ("interval_text", 1, lambda value: None if value is None else interval_text(value)),
        ("json_at", 2, json_at),
        ("json_canonical", 1, json_canonical),
        ("json_compare", 2, json_compare),
        ("json_contains", 2, json_contains),
        ("json_has_any", 2, json_has_any),
        ("json_has_all", 2, json_has_all),
    ):
        connection.create_function(name, arguments, function, deterministic=True)
    for name, aggregate in AGGREGATES.items():
        connection.create_aggregate(name, 1, aggregate)


def text_ilike(text: str | None, pattern: str | None) -> bool | None:
    """Whether a text is like a pattern, upper and lower case of any alphabet taken for the same."""
    if text is None or pattern is None:
        return None
    return _ilike(pattern).fullmatch(text) is not None


@lru_cache(maxsize=256)
def _ilike(pattern: str) -> re.Pattern[str]:
    # The text between two wildcards is looked for from left to right and never again: an atomic group gives up its
    # other ways to match, so that a pattern of many wildcards stays linear where it would try every combination.
    segments, position = [""], 0
    while position < len(pattern):
        character = pattern[position]
        if character == "%":
            segments.append("")
        elif character == "_":
            segments[-1] += "."
        else:
            if character == "\\" and position + 1 < len(pattern):
                position += 1
                character = pattern[position]
            segments[-1] += re.escape(character)
        position += 1
    first, *middle = segments
    if not middle:
        return re.compile(first, re.IGNORECASE | re.DOTALL)
    last = middle.pop()
    between = "".join(f"(?>.*?{segment})" for segment in middle if segment)
    return re.compile(f"{first}{between}.*{last}", re.IGNORECASE | re.DOTALL)


def text_regex(text: str | None, pattern: str | None) -> bool | None:
    """Whether a text holds a regular expression."""
    if text is None or pattern is None:
        return None
    return patterns.search(pattern, fold=False)(text) is not None


def text_iregex(text: str | None, pattern: str | None) -> bool | None:
    """The same, upper and lower case taken for the same."""
    if text is None or pattern is None:
        return None
    return patterns.search(pattern, fold=True)(text) is not None


def text_search(text: str | None, query: str | None) -> bool | None:
    """Whether a text is among what a search looks for."""
    if text is None or query is None:
        return None
    return search.matches(search.parse(query), text)


def float_text(value: float | None) -> str | None:
    """A number in as many digits as tell it from every other; SQLite itself writes fifteen."""
    return None if value is None else msgspec.json.encode(float(value)).decode()


_STEP = re.compile(r'\.("[^"]*")|\[(\d+)\]')


def json_at(text: str | None, path: str | None) -> str | None:
    """The JSON text at a path like `$."a"[0]`, for a SQLite without the operator ->."""
    if text is None or path is None:
        return None
    value = _decode(text)
    for written, index in _STEP.findall(path):
        key = msgspec.json.decode(written) if written else None
        if index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        elif not index and isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return None
    return msgspec.json.encode(value).decode()


@lru_cache(maxsize=4096)
def json_canonical(text: str | None) -> str | None:
    """The one text of all that write the same JSON value."""
    return None if text is None else json_text(_decode(text))


def json_as_text(text: str | None) -> str | None:
    """A JSON value as PostgreSQL writes its jsonb: blanks after commas and colons, short keys first."""
    return None if text is None else _written(json.loads(text, parse_float=Decimal))


def _written(value: Any) -> str:
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode()))
        return "{" + ", ".join(f"{_written(key)}: {_written(inner)}" for key, inner in pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value, ensure_ascii=False)


def json_compare(first: str | None, second: str | None) -> int | None:
    """-1, 0 or 1, in the order in which PostgreSQL sorts jsonb."""
    if first is None or second is None:
        return None
    mine, theirs = json_sortable(first), json_sortable(second)
    assert mine is not None
    assert theirs is not None
    return (mine > theirs) - (mine < theirs)


@lru_cache(maxsize=4096)
def json_sortable(text: str | None) -> bytes | None:
    """Bytes that are equal where JSON values are, and sort as PostgreSQL sorts jsonb.

    Null comes first, then strings, numbers, false, true, lists, objects; the longer list or object comes later. On the
    outside an empty list comes before everything, as it does there.
    """
    if text is None:
        return None
    value = _decode(text)
    return b"\x00" if value == [] else _sortable(value)


def _sortable(value: Any) -> bytes:
    if value is None:
        return b"\x01"
    if isinstance(value, str):
        return b"\x02" + _sortable_text(value)
    if isinstance(value, bool):
        return b"\x05" if value else b"\x04"
    if isinstance(value, int | float):
        return b"\x03" + _sortable_number(value)
    if isinstance(value, list):
        return b"\x06" + struct.pack(">I", len(value)) + b"".join(map(_sortable, value))
    pairs = sorted(value.items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode()))
    return (
        b"\x07"
        + struct.pack(">I", len(pairs))
        + b"".join(_sortable_text(key) + _sortable(inner) for key, inner in pairs)
    )


def _sortable_text(value: str) -> bytes:
    # A text ends before any character that a longer one goes on with.
    return value.encode().replace(b"\x00", b"\x00\xff") + b"\x00\x00"


def _sortable_number(value: float) -> bytes:
    # What a large whole number has beyond the precision of a float decides between equals.
    try:
        near = float(value)
    except OverflowError:
        near = math.inf if value > 0 else -math.inf
    rest = float(value - int(near)) if isinstance(value, int) and math.isfinite(near) else 0.0
    return _sortable_float(near) + _sortable_float(rest)


def _sortable_float(value: float) -> bytes:
    # Bytes of positive numbers sort as the numbers do, but after those of negative ones, which sort upside down.
    packed: bytes = struct.pack(">d", value + 0.0)
    if packed[0] & 0x80:
        return bytes(byte ^ 0xFF for byte in packed)
    return bytes([packed[0] | 0x80]) + packed[1:]


def json_contains(whole: str | None, part: str | None) -> bool | None:
    """Whether every part of the second value stands in the first: PostgreSQL's `@>`."""
    if whole is None or part is None:
        return None
    mine, theirs = _decode(whole), _decode(part)
    # On the outside, and only there, a list contains a bare value that is one of its items.
    if isinstance(mine, list) and not isinstance(theirs, list | dict):
        return _contains(mine, [theirs])
    return _contains(mine, theirs)


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and _contains(whole[key], part[key]) for key in part)
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(_contains(mine, item) for mine in whole) for item in part)
    # In Python, not in JSON, true equals 1.
    return not isinstance(whole, dict | list) and isinstance(whole, bool) is isinstance(part, bool) and whole == part


def json_has_any(value: str | None, keys: str | None) -> bool | None:
    """Whether an object has one of the keys, or a list one of the strings."""
    if value is None or keys is None:
        return None
    known = _keys(_decode(value))
    return any(key in known for key in _decode(keys))


def json_has_all(value: str | None, keys: str | None) -> bool | None:
    """Whether an object has all of the keys, or a list all of the strings."""
    if value is None or keys is None:
        return None
    known = _keys(_decode(value))
    return all(key in known for key in _decode(keys))


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value)
    if isinstance(value, list):
        return {item for item in value if isinstance(item, str)}
    return {value} if isinstance(value, str) else set()


# -- over all rows -----------------------------------------------------------------------------------------------------


class ExactSum:
    """A sum of whole numbers; as text where an integer of SQLite cannot hold it."""

    def __init__(self) -> None:
        self.count = 0
        self.total: Any = 0

    def step(self, value: float | None) -> None:
        if value is not None:
            self.count += 1
            self.total += value

    def finalize(self) -> Any:
        if not self.count:
            return None
        return self.total if -(2**63) <= self.total < 2**63 else str(self.total)


class ExactAverage(ExactSum):
    """The average of whole numbers, rounded once."""

    def finalize(self) -> Any:
        return self.total / self.count if self.count else None


class Spread:
    """How far values lie from their average, from exact sums: no digits are lost between near values."""

    is_sample = False
    is_root = False

    def __init__(self) -> None:
        self.count = 0
        self.total: Any = 0
        self.squares: Any = 0

    def step(self, value: float | None) -> None:
        if value is not None:
            self.count += 1
            self.total += value
            self.squares += value * value

    def finalize(self) -> Any:
        # A sample of one says nothing about the spread.
        if self.count <= self.is_sample:
            return None
        above = self.count * self.squares - self.total * self.total
        variance: float = max(above, 0) / (self.count * (self.count - self.is_sample))
        return math.sqrt(variance) if self.is_root else variance


class SampleVariance(Spread):
    is_sample = True


class Deviation(Spread):
    is_root = True


class SampleDeviation(Spread):
    is_sample = True
    is_root = True


AGGREGATES: dict[str, type[ExactSum | Spread]] = {
    "exact_sum": ExactSum,
    "exact_avg": ExactAverage,
    "var_pop": Spread,
    "var_samp": SampleVariance,
    "stddev_pop": Deviation,
    "stddev_samp": SampleDeviation,
}
