"""How much one request may ask for, and how much it does ask for.

Everything here is decided before the database is asked anything; what only shows while it answers (rows, bytes,
seconds) is watched by who asks it, and refused with the same `refusal`. The limits are generous: they stop what would
hurt a server, not what is merely large. Each has a heading of its name in docs/reference/limits.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from prefect.server.errors import BadInput, LimitExceeded
from prefect.server.graphql.document import DEEPEST, DocumentError, Field, Operation, Selection, Spread
from prefect.server.graphql.plan import (
    All,
    Any_,
    ColumnValue,
    Condition,
    Constant,
    GroupKey,
    Groups,
    LiteralOrigin,
    ManyRows,
    Measures,
    Nodes,
    Not,
    OneRow,
    Related,
    Slot,
    Summary,
    VariableOrigin,
)
from prefect.utilities.conversion import convert

# What a list without a limit is taken for: rows at the root, and rows beneath each row.
USUAL_ROWS: Final = 100
USUAL_RELATED_ROWS: Final = 10
# Fragments inside fragments; each is a step of the reader's own recursion.
_DEEPEST_FRAGMENTS: Final = 100


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings `server.graphql.limits`. Zero takes a limit away."""

    document_characters: int = 500_000
    depth: int = 20
    fields: int = 5_000
    aliases: int = 2_000
    root_fields: int = 500
    list_items: int = 100_000
    conditions: int = 5_000
    cost: int = 100_000_000
    rows: int = 1_000_000
    answer_bytes: int = 256 * 1024 * 1024
    seconds: float = 30.0
    body_bytes: int = 32 * 1024 * 1024
    batch: int = 100


def read(settings: Mapping[str, Any]) -> Limits:
    """The limits of the settings `server.graphql.limits`; what they leave out is as it is without them."""
    try:
        return convert(dict(settings), Limits)
    except msgspec.ValidationError as error:
        raise BadInput(f"The settings server.graphql.limits cannot be used: {error}.") from None


# For each limit: the code of its refusal, and the sentence that says what was asked and what to do.
_REFUSALS: Mapping[str, tuple[str, str]] = {
    "document_characters": (
        "DOCUMENT_TOO_LARGE",
        "The document has {actual:,} characters, and {limit:,} are accepted. Send its long values as variables.",
    ),
    "depth": (
        # As the gateway of 1.x called it.
        "GRAPHQL_VALIDATION_FAILED",
        "The question is nested {actual:,} levels deep, and {limit:,} are accepted. Ask it in several.",
    ),
    "fields": (
        "TOO_MANY_FIELDS",
        "The question asks for {actual:,} fields, and {limit:,} are accepted. Ask it in several.",
    ),
    "aliases": (
        "TOO_MANY_ALIASES",
        "The question asks for {actual:,} fields under other names, and {limit:,} are accepted. Ask it in several.",
    ),
    "root_fields": (
        "TOO_MANY_ROOT_FIELDS",
        "The document asks {actual:,} questions at once, and {limit:,} are accepted. Ask them in several requests.",
    ),
    "nesting": (
        "BAD_USER_INPUT",
        "A variable is nested more than {limit:,} levels deep. Ask for less at a time.",
    ),
    "list_items": (
        "LIST_TOO_LONG",
        "The variables hold lists of {actual:,} items, and {limit:,} are accepted. Ask for a part at a time.",
    ),
    "introspection": (
        "TOO_MANY_FIELDS",
        "The answer would hold {actual:,} parts of the schema, and {limit:,} are accepted. Ask for types by name.",
    ),
    "conditions": (
        "TOO_MANY_CONDITIONS",
        "The question has {limit:,} conditions and more. Compare with a list (_in) instead of with one value after"
        " another.",
    ),
    "cost": (
        "TOO_COSTLY",
        "The question would look at {actual:,} rows, and {limit:,} are accepted. Give its lists a limit, the inner ones"
        " first.",
    ),
    "rows": (
        "TOO_MANY_ROWS",
        "A list of the answer has {actual:,} rows, and {limit:,} are accepted. Read it in pages.",
    ),
    "answer_bytes": (
        "ANSWER_TOO_LARGE",
        "The answer has {actual:,} bytes or more, and {limit:,} are accepted. Ask for fewer rows or columns at a time.",
    ),
    "seconds": (
        "TOOK_TOO_LONG",
        "The question took longer than the {limit:,} seconds that it was given. Ask for less at a time: add a limit, or"
        " conditions on ids.",
    ),
}

# The codes of what is refused before the database is asked anything.
BEFOREHAND: Final = frozenset(
    code for name, (code, _) in _REFUSALS.items() if name not in ("rows", "answer_bytes", "seconds")
)


def refusal(name: str, limit: float, actual: float) -> LimitExceeded:
    """The error that says which limit a request exceeds, by how much, and what to do."""
    code, sentence = _REFUSALS[name]
    see = f"docs/reference/limits.md#{name}"
    return LimitExceeded(sentence.format(limit=limit, actual=actual), code, limit=limit, actual=actual, see=see)


# -- the document ------------------------------------------------------------------------------------------------------


class Size(NamedTuple):
    """Of an operation, with its fragments opened: levels of fields, fields, those under an alias, those of the root."""

    depth: int
    fields: int
    aliases: int
    root_fields: int


def check_text(limits: Limits, text: str) -> None:
    """Refuse a document that is too long to be read."""
    if 0 < limits.document_characters < len(text):
        raise refusal("document_characters", limits.document_characters, len(text))


def check_operation(limits: Limits, operation: Operation) -> None:
    """Refuse an operation that asks for too much at once, or whose fragments lead back to themselves."""
    size = measure(operation)
    if size.depth > limits.depth > 0:
        raise refusal("depth", limits.depth, size.depth)
    if size.root_fields > limits.root_fields > 0:
        raise refusal("root_fields", limits.root_fields, size.root_fields)
    if size.aliases > limits.aliases > 0:
        raise refusal("aliases", limits.aliases, size.aliases)
    if size.fields > limits.fields > 0:
        raise refusal("fields", limits.fields, size.fields)


@lru_cache(maxsize=256)
def measure(operation: Operation) -> Size:
    """How much an operation asks for. Fragments that stand in for very much are counted without being opened."""
    known: dict[str, tuple[int, int, int, int]] = {}

    def count(selections: Sequence[Selection], inside: tuple[str, ...]) -> tuple[int, int, int, int]:
        """Levels, fields and spreads, aliases, and how many of the fields stand on the first level."""
        depth = fields = aliases = first = 0
        for selection in selections:
            if isinstance(selection, Field):
                below = count(selection.selections, inside) if selection.selections else (0, 0, 0, 0)
                found = (below[0] + 1, below[1] + 1, below[2] + (selection.alias is not None), 1)
            elif isinstance(selection, Spread):
                found = spread(selection, inside)
            else:
                found = count(selection.selections, inside)
            depth = max(depth, found[0])
            fields, aliases, first = fields + found[1], aliases + found[2], first + found[3]
        return depth, fields, aliases, first

    def spread(selection: Spread, inside: tuple[str, ...]) -> tuple[int, int, int, int]:
        name = selection.name
        found = known.get(name)
        if found is None:
            if name in inside:
                raise DocumentError(f'Cannot spread fragment "{name}" within itself.', at=selection.at)
            if len(inside) >= _DEEPEST_FRAGMENTS:
                raise refusal("depth", _DEEPEST_FRAGMENTS, len(inside) + 1)
            fragment = operation.fragments.get(name)
            # Whoever binds the operation says which fragments there are.
            opened = (0, 0, 0, 0) if fragment is None else count(fragment.selections, (*inside, name))
            found = known[name] = (opened[0], opened[1] + 1, opened[2], opened[3])
        return found

    return Size(*count(operation.selections, ()))


def check_variables(limits: Limits, values: Mapping[str, Any]) -> None:
    """Refuse variables whose lists are too long, or that are nested deeper than a document may be."""
    items = 0
    pending = [(value, 1) for value in values.values() if isinstance(value, dict | list | tuple)]
    while pending:
        value, depth = pending.pop()
        if depth > DEEPEST:
            raise refusal("nesting", DEEPEST, depth)
        inner = value.values() if isinstance(value, dict) else value
        items += len(inner)
        if items > limits.list_items > 0:
            raise refusal("list_items", limits.list_items, items)
        pending.extend((item, depth + 1) for item in inner if isinstance(item, dict | list | tuple))


# -- the plan ----------------------------------------------------------------------------------------------------------

Reader = Callable[[Mapping[str, Any], Sequence[Any]], Any]


class Cost(msgspec.Struct, frozen=True):
    """How many rows a part of a plan looks at, as far as can be said beforehand.

    Of `usual` rows, or of as many as the request's `limit` says and those it leaves out before them, each costs
    `each` to find, and what is beneath it.
    """

    usual: int
    limit: Reader | None
    offset: Reader | None
    each: int
    beneath: tuple[Cost, ...]

    def of(self, values: Mapping[str, Any], literals: Sequence[Any], most: int) -> int:
        """The figure for one request, where no list can have more than `most` rows."""
        rows = _given(self.limit, values, literals, self.usual)
        skipped = _given(self.offset, values, literals, 0)
        if most:
            rows, skipped = min(rows, most), min(skipped, most)
        below = 0
        for part in self.beneath:
            below += part.of(values, literals, most)
        return (rows + skipped) * self.each + rows * below


def _given(reader: Reader | None, values: Mapping[str, Any], literals: Sequence[Any], otherwise: int) -> int:
    value = None if reader is None else reader(values, literals)
    # What is no row count at all is refused where it is bound, with the place where it stands.
    return value if isinstance(value, int) and value >= 0 else otherwise


def cost(plan: OneRow | ManyRows | Summary) -> Cost:
    """What one root field costs."""
    return _part(plan, USUAL_ROWS)


def _part(part: OneRow | ManyRows | Summary, usual: int) -> Cost:
    rows = part.rows
    if isinstance(part, OneRow):
        return Cost(1, None, None, 1, _beneath(part.outputs))
    outputs: list[Any] = []
    groups: list[Cost] = []
    if isinstance(part, ManyRows):
        outputs.extend(part.outputs)
    else:
        for item in part.outputs:
            if isinstance(item, Nodes):
                outputs.extend(item.outputs)
            elif isinstance(item, Groups):
                # All rows are read again, however many groups are shown.
                groups.append(Cost(1, None, None, 1, _beneath(_keys(item))))
    totals = sum(USUAL_RELATED_ROWS for order in rows.order if order.total is not None)
    each = 1 + _looks(rows.where) + totals
    return Cost(usual, _reader(rows.limit), _reader(rows.offset), each, (*_beneath(outputs), *groups))


def _keys(groups: Groups) -> list[Any]:
    return [output for part in groups.outputs if isinstance(part, GroupKey) for output in part.outputs]


def _beneath(outputs: Sequence[Any]) -> tuple[Cost, ...]:
    return tuple(
        _part(output, USUAL_RELATED_ROWS)
        for output in outputs
        if not isinstance(output, ColumnValue | Constant | Measures) and isinstance(output, OneRow | ManyRows | Summary)
    )


def _looks(condition: Condition) -> int:
    """How many other tables a condition looks into for each row."""
    if isinstance(condition, All | Any_):
        return sum(map(_looks, condition.conditions))
    if isinstance(condition, Not):
        return _looks(condition.condition)
    return 1 + _looks(condition.condition) if isinstance(condition, Related) else 0


def _reader(slot: Slot | None) -> Reader | None:
    if slot is None:
        return None
    origin = slot.origin
    if isinstance(origin, LiteralOrigin):
        index = origin.index
        return lambda values, literals: literals[index]
    if isinstance(origin, VariableOrigin) and not origin.path:
        name = origin.name
        return lambda values, literals: values.get(name)
    return None
