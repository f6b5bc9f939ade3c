"""Cursors: the place of a row in the order of a list, as text that a client hands back to go on from there.

A cursor is written by the database and opaque to clients. Inside it is a JSON list: a mark of the order that it belongs
to, then the row's value under each key of that order.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from prefect.server.graphql.plan import LiteralOrigin, Order, Origin, VariableOrigin


class Peek(msgspec.Struct, frozen=True):
    """A cursor on whose nulls a plan depends: where the request carries it, and the order that it belongs to."""

    origin: Origin
    mark: str
    keys: int


def mark(table: str, order: Sequence[Order]) -> str:
    """A short name for an order of a table's rows: a cursor of another order has another one."""
    written = [
        (
            [name for name, _ in item.path],
            item.column,
            item.descending,
            item.nulls_first,
            item.total and (item.total.rows.through, item.total.function, item.total.column),
        )
        for item in order
    ]
    return f"{zlib.crc32(repr((table, written)).encode()):08x}"


def read(text: Any, mark: str, keys: int) -> list[Any]:
    """The values of a cursor's row under each key of the order; raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("must be a cursor, as a row's field `cursor` answers it")
    try:
        found = msgspec.json.decode(bytes.fromhex(text))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not found:
        raise ValueError("is no cursor; it takes what a row's field `cursor` answered")
    if found[0] != mark or len(found) != keys + 1:
        raise ValueError("is a cursor of another list or order_by; go on with the order_by that it came from")
    return found[1:]


def nulls(peeks: Sequence[Peek], values: Mapping[str, Any], literals: Sequence[Any]) -> tuple[Any, ...]:
    """What a plan depends on: which values of each cursor are null; None for what is no cursor."""
    return tuple([_nulls(peek, handed(peek.origin, values, literals)) for peek in peeks])


def _nulls(peek: Peek, text: Any) -> tuple[bool, ...] | None:
    try:
        return tuple([value is None for value in read(text, peek.mark, peek.keys)])
    except ValueError:
        return None


def handed(origin: Origin, values: Mapping[str, Any], literals: Sequence[Any]) -> Any:
    """The text that a request carries for a cursor."""
    if isinstance(origin, LiteralOrigin):
        return literals[origin.index]
    if isinstance(origin, VariableOrigin) and not origin.path:
        return values.get(origin.name)
    return None
