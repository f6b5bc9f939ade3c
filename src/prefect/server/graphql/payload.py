"""What a mutation's document selects from the answer of an operation, and what it writes as its input.

The shapes come from the operations' own structures (msgspec), so there is no second list of their fields.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, NoReturn, TypeAlias, Union, get_args, get_origin

import msgspec

from prefect.server.errors import did_you_mean
from prefect.server.graphql.document import DocumentError, Field, Operation
from prefect.server.graphql.selections import chosen, one_field
from prefect.utilities.conversion import convert

# For each response key: the attribute it shows, and for a structure what is shown of it. A None for the attribute
# stands for `__typename`.
Projection: TypeAlias = tuple[tuple[str, str | None, Any], ...]


class Look(msgspec.Struct, frozen=True):
    """The row of a table that an answer's id names, as far as a field selects it: whatever reads it is in `asked`."""

    asked: Any


# What reads a row for a field that selects columns of it; the text names the table.
Looking: TypeAlias = Callable[[Field, str, tuple[str, ...]], Any]


def projection(
    operation: Operation,
    field: Field,
    kind: type[msgspec.Struct],
    values: Mapping[str, Any],
    twins: list[tuple[int, int]],
    path: tuple[str, ...],
    looking: Looking | None = None,
) -> Projection:
    """How to show an answer of this kind; raises DocumentError where the document asks for what it does not have.

    Where `looking` says how, a field named like the table of the answer's id shows that row's columns, the form that
    old documentation has: `create_project { project { id } }`.
    """
    name = type_name(kind)
    if not field.selections:
        _fail(f'Field "{field.key}" of type "{name}" must have a selection of subfields.', path, field)
    shapes = _shapes(kind)
    found: list[tuple[str, str | None, Any]] = []
    for key, fields in chosen(operation, field.selections, name, values).items():
        inner = one_field(fields, twins)
        if inner.arguments:
            argument = inner.arguments[0][0]
            _fail(f'Unknown argument "{argument}" on field "{inner.name}".', (*path, key), inner)
        if inner.name == "__typename":
            found.append((key, None, name))
            continue
        if looking is not None and inner.name == getattr(kind, "row", None):
            found.append((key, "id", Look(looking(inner, inner.name, (*path, key)))))
            continue
        if inner.name not in shapes:
            _fail(
                f'Cannot query field "{inner.name}" on type "{name}".' + did_you_mean(inner.name, shapes),
                (*path, key),
                inner,
            )
        struct = shapes[inner.name]
        if struct is not None:
            found.append((key, inner.name, projection(operation, inner, struct, values, twins, (*path, key), looking)))
        elif inner.selections:
            _fail(f'Field "{inner.name}" must not have a selection since it has no subfields.', (*path, key), inner)
        else:
            found.append((key, inner.name, None))
    return tuple(found)


def looks(shown: Projection) -> bool:
    """Whether rows have to be read to show it."""
    return any(isinstance(inner, Look) or (isinstance(inner, tuple) and looks(inner)) for _, _, inner in shown)


def project(answer: Any, shown: Projection, look: Callable[[Any, str], Any] | None = None) -> Any:
    """The selected part of an answer, ready to be written as JSON; `look` reads the row of an id."""
    if answer is None:
        return None
    if isinstance(answer, list | tuple):
        return [project(item, shown, look) for item in answer]
    found: dict[str, Any] = {}
    for key, name, inner in shown:
        if name is None:
            found[key] = inner
        elif inner is None:
            found[key] = getattr(answer, name)
        elif isinstance(inner, Look):
            row_id = getattr(answer, name)
            found[key] = None if row_id is None or look is None else look(inner.asked, row_id)
        else:
            found[key] = project(getattr(answer, name), inner, look)
    return found


def type_name(kind: type[msgspec.Struct]) -> str:
    """The GraphQL name of a structure."""
    return getattr(kind, "graphql", "") or kind.__name__


def _fail(message: str, path: tuple[str, ...], field: Field) -> NoReturn:
    raise DocumentError(message, path=path, at=field.at)


@lru_cache(maxsize=256)
def _shapes(kind: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct] | None]:
    """The fields of a structure, and of which structure each is, or is a list of."""
    return {field.encode_name: _structure(field.type) for field in msgspec.structs.fields(kind)}


def _structure(kind: Any) -> type[msgspec.Struct] | None:
    kind = _bare(kind)
    if get_origin(kind) in (list, tuple, Sequence):
        kind = _bare(get_args(kind)[0])
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def _bare(kind: Any) -> Any:
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, types.UnionType):
            others = [item for item in get_args(kind) if item is not type(None)]
            if len(others) != 1:
                return kind
            kind = others[0]
        else:
            return kind


# -- inputs ------------------------------------------------------------------------------------------------------------


def read_input(value: Any, kind: type[msgspec.Struct], name: str, *, inline: bool) -> Any:
    """A mutation's input as its structure. `inline` says that the document wrote it, not a variable.

    A single value stands for a list of one. A JSON value written into a document is a string that holds its text.
    """
    try:
        if not inline:
            return convert(value, kind)
    except (msgspec.ValidationError, UnicodeEncodeError):
        pass
    try:
        return convert(_conformed(value, kind, inline), kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise DocumentError(
            f'The input of "{name}" does not fit type "{type_name(kind)}": {error}.',
            code="BAD_USER_INPUT",
            path=(name,),
        ) from None


def read_argument(value: Any, kind: Any, name: str, path: tuple[str, ...]) -> Any:
    """An argument of a query that no table answers, as the type that its function takes."""
    try:
        return convert(_conformed(value, kind, inline=False), kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise DocumentError(
            f'The argument "{name}" has the wrong type: {error}.', code="BAD_USER_INPUT", path=path
        ) from None


def _conformed(value: Any, kind: Any, inline: bool) -> Any:
    annotated = _scalar(kind)
    bare = _bare(kind)
    if value is None:
        return None
    if annotated == "JSON":
        if inline and isinstance(value, str):
            try:
                return msgspec.json.decode(value)
            except msgspec.DecodeError as error:
                raise msgspec.ValidationError(f"a JSON value written inline must be JSON text ({error})") from None
        return value
    if get_origin(bare) in (list, tuple, Sequence):
        inner = get_args(bare)[0]
        items = value if isinstance(value, list | tuple) else [value]
        return [_conformed(item, inner, inline) for item in items]
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct) and isinstance(value, dict):
        kinds = {field.encode_name: field.type for field in msgspec.structs.fields(bare)}
        return {key: _conformed(item, kinds[key], inline) if key in kinds else item for key, item in value.items()}
    return value


def _scalar(kind: Any) -> str | None:
    """The GraphQL scalar that a type is marked with, through optionals."""
    if get_origin(kind) is Annotated:
        for mark in get_args(kind)[1:]:
            extra = getattr(mark, "extra", None)
            if extra and "graphql" in extra:
                return str(extra["graphql"])
        return _scalar(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return next((found for found in map(_scalar, get_args(kind)) if found), None)
    return None
