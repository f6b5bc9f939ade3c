"""The SQL functions that compiled queries use and SQLite does not have.

Each returns None for None, as SQL's own functions do. What they compare was checked when it was stored or bound, so
none of them raises.
"""

from __future__ import annotations

import re
import sqlite3
from functools import lru_cache
from typing import Any

import msgspec

from prefect.server.scalars import interval_text, json_text

_decode = msgspec.json.Decoder().decode


def install(connection: sqlite3.Connection) -> None:
    """Give a connection our functions."""
    for name, arguments, function in (
        ("text_ilike", 2, text_ilike),
        ("interval_text", 1, lambda value: None if value is None else interval_text(value)),
        ("json_at", 2, json_at),
        ("json_canonical", 1, json_canonical),
        ("json_compare", 2, json_compare),
        ("json_contains", 2, json_contains),
        ("json_has_any", 2, json_has_any),
        ("json_has_all", 2, json_has_all),
    ):
        connection.create_function(name, arguments, function, deterministic=True)


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


_STEP = re.compile(r'\."([^"]*)"|\[(\d+)\]')


def json_at(text: str | None, path: str | None) -> str | None:
    """The JSON text at a path like `$."a"[0]`, for a SQLite without the operator ->."""
    if text is None or path is None:
        return None
    value = _decode(text)
    for key, index in _STEP.findall(path):
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


def json_compare(first: str | None, second: str | None) -> int | None:
    """-1, 0 or 1, in the order in which PostgreSQL sorts jsonb."""
    if first is None or second is None:
        return None
    mine, theirs = _rank(_decode(first)), _rank(_decode(second))
    return (mine > theirs) - (mine < theirs)


def _rank(value: Any) -> tuple[Any, ...]:
    if value is None:
        return (0,)
    if isinstance(value, str):
        return (1, value.encode())
    if isinstance(value, bool):
        return (3, value)
    if isinstance(value, int | float):
        return (2, value)
    if isinstance(value, list):
        return (4, len(value), *map(_rank, value))
    pairs = sorted((len(key), key.encode(), _rank(inner)) for key, inner in value.items())
    return (5, len(pairs), *pairs)


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
