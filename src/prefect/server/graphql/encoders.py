"""Values of a request as they are bound to a statement: checked, and in the form that the database compares with."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from prefect.server import patterns, scalars, search
from prefect.server.graphql.plan import Slot

# Raises ValueError, with the end of a sentence about the value, where it does not fit.
Encoder = Callable[[Slot, Any], Any]


def value(slot: Slot, value: Any) -> Any:
    return scalars.COERCIONS[slot.type](value)


def every(slot: Slot, value: Any) -> list[Any]:
    items = value if isinstance(value, list | tuple) else [value]
    if None in items:
        raise ValueError("must not hold null")
    coerce = scalars.COERCIONS[slot.type]
    return [coerce(item) for item in items]


def listed(slot: Slot, value: Any) -> str:
    return msgspec.json.encode(every(slot, value)).decode()


def count(slot: Slot, value: Any) -> int:
    # A limit of 64 bits is more rows than there are; whether it was meant is not ours to say.
    number = scalars.bigint(value)
    if number < 0:
        raise ValueError(f"must not be negative, but is {number}")
    return number


_STEP = re.compile(r"""\.?([^.\[\]"']+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['((?:[^'\\]|\\.)*)'\]""")


def path(slot: Slot, value: Any) -> str:
    """A path into a JSON value, `$.a.b`, `a[0].b` or `["a b"]`, as SQLite writes it: keys escaped as in the JSON."""
    written = scalars.text(value)
    rest, steps, position = written.removeprefix("$"), ["$"], 0
    while position < len(rest):
        found = _STEP.match(rest, position)
        if found is None:
            raise ValueError(f"is no path into a JSON value: {scalars.shown(written)}")
        name, index, double, single = found.groups()
        if index is not None:
            steps.append(f"[{index}]")
        else:
            key = name if name is not None else re.sub(r"\\(.)", r"\1", double if double is not None else single)
            if '"' in key:
                raise ValueError(f"names a key with a quotation mark, which is not supported: {scalars.shown(written)}")
            steps.append("." + msgspec.json.encode(key).decode())
        position = found.end()
    return "".join(steps)


def glob(slot: Slot, value: Any) -> str:
    """A LIKE pattern as a GLOB pattern, which is what SQLite matches with case and by an index."""
    pattern, position, found = scalars.text(value), 0, []
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 1
            if position == len(pattern):
                raise ValueError("is a pattern that ends with its escape character")
            character = pattern[position]
            found.append(f"[{character}]" if character in "*?[" else character)
        else:
            found.append({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}.get(character, character))
        position += 1
    return "".join(found)


def pattern(slot: Slot, value: Any) -> str:
    pattern = scalars.text(value)
    if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
        raise ValueError("is a pattern that ends with its escape character")
    return pattern


def regular(slot: Slot, value: Any) -> str:
    pattern = scalars.text(value)
    patterns.search(pattern, fold=False)
    return pattern


def similar(slot: Slot, value: Any) -> str:
    """A SIMILAR TO pattern as the regular expression that means the same."""
    pattern = patterns.similar(scalars.text(value))
    patterns.search(pattern, fold=False)
    return pattern


def words(write: Callable[[search.Query], str]) -> Encoder:
    return lambda slot, value: write(search.parse(scalars.text(value)))


def searchable(slot: Slot, value: Any) -> str:
    search.parse(scalars.text(value))
    return str(value)


def uuids(encode: Encoder) -> Encoder:
    """An encoder of lists that takes the array literal `{<uuid>,<uuid>}` as well."""

    def encoded(slot: Slot, value: Any) -> Any:
        if isinstance(value, str) and value.strip().startswith("{") and value.strip().endswith("}"):
            value = [item.strip(' "') for item in value.strip()[1:-1].split(",") if item.strip()]
        return encode(slot, value)

    return encoded


def steps(most: int) -> Encoder:
    return lambda slot, value: most if value is None else min(scalars.integer(value), most)
