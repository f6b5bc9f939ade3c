"""What was asked, as frozen values: no SQL and no GraphQL syntax.

A plan holds the *shape* of a question. Values do not stand in it but `Slot`s, which say where the request carries the
value and of what type it must be; so one plan, and one statement made from it, serves every request of that shape.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, Literal, TypeAlias

import msgspec

from prefect.server.catalog import Scalar


class Absent(Enum):
    """Left out. Something else than null: a null is written into a row or compared with, an absent value is not."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT


class Part(msgspec.Struct, frozen=True):
    """A part of a plan."""


# -- where a value comes from ------------------------------------------------------------------------------------------


class LiteralOrigin(Part, frozen=True):
    """The `index`th string or number of the document's text."""

    index: int


class VariableOrigin(Part, frozen=True):
    """What lies at `path` inside a variable."""

    name: str
    path: tuple[str | int, ...] = ()


class ConstantOrigin(Part, frozen=True):
    """A value that the plan itself fixes."""

    value: Any


class ListOrigin(Part, frozen=True):
    items: tuple[Origin, ...]


class ObjectOrigin(Part, frozen=True):
    fields: tuple[tuple[str, Origin], ...]


class TenantOrigin(Part, frozen=True):
    """The tenant of the role that asks."""


Origin: TypeAlias = LiteralOrigin | VariableOrigin | ConstantOrigin | ListOrigin | ObjectOrigin | TenantOrigin

Form = Literal["value", "list", "pattern", "limit", "path", "text", "texts", "cursor", "search"]


class Slot(Part, frozen=True):
    """A place for a value of the request. `what` names the place for messages, as in `where.id._eq`.

    The form says what stands here: one value of the type, a list of them, a LIKE pattern, a row count, a path into
    a JSON value, the key or keys of a JSON object, a cursor, or words to look for.
    """

    origin: Origin
    type: Scalar
    form: Form
    what: str


# -- which rows --------------------------------------------------------------------------------------------------------


class Moment(Part, frozen=True):
    """The instant that is shown: a number of one run's sequence, or a time."""

    by: Literal["sequence", "time"]
    value: Slot


class Reach(Part, frozen=True):
    """What a walk reaches from tasks in at most so many steps; None takes as many as it is allowed."""

    walk: str
    start: Slot
    steps: Slot | None = None


class Source(Part, frozen=True):
    """A table, as it stands now or as it stood at a moment; or what a walk answers in place of a table's rows."""

    table: str
    moment: Moment | None = None
    reach: Reach | None = None


class All(Part, frozen=True):
    """Every one of them; none at all is true."""

    conditions: tuple[Condition, ...]


class Any_(Part, frozen=True):
    """At least one of them; none at all is false."""

    conditions: tuple[Condition, ...]


class Not(Part, frozen=True):
    condition: Condition


class Compare(Part, frozen=True):
    """A column against a value. `operator` is a name of the operator table, such as `_eq`.

    With `cast`, what is compared is the column's value turned into that type.
    """

    column: str
    operator: str
    value: Slot
    cast: Scalar | None = None


class IsNull(Part, frozen=True):
    column: str
    null: bool


class Related(Part, frozen=True):
    """Some row that the relationship leads to satisfies the condition."""

    relationship: str
    source: Source
    condition: Condition


class Search(Part, frozen=True):
    """The words that somebody looks for are in a column; `run` names the flow run, where only one is asked for."""

    column: str
    words: Slot
    run: Slot | None = None


class Shown(Part, frozen=True):
    """The deletion of the row's flow run has not been requested."""


Condition: TypeAlias = All | Any_ | Not | Compare | IsNull | Related | Search | Shown

TRUE: Final = All(())
FALSE: Final = Any_(())


class Order(Part, frozen=True):
    """Sort by a column, that of a related row where `path` names object relationships to follow.

    With `total`, sort by a figure about the rows that belong to the row instead.
    """

    path: tuple[tuple[str, Source], ...]
    column: str | None
    descending: bool
    nulls_first: bool
    total: Total | None = None


class Total(Part, frozen=True):
    """`count`, or a function of a column, over the rows that an array relationship leads to."""

    rows: Rows
    function: str
    column: str | None


class After(Part, frozen=True):
    """Only rows that come after the row of a cursor, in an order that tells every two rows apart.

    `nulls` says which of the row's values in that order are null, which is the same for all requests of a plan.
    """

    cursor: Slot
    nulls: tuple[bool, ...]


class Rows(Part, frozen=True):
    """Rows of a source: filtered, made distinct, begun after a cursor, ordered and cut, in this order.

    `through` is the relationship of the enclosing row that leads here, None at the root.
    """

    source: Source
    through: str | None = None
    where: Condition = TRUE
    distinct: tuple[str, ...] = ()
    order: tuple[Order, ...] = ()
    limit: Slot | None = None
    offset: Slot | None = None
    after: After | None = None


# -- what of them ------------------------------------------------------------------------------------------------------


class Constant(Part, frozen=True):
    """The same text in every row: `__typename`."""

    key: str
    value: str


class ColumnValue(Part, frozen=True):
    """A column; `path` leads into its JSON value."""

    key: str
    column: str
    path: Slot | None = None


class Cursor(Part, frozen=True):
    """The place of a row in the order of its list."""

    key: str
    order: tuple[Order, ...]


class OneRow(Part, frozen=True):
    """The row found, or null."""

    key: str
    rows: Rows
    outputs: tuple[Output, ...]


class ManyRows(Part, frozen=True):
    key: str
    rows: Rows
    outputs: tuple[Output, ...]


class Count(Part, frozen=True):
    """How many rows; with columns, how many that are not null in them."""

    key: str
    columns: tuple[str, ...]
    distinct: bool


class Measure(Part, frozen=True):
    """A function of a column's values over all rows: `max`, `sum` ..."""

    key: str
    function: str
    column: str


class Measures(Part, frozen=True):
    """An object of measures: `aggregate`, or the fields of one function."""

    key: str
    outputs: tuple[Constant | Count | Measure | Measures, ...]


class Nodes(Part, frozen=True):
    """The rows that were summarised."""

    key: str
    outputs: tuple[Output, ...]


class GroupOrder(Part, frozen=True):
    """Sort groups by a column that they are made by, or by a figure about the rows of each: `count`, `max` ..."""

    column: str | None
    function: str | None
    descending: bool
    nulls_first: bool


class GroupKey(Part, frozen=True):
    """What the rows of a group have in common."""

    key: str
    outputs: tuple[Output, ...]


class Groups(Part, frozen=True):
    """The rows that were summarised, in groups of equal columns `by`, each summarised; ordered and cut."""

    key: str
    by: tuple[str, ...]
    outputs: tuple[Constant | GroupKey | Measures, ...]
    order: tuple[GroupOrder, ...] = ()
    limit: Slot | None = None
    offset: Slot | None = None


class Summary(Part, frozen=True):
    key: str
    rows: Rows
    outputs: tuple[Constant | Measures | Nodes | Groups, ...]


Output: TypeAlias = Constant | ColumnValue | Cursor | OneRow | ManyRows | Summary

Root: TypeAlias = OneRow | ManyRows | Summary


def describe(part: Any, indent: str = "") -> str:
    """The plan as text, one part a line: for people and for golden tests."""
    if isinstance(part, Slot):
        return f"<{_origin(part.origin)}: {part.type} {part.form}>"
    if isinstance(part, Source):
        moment = "" if part.moment is None else f" as of {part.moment.by} {describe(part.moment.value)}"
        if part.reach is None:
            return part.table + moment
        steps = "" if part.reach.steps is None else f" in {describe(part.reach.steps)} steps"
        return f"{part.reach.walk} from {describe(part.reach.start)}{steps}"
    if not isinstance(part, Part):
        return repr(part)
    lines = [type(part).__name__.rstrip("_")]
    deeper = indent + "  "
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if value is None or value == () or (name == "where" and value == TRUE):
            continue
        if name == "path" and isinstance(value, tuple):
            lines.append(f"{deeper}path: {' / '.join(f'{way} ({describe(source)})' for way, source in value)}")
        elif isinstance(value, tuple) and isinstance(value[0], Part):
            lines.append(f"{deeper}{name}:")
            lines.extend(f"{deeper}  {describe(item, deeper + '  ')}" for item in value)
        else:
            lines.append(f"{deeper}{name}: {describe(value, deeper)}")
    return "\n".join(lines)


def _origin(origin: Origin) -> str:
    match origin:
        case LiteralOrigin(index=index):
            return f"literal {index}"
        case VariableOrigin(name=name, path=path):
            return "$" + ".".join((name, *map(str, path)))
        case ConstantOrigin(value=value):
            return repr(value)
        case ListOrigin(items=items):
            return "[" + ", ".join(_origin(item) for item in items) + "]"
        case ObjectOrigin(fields=fields):
            return "{" + ", ".join(f"{name}: {_origin(value)}" for name, value in fields) + "}"
        case TenantOrigin():
            return "tenant of the role"
