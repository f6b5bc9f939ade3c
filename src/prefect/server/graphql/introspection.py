"""The answers to `__schema` and `__type`.

Only tools ask for them, so nothing here is touched by ordinary questions. Objects of the schema are shared, and the
JSON text of an object is written once for each selection that it stands under: that makes the first answer quick.
Later ones are kept bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

import msgspec

from prefect.server.errors import did_you_mean
from prefect.server.graphql.document import DocumentError, Field, Operation
from prefect.server.graphql.limits import refusal
from prefect.server.graphql.schema import META, TAKES_DEPRECATED, Described, Schema, shown
from prefect.server.graphql.selections import chosen, one_field
from prefect.server.graphql.variables import arguments

# Answers of this many different selections are kept, if they are shorter than this; tools send one of three or four.
_KEPT_ANSWERS: Final = 4
_LONGEST_KEPT_BYTES: Final = 8 * 1024 * 1024
# Fields of types of fields: introspection can ask for far more than there is. Tools need less than half of the one, a
# fifth of the other.
_MOST_FIELDS: Final = 100_000
_MOST_WRITTEN: Final = 20 * 1024 * 1024
# Lists of introspection that lead to types again, and how often one may stand inside another. Tools need one.
_RECURSIVE: Final = frozenset({"fields", "interfaces", "possibleTypes", "inputFields"})
DEEPEST_RECURSION: Final = 2

# For each response key: the text before its value, the attribute, and what is shown of the object or list that it is.
# An attribute None stands for `__typename`, whose value the text carries already.
Selected: TypeAlias = tuple[tuple[str, str | None, "Selected | None"], ...]


class Introspection:
    """Answers what is asked about a schema."""

    def __init__(self, schema: Schema) -> None:
        self.types = schema.types
        self.shown = shown(schema)
        self._kept: dict[Selected, bytes] = {}

    def asked(
        self, operation: Operation, field: Field, values: Mapping[str, Any], twins: list[tuple[int, int]]
    ) -> Asked:
        """How to answer a root field `__schema` or `__type`."""
        given = [name for name, _ in field.arguments]
        wanted = ["name"] if field.name == "__type" else []
        if given != wanted:
            raise DocumentError(
                f'Field "{field.name}" takes '
                + ('one argument, "name" of type "String!".' if wanted else "no arguments."),
                path=(field.key,),
                at=field.at,
            )
        kind = "__Type" if field.name == "__type" else "__Schema"
        return Asked(field, _Reader(operation, values, twins).selected(field, kind, (field.key,), 0), self)

    def whole(self, selected: Selected) -> bytes:
        """The JSON text of what is selected of the whole schema."""
        found = self._kept.get(selected)
        if found is None:
            found = _written(self.shown, selected)
            if len(found) <= _LONGEST_KEPT_BYTES:
                if len(self._kept) >= _KEPT_ANSWERS:
                    self._kept.clear()
                self._kept[selected] = found
        return found

    def one_type(self, name: str, selected: Selected) -> bytes:
        """The JSON text of what is selected of one type; null where there is none of this name."""
        found = self.types.get(name)
        return b"null" if found is None else _written(found, selected)


class Asked(msgspec.Struct, frozen=True):
    """A root field `__schema` or `__type` of one document."""

    field: Field
    selected: Selected
    schema: Introspection

    def answer(self, values: Mapping[str, Any], literals: Sequence[Any]) -> bytes:
        """The JSON text of the answer."""
        if self.field.name == "__schema":
            return self.schema.whole(self.selected)
        name = arguments(self.field, values, literals).get("name")
        if not isinstance(name, str):
            raise DocumentError(
                'Field "__type" needs the argument "name" of type "String!".', path=(self.field.key,), at=self.field.at
            )
        return self.schema.one_type(name, self.selected)


class _Reader:
    def __init__(self, operation: Operation, values: Mapping[str, Any], twins: list[tuple[int, int]]) -> None:
        self.operation = operation
        self.values = values
        self.twins = twins
        self.known: dict[Selected, Selected] = {}

    def selected(self, field: Field, kind: str, path: tuple[str, ...], lists: int) -> Selected:
        known = META[kind]

        def fail(message: str, at: int) -> DocumentError:
            return DocumentError(message, path=path, at=at)

        if not field.selections:
            raise fail(f'Field "{field.key}" of type "{kind}" must have a selection of subfields.', field.at)
        found: list[tuple[str, str | None, Selected | None]] = []
        for key, fields in chosen(self.operation, field.selections, kind, self.values).items():
            inner = one_field(fields, self.twins)
            start = f'{"," if found else ""}"{key}":'
            if inner.name == "__typename":
                found.append((f'{start}"{kind}"', None, None))
                continue
            written = known.get(inner.name)
            if written is None:
                raise fail(
                    f'Cannot query field "{inner.name}" on type "{kind}".{did_you_mean(inner.name, known)}',
                    inner.at,
                )
            allowed = ("includeDeprecated",) if inner.name in TAKES_DEPRECATED else ()
            for name, _ in inner.arguments:
                if name not in allowed:
                    raise fail(f'Unknown argument "{name}" on field "{inner.name}".', inner.at)
            base = written.strip("[]!")
            if base not in META:
                if inner.selections:
                    raise fail(f'Field "{inner.name}" must not have a selection since it has no subfields.', inner.at)
                found.append((start, inner.name, None))
                continue
            deeper = lists + (inner.name in _RECURSIVE)
            if deeper > DEEPEST_RECURSION:
                raise fail(
                    f"Introspection may follow fields of fields' types {DEEPEST_RECURSION} levels deep, not further. "
                    "Ask for the types by name.",
                    inner.at,
                )
            found.append((start, inner.name, self.selected(inner, base, (*path, key), deeper)))
        selected = tuple(found)
        # Equal selections are one object, whose text is kept by its identity.
        return self.known.setdefault(selected, selected)


def _written(shown: Described, selected: Selected) -> bytes:
    """The JSON text of an object of the schema. Each object's is made once for each selection that it stands under."""
    known: dict[tuple[int, int], str] = {}
    size = fields = 0

    def write(item: Described, selected: Selected) -> str:
        nonlocal size, fields
        found = known.get((id(item), id(selected)))
        if found is None:
            fields += len(selected)
            if fields > _MOST_FIELDS:
                raise refusal("introspection", _MOST_FIELDS, fields)
            found = known[id(item), id(selected)] = written(item, selected)
        size += len(found)
        if size > _MOST_WRITTEN:
            raise refusal("introspection", _MOST_WRITTEN, size)
        return found

    def written(item: Described, selected: Selected) -> str:
        parts = ["{"]
        for start, name, inner in selected:
            parts.append(start)
            if name is None:
                continue
            value = item[name]
            if value is None:
                parts.append("null")
            elif inner is None:
                parts.append(_leaf(value))
            elif isinstance(value, list):
                parts.append("[" + ",".join([write(each, inner) for each in value]) + "]")
            else:
                parts.append(write(value, inner))
        parts.append("}")
        return "".join(parts)

    return write(shown, selected).encode()


_encode = msgspec.json.Encoder().encode


@cache
def _leaf_text(value: str) -> str:
    return _encode(value).decode()


def _leaf(value: Any) -> str:
    return _leaf_text(value) if isinstance(value, str) else _encode(value).decode()
