"""A mutation's document and variables become calls of operations, and their payloads the answer that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from prefect.server.errors import BadInput
from prefect.server.graphql import bind
from prefect.server.graphql.document import DocumentError, Field, Lifted, ListValue, ObjectValue, Value, Variable
from prefect.server.graphql.document import Operation as Asked
from prefect.server.operations.base import Operation, Payload
from prefect.server.operations.values import decode_json

Projector = Callable[[Any], Any]


class Call(NamedTuple):
    """One root field of a mutation: under which key it is answered, what is called, with what, and what is shown."""

    key: str
    operation: Operation
    input: Value
    show: Projector


def calls_of(
    asked: Asked, operations: Mapping[str, Operation], values: Mapping[str, Any], literals: Sequence[Any]
) -> list[Call]:
    """The calls that a mutation's document asks for; the same document asks for the same ones, directives apart."""
    calls = []
    twins: list[tuple[int, int]] = []
    for key, fields in bind.chosen(asked, asked.selections, None, values).items():
        field = bind.one_field(fields, twins)
        operation = operations.get(field.name)
        if operation is None:
            raise _unknown(field, "Mutation", operations)
        given = dict(field.arguments)
        stranger = next((name for name in given if name != "input"), None)
        if stranger is not None:
            raise DocumentError(
                f'Unknown argument "{stranger}" on field "Mutation.{field.name}".', path=(key,), at=field.at
            )
        if "input" not in given:
            raise DocumentError(
                f'Field "{field.name}" argument "input" of type "{operation.input_name}!" is required, but it was not '
                "provided.",
                path=(key,),
                at=field.at,
            )
        calls.append(
            Call(key, operation, given["input"], projector(asked, field, operation.payload_type, values, twins))
        )
    bind.check_twins(twins, literals)
    return calls


def depends_on_variables(asked: Asked) -> bool:
    """Whether `@include` or `@skip` makes what is asked differ from request to request."""
    pending: list[Any] = [*asked.selections, *asked.fragments.values()]
    while pending:
        part = pending.pop()
        if getattr(part, "directives", ()):
            return True
        pending.extend(getattr(part, "selections", ()))
    return False


def input_of(call: Call, values: Mapping[str, Any], literals: Sequence[Any]) -> Any:
    """The operation's input, checked."""
    given = call.input
    if given.__class__ is Variable:
        value = values.get(given.name)  # type: ignore[union-attr]
    else:
        value = _with_json(given, bind.evaluate(given, values, literals))
    kind = call.operation.input_type
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        pass
    # A single value is taken for a list of one, as GraphQL has it, and other readings are tried that cost time.
    try:
        return msgspec.convert(_coerce(value, kind), kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadInput(
            f'Variable or argument "input" of {call.operation.name} got an invalid value for '
            f'"{call.operation.input_name}": {error}'
        ) from None


def _with_json(written: Value, value: Any) -> Any:
    """A JSON scalar that is written into a document is a string of JSON."""
    if isinstance(written, ObjectValue):
        fields = dict(written.fields)
        return {
            name: decode_json(item, name)
            if name in _json_names() and isinstance(fields[name], Lifted) and isinstance(item, str)
            else _with_json(fields[name], item)
            for name, item in value.items()
        }
    if isinstance(written, ListValue):
        return [_with_json(inner, item) for inner, item in zip(written.items, value, strict=True)]
    return value


@cache
def _json_names() -> frozenset[str]:
    from prefect.server.operations import OPERATIONS

    names = set()
    pending = [operation.input_type for operation in OPERATIONS.values()]
    while pending:
        kind = pending.pop()
        for name, hint in get_type_hints(kind, include_extras=True).items():
            if graphql_name(hint) == "JSON":
                names.add(name)
            inner = struct_in(hint)
            if inner is not None:
                pending.append(inner)
    return frozenset(names)


def graphql_name(hint: Any) -> str | None:
    """The GraphQL scalar that an annotation names: UUID, DateTime, JSON."""
    for part in _parts(hint):
        for note in getattr(part, "__metadata__", ()):
            name = (getattr(note, "extra", None) or {}).get("graphql")
            if name is not None:
                return str(name)
    return None


def struct_in(hint: Any) -> Any:
    """The struct that an annotation holds, in a list or alone."""
    return next((part for part in _parts(hint) if isinstance(part, type) and issubclass(part, msgspec.Struct)), None)


def is_list(hint: Any) -> bool:
    """Whether an annotation stands for a list."""
    return any(get_origin(part) is list for part in _parts(hint))


def _parts(hint: Any) -> list[Any]:
    return [hint, *(inner for part in get_args(hint) for inner in _parts(part))]


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _coerce(value: Any, kind: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    hints = _hints(kind)
    coerced = {}
    for name, item in value.items():
        hint = hints.get(name)
        inner = None if hint is None else struct_in(hint)
        if hint is not None and is_list(hint) and item is not None:
            items = list(item) if isinstance(item, list | tuple | set | frozenset) else [item]
            item = items if inner is None else [_coerce(each, inner) for each in items]
        elif inner is not None:
            item = _coerce(item, inner)
        elif graphql_name(hint) == "UUID" and item is not None and not isinstance(item, str):
            item = str(item)
        coerced[name] = item
    return coerced


def projector(
    asked: Asked, field: Field, kind: type[Payload], values: Mapping[str, Any], twins: list[tuple[int, int]]
) -> Projector:
    """Shows what a field's selections ask of a payload of this kind."""
    if not field.selections:
        raise DocumentError(
            f'Field "{field.name}" of type "{kind.graphql}" must have a selection of subfields. Did you mean '
            f'"{field.name} {{ ... }}"?',
            at=field.at,
        )
    hints = _hints(kind)
    parts: list[tuple[str, str, Projector | None]] = []
    for key, fields in bind.chosen(asked, field.selections, kind.graphql, values).items():
        inner = bind.one_field(fields, twins)
        if inner.name == "__typename":
            parts.append((key, "", lambda _, name=kind.graphql: name))  # type: ignore[misc]
            continue
        hint = hints.get(inner.name)
        if hint is None or inner.name == "graphql":
            raise _unknown(inner, kind.graphql, hints)
        struct = struct_in(hint)
        if struct is None:
            if inner.selections:
                raise DocumentError(
                    f'Field "{inner.name}" of "{kind.graphql}" must not have a selection; it has no subfields.',
                    at=inner.at,
                )
            parts.append((key, inner.name, None))
        else:
            one = projector(asked, inner, struct, values, twins)
            parts.append((key, inner.name, _each(one) if is_list(hint) else one))
    return _shows(parts)


def _each(one: Projector) -> Projector:
    return lambda items: None if items is None else [one(item) for item in items]


def _shows(parts: list[tuple[str, str, Projector | None]]) -> Projector:
    if all(inner is None for _, _, inner in parts):
        plain = [(key, name) for key, name, _ in parts]

        def show_plain(payload: Any) -> Any:
            return None if payload is None else {key: getattr(payload, name) for key, name in plain}

        return show_plain

    def show(payload: Any) -> Any:
        if payload is None:
            return None
        shown = {}
        for key, name, inner in parts:
            value = getattr(payload, name) if name else None
            shown[key] = value if inner is None else inner(value)
        return shown

    return show


def _unknown(field: Field, kind: str, known: Any) -> DocumentError:
    import difflib

    close = difflib.get_close_matches(field.name, list(known), n=1, cutoff=0.6)
    hint = f' Did you mean "{close[0]}"?' if close else ""
    return DocumentError(f'Cannot query field "{field.name}" on type "{kind}".{hint}', at=field.at)
