"""Which fields a selection asks for: fragments opened, directives obeyed, several under one name made one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from prefect.server import scalars
from prefect.server.errors import did_you_mean
from prefect.server.graphql.document import (
    Boolean,
    Directive,
    DocumentError,
    Field,
    Inline,
    Lifted,
    ListValue,
    ObjectValue,
    Operation,
    Selection,
    Value,
    Variable,
)


def chosen(
    operation: Operation, selections: Iterable[Selection], on: str | None, values: Mapping[str, Any]
) -> dict[str, list[Field]]:
    """Fields by response key, with fragments opened and `@include` and `@skip` obeyed; None takes any fragment."""
    found: dict[str, list[Field]] = {}
    _choose(operation, selections, on, values, found, ())
    return found


def _choose(
    operation: Operation,
    selections: Iterable[Selection],
    on: str | None,
    values: Mapping[str, Any],
    found: dict[str, list[Field]],
    inside: tuple[str, ...],
) -> None:
    for selection in selections:
        if selection.directives and not _included(selection.directives, values, selection.at):
            continue
        if isinstance(selection, Field):
            found.setdefault(selection.key, []).append(selection)
        elif isinstance(selection, Inline):
            _check_fragment(selection.on, on, selection.at)
            _choose(operation, selection.selections, on, values, found, inside)
        else:
            fragment = operation.fragments.get(selection.name)
            if fragment is None:
                raise DocumentError(
                    f'Unknown fragment "{selection.name}".' + did_you_mean(selection.name, operation.fragments),
                    at=selection.at,
                )
            if selection.name in inside:
                raise DocumentError(f'Cannot spread fragment "{selection.name}" within itself.', at=selection.at)
            _check_fragment(fragment.on, on, selection.at)
            _choose(operation, fragment.selections, on, values, found, (*inside, selection.name))


def _check_fragment(theirs: str | None, on: str | None, at: int) -> None:
    if theirs is not None and on is not None and theirs != on:
        raise DocumentError(
            f'A fragment on "{theirs}" cannot be spread here, where the type is "{on}".',
            at=at,
        )


def _included(directives: Iterable[Directive], values: Mapping[str, Any], at: int) -> bool:
    for directive in directives:
        if directive.name not in ("include", "skip"):
            raise DocumentError(
                f'Unknown directive "@{directive.name}".{did_you_mean(directive.name, ("include", "skip"))}', at=at
            )
        if [name for name, _ in directive.arguments] != ["if"]:
            raise DocumentError(f'Directive "@{directive.name}" takes one argument, "if" of type "Boolean!".', at=at)
        condition = directive.arguments[0][1]
        value = condition.value if isinstance(condition, Boolean) else None
        if isinstance(condition, Variable):
            value = values.get(condition.name)
        if not isinstance(value, bool):
            raise DocumentError(
                f'Argument "if" of "@{directive.name}" must be true or false'
                + (f'; variable "${condition.name}" is not.' if isinstance(condition, Variable) else "."),
                at=at,
            )
        if value is (directive.name == "skip"):
            return False
    return True


def has_directives(operation: Operation) -> bool:
    """Whether `@include` or `@skip` can make what is asked differ between requests with one document."""
    pending: list[Any] = [*operation.selections, *operation.fragments.values()]
    while pending:
        part = pending.pop()
        if part.directives:
            return True
        pending.extend(getattr(part, "selections", ()))
    return False


def one_field(fields: Sequence[Field], twins: list[tuple[int, int]]) -> Field:
    """The field that several selections under one response key stand for.

    `twins` receives the literals that have to be equal for that: they belong to the request, and may be equal in one
    text and differ in the next of the same shape.
    """
    first = fields[0]
    if len(fields) == 1:
        return first
    for other in fields[1:]:
        if other.name != first.name or not _alike(_sorted(first), _sorted(other), twins):
            raise DocumentError(
                f'Fields "{first.key}" conflict: they ask for different things under one name. '
                "Give one of them an alias.",
                at=other.at,
            )
    return Field(
        first.name,
        first.alias,
        first.arguments,
        (),
        tuple(selection for field in fields for selection in field.selections),
        first.at,
    )


def _sorted(field: Field) -> ObjectValue:
    return ObjectValue(tuple(sorted(field.arguments, key=lambda argument: argument[0])))


def _alike(first: Value, second: Value, twins: list[tuple[int, int]]) -> bool:
    if isinstance(first, Lifted) and isinstance(second, Lifted):
        twins.append((first.index, second.index))
        return first.kind == second.kind
    if isinstance(first, ListValue) and isinstance(second, ListValue):
        return len(first.items) == len(second.items) and all(
            _alike(mine, theirs, twins) for mine, theirs in zip(first.items, second.items, strict=True)
        )
    if isinstance(first, ObjectValue) and isinstance(second, ObjectValue):
        return [name for name, _ in first.fields] == [name for name, _ in second.fields] and all(
            _alike(mine, theirs, twins) for (_, mine), (_, theirs) in zip(first.fields, second.fields, strict=True)
        )
    return type(first) is type(second) and msgspec.structs.astuple(first) == msgspec.structs.astuple(second)


def check_twins(twins: Iterable[tuple[int, int]], literals: Sequence[Any]) -> None:
    """Refuse a request that gives different literals to fields under one response key."""
    for mine, theirs in twins:
        if literals[mine] != literals[theirs]:
            raise DocumentError(
                f"Two fields under one name conflict: one has {scalars.shown(literals[mine])} where the other has "
                f"{scalars.shown(literals[theirs])}. Give one of them an alias."
            )
