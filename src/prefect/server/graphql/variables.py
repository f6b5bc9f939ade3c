"""Variables and literals of a request: their values as JSON, and what of them a plan depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from prefect.server import scalars
from prefect.server.catalog import Catalog
from prefect.server.errors import did_you_mean
from prefect.server.graphql.document import (
    Boolean,
    DocumentError,
    Enum,
    Field,
    Lifted,
    ListValue,
    Null,
    ObjectValue,
    Operation,
    Type,
    Value,
    Variable,
)
from prefect.server.graphql.plan import ABSENT


def read_variables(operation: Operation, given: Mapping[str, Any], literals: Sequence[Any]) -> dict[str, Any]:
    """The operation's variables with their defaults: those left out of both do not appear."""
    values: dict[str, Any] = {}
    for definition in operation.variables:
        name, kind = definition.name, definition.type
        value = given.get(name, ABSENT)
        if value is ABSENT:
            if definition.default is None:
                if kind.required:
                    raise _bad_variable(f'Variable "${name}" of required type "{kind}" was not provided.')
                continue
            value = evaluate(definition.default, {}, literals)
        if value is None:
            if kind.required:
                raise _bad_variable(f'Variable "${name}" of non-null type "{kind}" must not be null.')
        else:
            check = _variable_check(kind)
            if check is not None:
                try:
                    value = check(value)
                except ValueError as error:
                    raise _bad_variable(f'Variable "${name}" of type "{kind}" {error}.') from None
        values[name] = value
    return values


def _bad_variable(message: str) -> DocumentError:
    return DocumentError(message, code="BAD_USER_INPUT")


_BUILT_IN: Mapping[str, Callable[[Any], Any]] = {
    name: scalars.COERCIONS[name] for name in ("String", "Int", "Float", "Boolean")
}


@lru_cache(maxsize=1024)
def _variable_check(kind: Type) -> Callable[[Any], Any] | None:
    # Only GraphQL's own types are checked up front; the others are read where they are used, with their own errors.
    if kind.of is not None:
        inner, required = _variable_check(kind.of), kind.of.required

        def check(value: Any) -> Any:
            items = value if isinstance(value, list | tuple | set) else [value]
            if required and None in items:
                raise ValueError("must not hold null")
            return [inner(item) if item is not None else None for item in items] if inner is not None else list(items)

        return check
    return _BUILT_IN.get(kind.name)


def evaluate(value: Value, values: Mapping[str, Any], literals: Sequence[Any]) -> Any:
    """The JSON value that an argument writes; ABSENT where it is a variable that was left out."""
    match value:
        case Variable(name=name):
            return values.get(name, ABSENT)
        case Lifted(index=index):
            return literals[index]
        case Null():
            return None
        case Boolean(value=known):
            return known
        case Enum(name=name):
            return name
        case ListValue(items=items):
            found = (evaluate(item, values, literals) for item in items)
            return [None if item is ABSENT else item for item in found]
        case ObjectValue(fields=fields):
            inner = ((name, evaluate(item, values, literals)) for name, item in fields)
            return {name: item for name, item in inner if item is not ABSENT}


def arguments(field: Field, values: Mapping[str, Any], literals: Sequence[Any]) -> dict[str, Any]:
    """A field's arguments as JSON values; left out are those whose variable was left out."""
    found = {name: evaluate(value, values, literals) for name, value in field.arguments}
    return {name: value for name, value in found.items() if value is not ABSENT}


def check_variable_types(operation: Operation, catalog: Catalog, inputs: Iterable[str] = ()) -> None:
    """Refuse a variable whose type exists neither in the catalog nor among the operations' `inputs`."""
    known: set[str] | None = None
    for definition in operation.variables:
        base = definition.type.base
        if base in scalars.COERCIONS or base in scalars.EQUIVALENT:
            continue
        if known is None:
            known = {*scalars.COERCIONS, *scalars.EQUIVALENT, "ID", "moment", "order_by", *inputs}
            known.update(f"{kind}_comparison_exp" for kind in scalars.COERCIONS)
            known.update(f"{kind}_cast_exp" for kind in scalars.CASTS)
            known.update(f"{walk}_args" for walk in catalog.walks)
            for table in catalog.tables:
                known.update((f"{table}_bool_exp", f"{table}_select_column"))
                orders = (
                    "",
                    "_aggregate",
                    "_aggregate_group",
                    "_aggregate_group_key",
                    *map("_{}".format, scalars.MEASURES),
                )
                known.update(f"{table}{order}_order_by" for order in orders)
        if base not in known:
            raise DocumentError(f'Unknown type "{base}" of variable "${definition.name}".{did_you_mean(base, known)}')


def shape(operation: Operation, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of the variables a plan depends on. Requests whose document and shape are equal have equal plans."""
    return tuple(
        [
            _reader(definition.type)(values[definition.name]) if definition.name in values else ABSENT
            for definition in operation.variables
        ]
    )


def _scalar_shape(value: Any) -> Any:
    return value if value is None or value is True or value is False else value.__class__


def _written_shape(value: Any) -> Any:
    try:
        return msgspec.json.encode(value)
    except (TypeError, UnicodeEncodeError) as error:
        raise _bad_variable(f"A variable holds what JSON cannot: {error}.") from None


def _object_shape(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple([(key, _object_shape(inner)) for key, inner in value.items()])
    if isinstance(value, list | tuple):
        if any(isinstance(item, dict | list | tuple) for item in value):
            return tuple([_object_shape(item) for item in value])
        return list, None in value
    return _scalar_shape(value)


@lru_cache(maxsize=1024)
def _reader(kind: Type) -> Callable[[Any], Any]:
    base = kind.base
    if base == "order_by" or base.endswith(("_order_by", "_select_column")):
        return _written_shape
    if base.endswith(("_bool_exp", "_comparison_exp", "_cast_exp", "_args")):
        return _object_shape
    return _scalar_shape
