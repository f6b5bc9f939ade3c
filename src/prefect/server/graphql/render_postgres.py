"""The same plans for PostgreSQL, which builds JSON from rows: `row_to_json` and `json_agg`, native types throughout.

What is shared with SQLite (which rows, in which order, as of when) stands in `render.py`; here is what differs.
"""

# ruff: noqa: S608 - writes SQL as render.py does: names come from the catalog, values only as placeholders
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from prefect.server import scalars, search
from prefect.server.catalog import Scalar, Table
from prefect.server.graphql import encoders
from prefect.server.graphql.dialect import Dialect
from prefect.server.graphql.encoders import Encoder
from prefect.server.graphql.plan import (
    ColumnValue,
    Compare,
    Condition,
    Constant,
    Count,
    Cursor,
    GroupKey,
    Groups,
    ManyRows,
    Measure,
    Measures,
    Moment,
    Nodes,
    OneRow,
    Order,
    Output,
    Root,
    Rows,
    Search,
    Slot,
    Summary,
)
from prefect.server.graphql.render import BaseRow, GroupRow, Renderer, Row, chain

TYPES: Final[Mapping[Scalar, str]] = {
    "uuid": "uuid",
    "String": "text",
    "Int": "integer",
    "bigint": "bigint",
    "Float": "double precision",
    "Boolean": "boolean",
    "timestamptz": "timestamptz",
    "jsonb": "jsonb",
    "interval": "interval",
}

# PostgreSQL cuts names off behind this many bytes.
_LONGEST_NAME = 63
# It selects at most 1,664 columns.
_MOST_COLUMNS = 1000


# -- values ------------------------------------------------------------------------------------------------------------


def _native(kind: Scalar, value: Any) -> Any:
    """A coerced value in the form that PostgreSQL reads."""
    if kind == "interval":
        return scalars.interval_text(value)
    return value


def _one(slot: Slot, value: Any) -> Any:
    return _native(slot.type, encoders.value(slot, value))


def _array(slot: Slot, value: Any) -> str:
    """A list as the text of one array."""
    return "{" + ",".join([_item(_native(slot.type, item)) for item in encoders.every(slot, value)]) + "}"


def _item(value: Any) -> str:
    if value.__class__ is str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def _similar_to(slot: Slot, value: Any) -> str:
    encoders.similar(slot, value)
    return scalars.text(value)


def _jsonpath(slot: Slot, value: Any) -> str:
    """A path into a JSON value: keys of objects and places in lists, without the wildcards that jsonpath has."""
    steps = []
    rest = encoders.path(slot, value)[1:]
    while rest:
        if rest[0] == "[":
            step, rest = rest[: rest.index("]") + 1], rest[rest.index("]") + 1 :]
            steps.append(step if int(step[1:-1]) < 2**31 else "[2147483647]")
        else:
            end = rest.index('"', 2) + 1
            steps.append(rest[:end])
            rest = rest[end:]
    return "strict $" + "".join(steps)


_COMPARISONS: dict[str, tuple[str, Encoder]] = {
    "_eq": ("{column} = {value}::{type}", _one),
    "_neq": ("{column} <> {value}::{type}", _one),
    "_gt": ("{column} > {value}::{type}", _one),
    "_gte": ("{column} >= {value}::{type}", _one),
    "_lt": ("{column} < {value}::{type}", _one),
    "_lte": ("{column} <= {value}::{type}", _one),
    "_in": ("{column} = ANY ({value}::{type}[])", _array),
    "_nin": ("{column} <> ALL ({value}::{type}[])", _array),
}
_ORDERING: Final = frozenset({"_gt", "_gte", "_lt", "_lte"})
# A regular expression is one that RE2 takes too: without back references PostgreSQL's engine needs no backtracking.
# Upper and lower case are matched by a collation that knows them, whatever the column's own is.
_ON_TEXT: dict[str, tuple[str, Encoder]] = {
    "_like": ("{column} LIKE {value}::text", encoders.pattern),
    "_nlike": ("{column} NOT LIKE {value}::text", encoders.pattern),
    "_ilike": ('{column} ILIKE {value}::text COLLATE "{folding}"', encoders.pattern),
    "_nilike": ('{column} NOT ILIKE {value}::text COLLATE "{folding}"', encoders.pattern),
    "_similar": ("{column} SIMILAR TO {value}::text", _similar_to),
    "_nsimilar": ("{column} NOT SIMILAR TO {value}::text", _similar_to),
    "_regex": ("{column} ~ {value}::text", encoders.regular),
    "_nregex": ("{column} !~ {value}::text", encoders.regular),
    "_iregex": ('{column} ~* {value}::text COLLATE "{folding}"', encoders.regular),
    "_niregex": ('{column} !~* {value}::text COLLATE "{folding}"', encoders.regular),
}
_ON_JSON: dict[str, tuple[str, Encoder]] = {
    **_COMPARISONS,
    "_contains": ("{column} @> {value}::jsonb", _one),
    "_contained_in": ("{column} <@ {value}::jsonb", _one),
    "_has_key": ("{column} ?| {value}::text[]", _array),
    "_has_keys_any": ("{column} ?| {value}::text[]", _array),
    "_has_keys_all": ("{column} ?& {value}::text[]", _array),
}


# What stands in for the function's name alone, by function and type of column.
_MEASURES: dict[tuple[str, Scalar], str] = {
    # Its text sorts as it does, and older servers know neither its least nor its greatest.
    **{(function, "uuid"): f'{function}({{column}}::text COLLATE "C")' for function in ("max", "min")},
    **{
        (function, kind): f"{function}({{column}})::double precision"
        for function in ("avg", "variance", "var_pop", "var_samp")
        for kind in scalars.NUMBERS
    },
    # Of large numbers its own deviation keeps no digits behind the point.
    **{
        (deviation, kind): f"sqrt({variance}({{column}})::double precision)"
        for deviation, variance in (("stddev", "var_samp"), ("stddev_pop", "var_pop"), ("stddev_samp", "var_samp"))
        for kind in scalars.NUMBERS
    },
}


# -- text --------------------------------------------------------------------------------------------------------------


class PostgresRenderer(Renderer):
    """Composes one statement whose one value is the JSON text."""

    def root(self, plan: Root) -> str:
        return f"SELECT coalesce({self.value(plan, None)}, 'null')::text"

    def value(self, output: Output, row: Row | None) -> str:
        """The SQL expression of an output, of any type that becomes JSON by itself."""
        match output:
            case ColumnValue(column=name, path=path):
                assert row is not None
                if path is None:
                    return row.column(name)
                return self.dialect.json_path.format(column=row.column(name), path=self.mark(path, self.dialect.path))
            case ManyRows(rows=rows, outputs=outputs):
                return f"({self.many(rows, outputs, row)})"
            case OneRow(rows=rows, outputs=outputs):
                return f"({self.one(rows, outputs, row)})"
            case Summary(rows=rows, outputs=parts):
                return f"({self.summary(rows, parts, row)})"
            case Cursor():
                assert row is not None
                return self.cursor(output, row)
            case Constant(value=value):
                return f"'{value}'::text"

    def one(self, rows: Rows, outputs: tuple[Output, ...], parent: Row | None) -> str:
        row = self.base(rows)
        fields = [(output.key, self.value(output, row)) for output in outputs]
        return self.shaped("row_to_json({0})", fields, self.rest(rows, row, parent))

    def many(self, rows: Rows, outputs: tuple[Output, ...], parent: Row | None) -> str:
        row, rest = self.cut(rows, parent)
        fields = [(output.key, self.value(output, row)) for output in outputs]
        return self.shaped(self.listing("{0}"), fields, rest())

    def listing(self, item: str) -> str:
        """A list of every row's item; it fails where there are more than may be, and says how many."""
        listed = f"coalesce(json_agg({item}), '[]')"
        if not self.most_rows:
            return listed
        most = self.fixed(self.most_rows, "bigint", self.dialect.value)
        return (
            f"CASE WHEN count(*) > {most} THEN ('too many rows: ' || count(*))::integer::text::json ELSE {listed} END"
        )

    def shaped(self, shape: str, fields: Sequence[tuple[str, str]], rest: str) -> str:
        """A SELECT of JSON made from an object for each row of what follows FROM."""
        if not _fits(fields):
            return f"SELECT {shape.format(_long_object(fields))} FROM {rest}"
        alias = self.alias("o")
        return f"SELECT {shape.format(alias)} FROM (SELECT {_named(fields)} FROM {rest}) AS {alias}"

    def object_of(self, fields: Sequence[tuple[str, str]]) -> str:
        """An object as an expression."""
        if not _fits(fields):
            return _long_object(fields)
        alias = self.alias("o")
        return f"(SELECT row_to_json({alias}) FROM (SELECT {_named(fields)}) AS {alias})"

    # -- summaries

    def summary(self, rows: Rows, parts: tuple[Constant | Measures | Nodes | Groups, ...], parent: Row | None) -> str:
        """Two steps: every figure in a row of its own, then objects of them.

        An aggregate that stood inside the SELECT of a nested object would belong to that one.
        """
        row, rest = self.cut(rows, parent)
        figures: list[str] = []
        alias = self.alias("a")
        fields = [
            (
                part.key,
                f"({self.groups(part, rows, parent)})"
                if isinstance(part, Groups)
                else self.figure(part, row, figures, alias),
            )
            for part in parts
        ]
        if not figures:
            return f"SELECT {self.object_of(fields)}"
        named = ", ".join(f"{sql} AS m{number}" for number, sql in enumerate(figures))
        return self.shaped("row_to_json({0})", fields, f"(SELECT {named} FROM {rest()}) AS {alias}")

    def groups(self, part: Groups, rows: Rows, parent: Row | None) -> str:
        row, rest = self.derived(rows, parent)
        figures: list[str] = []
        alias = self.alias("a")
        columns = {name: f"{alias}.k{number}" for number, name in enumerate(part.by)}
        common = GroupRow(row.table, row.source, columns)
        fields: list[tuple[str, str]] = []
        for output in part.outputs:
            if isinstance(output, GroupKey):
                inner = [(item.key, self.value(item, common)) for item in output.outputs]
                fields.append((output.key, self.object_of(inner)))
            else:
                fields.append((output.key, self.figure(output, row, figures, alias)))
        keys = [f"{row.column(name)} AS k{number}" for number, name in enumerate(part.by)]
        selected = ", ".join([*keys, *(f"{sql} AS m{number}" for number, sql in enumerate(figures))])
        grouped = self.grouped(selected, part, row, rest)
        return self.shaped(self.listing("{0}"), fields, f"({grouped}) AS {alias}")

    def figure(
        self, part: Constant | Count | Measure | Measures | Nodes, row: Row, figures: list[str], alias: str
    ) -> str:
        """A part of a summary as an expression over the row of figures, which grows by what the part needs."""
        match part:
            case Constant():
                return self.value(part, row)
            case Measures(outputs=outputs):
                return self.object_of([(inner.key, self.figure(inner, row, figures, alias)) for inner in outputs])
            case Nodes(outputs=outputs):
                item = self.object_of([(output.key, self.value(output, row)) for output in outputs])
                figures.append(self.listing(item))
            case Count():
                figures.append(self.count(part, row))
            case Measure(function=function, column=name):
                figures.append(self.measured(function, row, name))
        return f"{alias}.m{len(figures) - 1}"

    # -- cursors

    def json_text(self, kind: Scalar, sql: str) -> str:
        return f"coalesce(to_json({sql})::text, 'null')"

    def key_kind(self, order: Order, table: Table) -> Scalar:
        kind = super().key_kind(order, table)
        # The least and greatest uuid is found by its text.
        return "String" if kind == "uuid" and order.total is not None else kind

    # -- conditions

    def condition(self, condition: Condition, row: BaseRow, narrow: bool) -> str:
        sql = super().condition(condition, row, narrow)
        if isinstance(condition, Compare) and condition.cast == "String" and condition.operator in _ORDERING:
            # Text that a column holds says itself how it sorts.
            return f'{sql} COLLATE "C"'
        return sql

    def search(self, condition: Search, row: BaseRow) -> str:
        words = self.mark(condition.words, encoders.words(search.tsquery))
        return f"log_words({row.column(condition.column)}) @@ {words}::text::tsquery"

    # -- the past

    def then(self, row: BaseRow) -> str:
        past, moment = row.table.history, row.source.moment
        if past is None or moment is None or not row.looks_back:
            return ""
        alias = self.alias("s")
        return (
            f" CROSS JOIN LATERAL (SELECT {alias}.* FROM {past.table} AS {alias}"
            f" WHERE {alias}.{past.key} = {row.alias}.id AND {self.until(moment, past.table, alias)}"
            f" ORDER BY {alias}.sequence DESC LIMIT 1) AS {row.then}"
        )

    def until(self, moment: Moment, table: str, alias: str) -> str:
        return f"{super().until(moment, table, alias)}::{TYPES[moment.value.type]}"


def _fits(fields: Sequence[tuple[str, str]]) -> bool:
    return len(fields) <= _MOST_COLUMNS and all(len(key) <= _LONGEST_NAME for key, _ in fields)


def _named(fields: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f'{sql} AS "{key}"' for key, sql in fields)


def _long_object(fields: Iterable[tuple[str, str]]) -> str:
    """An object whose keys are too long, or too many, for names of columns."""
    pieces = []
    for number, (key, sql) in enumerate(fields):
        pieces.append(f"""'{"," if number else "{"}"{key}":'""")
        pieces.append(f"coalesce(to_json({sql})::text, 'null')")
    pieces.append("'}'")
    return f"({chain(pieces, ' || ')})::json"


@lru_cache
def postgresql(folding: str) -> Dialect:
    """The dialect of PostgreSQL; `folding` names the collation that knows upper and lower case of every alphabet."""
    on_text = {name: (template.replace("{folding}", folding), encode) for name, (template, encode) in _ON_TEXT.items()}
    return Dialect(
        name="postgresql",
        operators={**_COMPARISONS, **on_text},
        jsonb_operators=_ON_JSON,
        # Keys only of objects, places only in lists; where the path leads nowhere, null.
        json_path="jsonb_path_query_first({column}, {path}::jsonpath, '{{}}', true)",
        path=_jsonpath,
        value=_one,
        values=_array,
        types=TYPES,
        numbers_placeholders=True,
        comparable_json="{column}",
        sortable_json="{column}",
        json_as_text="{column}::text",
        measures=_MEASURES,
        among="{column} = ANY ({value}::text[])",
        among_uuids="{column} = ANY ({value}::uuid[])",
        cursor="encode(convert_to({text}, 'UTF8'), 'hex')",
        placed=dict.fromkeys(TYPES, "{value}::{type}"),
        distinct_rows="({columns})",
        greatest="greatest",
        true="true",
        false="false",
        no_limit="ALL",
        unites_in_turn=False,
        null_is_least=False,
        renderer=PostgresRenderer,
    )
