"""A statement, and what makes one for each request of a shape: text with places, each of which a value is read for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from prefect.server.catalog import Role
from prefect.server.graphql.document import DocumentError
from prefect.server.graphql.encoders import Encoder
from prefect.server.graphql.plan import (
    ConstantOrigin,
    ListOrigin,
    LiteralOrigin,
    ObjectOrigin,
    Origin,
    Slot,
    TenantOrigin,
    VariableOrigin,
)


class Statement(msgspec.Struct, frozen=True):
    """SQL text and the values bound to it, in order."""

    sql: str
    parameters: tuple[Any, ...]


class Template:
    """A statement of one shape: SQL text, and for each placeholder where a request carries its value."""

    __slots__ = ("_readers", "slots", "sql")

    def __init__(self, sql: str, places: Sequence[tuple[Slot, Encoder]]) -> None:
        self.sql = sql
        self.slots = tuple(slot for slot, _ in places)
        self._readers = tuple((_reader(slot.origin), encode, slot) for slot, encode in places)

    def fill(self, values: Mapping[str, Any], literals: Sequence[Any], role: Role) -> Statement:
        """The statement for one request; raises DocumentError where a value does not fit its place."""
        return Statement(
            self.sql,
            tuple([_encoded(encode, slot, read(values, literals, role)) for read, encode, slot in self._readers]),
        )


def _encoded(encode: Encoder, slot: Slot, value: Any) -> Any:
    try:
        return encode(slot, value)
    except ValueError as error:
        if slot.form in ("limit", "cursor", "search"):
            code = "validation-failed"
        elif slot.form == "pattern" and isinstance(value, str):
            code = "data-exception"
        elif isinstance(slot.origin, VariableOrigin) and slot.type in ("String", "Int", "Float", "Boolean"):
            code = "BAD_USER_INPUT"
        else:
            code = "parse-failed"
        raise DocumentError(f"{slot.what} {error}.", code=code) from None


def _reader(origin: Origin) -> Callable[[Mapping[str, Any], Sequence[Any], Role], Any]:
    match origin:
        case LiteralOrigin(index=index):
            return lambda values, literals, role: literals[index]
        case VariableOrigin(name=name, path=()):
            return lambda values, literals, role: values.get(name)
        case VariableOrigin(name=name, path=path):

            def descend(values: Mapping[str, Any], literals: Sequence[Any], role: Role) -> Any:
                value: Any = values[name]
                for step in path:
                    value = value[step]
                return value

            return descend
        case ConstantOrigin(value=value):
            return lambda values, literals, role: value
        case ListOrigin(items=items):
            readers = [_reader(item) for item in items]
            return lambda values, literals, role: [read(values, literals, role) for read in readers]
        case ObjectOrigin(fields=fields):
            named = [(name, _reader(field)) for name, field in fields]
            return lambda values, literals, role: {name: read(values, literals, role) for name, read in named}
        case TenantOrigin():
            return lambda values, literals, role: role.tenant_id
