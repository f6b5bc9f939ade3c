"""A plan to a statement: the only place that composes SQL.

The database builds the whole answer as one JSON text: objects by `json_object`, or concatenated from quoted values
where they hold more than plain columns; lists by `group_concat` over a derived table that carries the order. Nested
rows are correlated subqueries, so limits and order apply to a table before anything is joined to it. Names come from
the catalog, values are bound; the marks that stand for values while text is put together become placeholders last, in
the order in which the text ended up.
"""

# ruff: noqa: S608 - the one file that writes SQL: names come from the catalog, values only as placeholders
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from prefect.server import scalars, search, states
from prefect.server.catalog import Catalog, Column, Relationship, Scalar, Table, sql_name
from prefect.server.graphql import cursor, encoders
from prefect.server.graphql.dialect import SQLITE, Dialect
from prefect.server.graphql.encoders import Encoder
from prefect.server.graphql.plan import (
    After,
    All,
    Any_,
    ColumnValue,
    Compare,
    Condition,
    Constant,
    ConstantOrigin,
    Count,
    Cursor,
    GroupKey,
    GroupOrder,
    Groups,
    IsNull,
    ManyRows,
    Measure,
    Measures,
    Moment,
    Nodes,
    Not,
    OneRow,
    Order,
    Output,
    Reach,
    Related,
    Root,
    Rows,
    Search,
    Shown,
    Slot,
    Source,
    Summary,
    Total,
)
from prefect.server.graphql.template import Template

_MARK = re.compile("\x00([0-9]+)\x00")

# SQLite refuses expressions nested deeper than 1000, and a chain of n operators is n deep.
_CHAIN = 32

# A function of SQLite takes 127 arguments.
_MOST_MEMBERS = 63
# Types that json_object() writes as JSON as they are stored.
_PLAIN: frozenset[Scalar] = frozenset({"uuid", "String", "timestamptz", "Int", "bigint"})


def chain(parts: Sequence[str], operator: str) -> str:
    """The parts joined by an associative operator, as a tree that stays flat."""
    while len(parts) > _CHAIN:
        parts = [f"({operator.join(parts[i : i + _CHAIN])})" for i in range(0, len(parts), _CHAIN)]
    return operator.join(parts)


def concatenated(parts: Iterable[tuple[bool, str]]) -> str:
    """Pieces of JSON as one SQL expression; a piece is literal text (True) or an expression (False)."""
    found: list[str] = []
    text = ""
    for literal, piece in parts:
        if literal:
            text += piece
            continue
        if text:
            found.append(f"'{text}'")
            text = ""
        found.append(piece)
    if text:
        found.append(f"'{text}'")
    return chain(found, " || ")


class Row:
    """A row that expressions can be made of: what its columns are called in SQL."""

    def __init__(self, table: Table, source: Source, alias: str) -> None:
        self.table = table
        self.source = source
        self.alias = alias

    def column(self, name: str) -> str:
        return f"{self.alias}.{sql_name(name)}"


class BaseRow(Row):
    """A row of a table itself, or of a table as it stood at a moment."""

    def __init__(self, renderer: Renderer, table: Table, source: Source, alias: str) -> None:
        super().__init__(table, source, alias)
        self.renderer = renderer
        self.within: str | None = None  # the flow run that the enclosing row belongs to
        self.found_by = ""  # what leads to the row, before it in FROM
        self.then = f"h{alias[1:]}"  # alias of the history row that held at the moment
        self.looks_back = False  # has a column of that row been asked for?

    def column(self, name: str) -> str:
        column, history = self.table.columns[name], self.table.history
        moment = self.source.moment
        if moment is not None and history is not None:
            if name in history.columns:
                self.looks_back = True
                return f"{self.then}.{history.columns[name]}"
            if name == history.started:
                return self.renderer.extreme(self, moment, "min", states.STARTS)
            if name == history.ended:
                return self.renderer.extreme(self, moment, "max", states.ENDS)
            if column.computed is not None:
                return self.renderer.last_sequence(self, moment)
        if column.computed is not None:
            return column.computed.format(row=self.alias)
        return f"{self.alias}.{sql_name(name)}"


class DerivedRow(BaseRow):
    """A row of a derived table, which selects the columns that are asked of it here.

    What has to be looked up in the past is looked up for the rows that are left, where that is possible.
    """

    def __init__(self, renderer: Renderer, table: Table, source: Source, alias: str) -> None:
        super().__init__(renderer, table, source, alias)
        self.asked: dict[str, None] = {}

    def column(self, name: str) -> str:
        history, moment = self.table.history, self.source.moment
        if moment is not None and history is not None:
            known_by_sequence = moment.by == "sequence" and history.first is not None and name in history.columns
            if known_by_sequence or name in (history.started, history.ended):
                self.asked["id"] = None
                return super().column(name)
        self.asked[name] = None
        return f"{self.alias}.{sql_name(name)}"


class GroupRow(Row):
    """What the rows of a group have in common: the columns that they are grouped by, by name."""

    def __init__(self, table: Table, source: Source, columns: Mapping[str, str]) -> None:
        super().__init__(table, source, "")
        self.columns = columns

    def column(self, name: str) -> str:
        return self.columns[name]


def render(plan: Root, catalog: Catalog, dialect: Dialect = SQLITE, *, most_rows: int = 0) -> Template:
    """The statement that answers a plan with one row of one column: the JSON text of the root field's value.

    It fails where a list would have more than `most_rows` rows; 0 lets it have any number.
    """
    renderer = (dialect.renderer or Renderer)(catalog, dialect)
    renderer.most_rows = most_rows
    sql = renderer.root(plan)
    places: list[tuple[Slot, Encoder]] = []

    def placeholder(mark: re.Match[str]) -> str:
        places.append(renderer.places[int(mark.group(1))])
        return f"${len(places)}" if dialect.numbers_placeholders else "?"

    return Template(_MARK.sub(placeholder, sql), places)


class Renderer:
    """Composes one statement. As it stands it concatenates JSON text, which SQLite does fastest."""

    most_rows = 0

    def __init__(self, catalog: Catalog, dialect: Dialect) -> None:
        self.catalog = catalog
        self.dialect = dialect
        self.places: list[tuple[Slot, Encoder]] = []
        self.aliases = 0

    def root(self, plan: Root) -> str:
        """The whole statement, with marks for its values."""
        return "SELECT " + concatenated(self.pieces(plan, None))

    def mark(self, slot: Slot, encode: Encoder | None = None) -> str:
        self.places.append((slot, encode or self.dialect.value))
        return f"\x00{len(self.places) - 1}\x00"

    def fixed(self, value: Any, kind: Scalar, encode: Encoder) -> str:
        return self.mark(Slot(ConstantOrigin(value), kind, "value", "a constant"), encode)

    def alias(self, letter: str) -> str:
        self.aliases += 1
        return f"{letter}{self.aliases - 1}"

    # -- values of a row

    def value(self, output: Output, row: Row | None) -> str:
        """The SQL expression of an output's JSON text (of a list without its brackets).

        It is never NULL, which would swallow everything that it is joined to.
        """
        match output:
            case ColumnValue(column=name, path=path):
                assert row is not None
                if path is not None:
                    return self.dialect.json_path.format(
                        column=row.column(name), path=self.mark(path, self.dialect.path)
                    )
                return self.json(row.table.columns[name], row.column(name))
            case ManyRows(rows=rows, outputs=outputs):
                return f"({self.many(rows, outputs, row)})"
            case OneRow(rows=rows, outputs=outputs):
                return f"({self.dialect.one.format(selected=self.one(rows, outputs, row))})"
            case Summary(rows=rows, outputs=parts):
                return f"({self.summary(rows, parts, row)})"
            case Cursor():
                assert row is not None
                return self.cursor(output, row)
            case Constant():
                raise AssertionError("a constant is text, not an expression")

    def json(self, column: Column, sql: str) -> str:
        return self.dialect.json[column.type].format(sql)

    def object(self, outputs: Sequence[Output], row: Row) -> str:
        if self.is_plain(outputs, row.table):
            # One call takes half the time of quoting each value and joining them all.
            members = (
                f"'{output.key}', "
                + (row.column(output.column) if isinstance(output, ColumnValue) else f"'{output.value}'")
                for output in outputs
                if isinstance(output, ColumnValue | Constant)
            )
            return f"json_object({', '.join(members)})"
        pieces: list[tuple[bool, str]] = []
        for number, output in enumerate(outputs):
            pieces.append((True, f'{"," if number else "{"}"{output.key}":'))
            pieces.extend(self.pieces(output, row))
        pieces.append((True, "}"))
        return concatenated(pieces)

    def is_plain(self, outputs: Sequence[Output], table: Table) -> bool:
        """Whether an object has nothing but columns that SQLite's own function writes as they are stored."""
        return len(outputs) <= _MOST_MEMBERS and all(
            isinstance(output, Constant)
            or (isinstance(output, ColumnValue) and output.path is None and table.columns[output.column].type in _PLAIN)
            for output in outputs
        )

    def pieces(self, output: Output, row: Row | None) -> list[tuple[bool, str]]:
        """An output's JSON text as literal text (True) and expressions (False)."""
        if isinstance(output, Constant):
            return [(True, f'"{output.value}"')]
        if isinstance(output, ManyRows):
            return [(True, "["), (False, self.value(output, row)), (True, "]")]
        return [(False, self.value(output, row))]

    def one(self, rows: Rows, outputs: tuple[Output, ...], parent: Row | None) -> str:
        row = self.base(rows)
        return f"SELECT {self.object(outputs, row)} FROM {self.rest(rows, row, parent)}"

    def many(self, rows: Rows, outputs: tuple[Output, ...], parent: Row | None) -> str:
        if _is_counted_off(rows) and self.is_plain(outputs, self.catalog.tables[rows.source.table]):
            # Objects are made where the rows are found: handing on each of their columns takes a third more time.
            base = self.base(rows)
            item = f"{self.object(outputs, base)} AS object"
            found = f"SELECT {item} FROM {self.rest(rows, base, parent)}{self.counted_off(rows)}"
            alias = f"r{base.alias[1:]}"
            return self.dialect.listed.format(object=f"{alias}.object", rest=f"({found}) AS {alias}", some=self.some())
        row, rest = self.cut(rows, parent)
        item = self.object(outputs, row)
        return self.dialect.listed.format(object=item, rest=rest(), some=self.some())

    def some(self) -> str:
        """That there are rows to list, and not more than may be."""
        if not self.most_rows:
            return self.dialect.some
        return self.dialect.some_at_most.format(most=self.fixed(self.most_rows, "bigint", self.dialect.value))

    # -- summaries

    def summary(self, rows: Rows, parts: tuple[Constant | Measures | Nodes | Groups, ...], parent: Row | None) -> str:
        row, rest = self.cut(rows, parent)
        needs_rows = False
        pieces: list[tuple[bool, str]] = []
        for number, part in enumerate(parts):
            pieces.append((True, f'{"," if number else "{"}"{part.key}":'))
            if isinstance(part, Groups):
                pieces.extend([(True, "["), (False, f"({self.groups(part, rows, parent)})"), (True, "]")])
                continue
            if isinstance(part, Nodes):
                nodes = f"coalesce(group_concat({self.object(part.outputs, row)}, ','), '')"
                if self.most_rows:
                    nodes = f"CASE WHEN {self.some()} THEN {nodes} ELSE '' END"
                figures = [(True, "["), (False, nodes), (True, "]")]
            else:
                figures = self.measures(part, row)
            needs_rows = needs_rows or not all(literal for literal, _ in figures)
            pieces.extend(figures)
        pieces.append((True, "}"))
        selected = concatenated(pieces)
        # Nothing to compute gives one object, not one for each row.
        return f"SELECT {selected}" + (f" FROM {rest()}" if needs_rows else "")

    def groups(self, part: Groups, rows: Rows, parent: Row | None) -> str:
        """A SELECT of the groups as one JSON text, without its brackets."""
        row, rest = self.derived(rows, parent)
        narrowed = _is_narrowed(rows.where, row.table)
        common = GroupRow(row.table, row.source, {name: self.comparable(row, name) for name in part.by})
        pieces: list[tuple[bool, str]] = []
        for number, output in enumerate(part.outputs):
            pieces.append((True, f'{"," if number else "{"}"{output.key}":'))
            if isinstance(output, GroupKey):
                pieces.append((False, self.object(output.outputs, common)))
            else:
                pieces.extend(self.measures(output, row))
        pieces.append((True, "}"))
        alias = self.alias("g")
        # Where a condition narrows the rows down, it has to choose the index, not the order of the groups.
        grouped = self.grouped(f"{concatenated(pieces)} AS object", part, row, rest, "+" if narrowed else "")
        return self.dialect.listed.format(object=f"{alias}.object", rest=f"({grouped}) AS {alias}", some=self.some())

    def grouped(self, selected: str, part: Groups, row: Row, rest: Callable[[], str], sign: str = "") -> str:
        """A SELECT with a row for each group; the sign stands before what groups are made by."""
        keys = [f"{sign}{self.comparable(row, name)}" for name in part.by]
        order = [self.group_order(item, row) for item in part.order]
        sorted_by = {item.column for item in part.order if item.function is None}
        rest_of_keys = (GroupOrder(name, None, False, False) for name in part.by if name not in sorted_by)
        order += [self.group_order(item, row) for item in rest_of_keys]
        sql = f"SELECT {selected} FROM {rest()} GROUP BY {', '.join(keys)} ORDER BY {', '.join(order)}"
        if part.limit is not None or part.offset is not None:
            sql += f" LIMIT {self.dialect.no_limit if part.limit is None else self.mark(part.limit, encoders.count)}"
        if part.offset is not None:
            sql += f" OFFSET {self.mark(part.offset, encoders.count)}"
        return sql

    def group_order(self, order: GroupOrder, row: Row) -> str:
        if order.function is not None:
            sql = "count(*)" if order.column is None else self.measured(order.function, row, order.column)
            certain = order.column is None
        else:
            assert order.column is not None
            sql = self.sortable(row, order.column)
            certain = not row.table.columns[order.column].nullable
        return f"{sql} {self.directed(order.descending, order.nulls_first, certain)}"

    def measures(self, part: Constant | Count | Measure | Measures, row: Row) -> list[tuple[bool, str]]:
        match part:
            case Constant(value=value):
                return [(True, f'"{value}"')]
            case Count():
                return [(False, self.count(part, row))]
            case Measure(function=function, column=name):
                kind = scalars.measured(function, self.kind(row, name))
                return [(False, self.dialect.json[kind].format(self.measured(function, row, name)))]
            case Measures(outputs=outputs):
                pieces: list[tuple[bool, str]] = []
                for number, inner in enumerate(outputs):
                    pieces.append((True, f'{"," if number else "{"}"{inner.key}":'))
                    pieces.extend(self.measures(inner, row))
                return [*pieces, (True, "}")]

    def measured(self, function: str, row: Row, name: str) -> str:
        """A function of a column over all rows."""
        template = self.dialect.measures.get((function, self.kind(row, name)), "{function}({column})")
        return template.format(function=function, column=row.column(name))

    def comparable(self, row: Row, name: str) -> str:
        """A column as an expression of which equal values are equal."""
        sql = row.column(name)
        return self.dialect.comparable_json.format(column=sql) if self.kind(row, name) == "jsonb" else sql

    def kind(self, row: Row, name: str) -> Scalar:
        return row.table.columns[name].type

    def count(self, part: Count, row: Row) -> str:
        if not part.columns or (len(part.columns) > 1 and not part.distinct):
            # A row of several columns counts even where all of them are null.
            return "count(*)"
        columns = [self.comparable(row, name) for name in part.columns]
        if len(columns) > 1:
            return f"count(DISTINCT {self.dialect.distinct_rows.format(columns=', '.join(columns))})"
        return f"count({'DISTINCT ' if part.distinct else ''}{columns[0]})"

    # -- rows

    def base(self, rows: Rows) -> BaseRow:
        return BaseRow(self, self.catalog.tables[rows.source.table], rows.source, self.alias("t"))

    def cut(self, rows: Rows, parent: Row | None) -> tuple[Row, Callable[[], str]]:
        """The rows to show, and what follows FROM; the latter is asked for when every column has been asked of them.

        Where rows are ordered or counted off, that happens in a derived table, before anything else is looked up.
        """
        if not (rows.order or rows.distinct or rows.after or rows.limit is not None or rows.offset is not None):
            base = self.base(rows)
            return base, lambda: self.rest(rows, base, parent)
        return self.derived(rows, parent)

    def derived(self, rows: Rows, parent: Row | None) -> tuple[DerivedRow, Callable[[], str]]:
        base = self.base(rows)
        derived = DerivedRow(self, base.table, rows.source, f"r{base.alias[1:]}")
        return derived, lambda: f"({self.ordered(rows, base, derived, parent)}) AS {derived.alias}{self.then(derived)}"

    def ordered(self, rows: Rows, base: BaseRow, derived: DerivedRow, parent: Row | None) -> str:
        if rows.after is not None and self.dialect.unites_in_turn and _leaves_nulls(rows, rows.after, base.table):
            return self.ordered_with_nulls_last(rows, rows.after, base, derived, parent)
        columns = [f"{base.column(name)} AS {sql_name(name)}" for name in derived.asked] or ["1"]
        keys = [(self.key(item, base), self.direction(item, base.table)) for item in rows.order]
        if not rows.distinct:
            by = ", ".join(f"{sql} {direction}" for sql, direction in keys)
            begun = [] if rows.after is None else [self.after(rows.after, rows.order, base, None)]
            selected = f"SELECT {', '.join(columns)} FROM {self.rest(rows, base, parent, begun)}"
        else:
            # SQLite has no DISTINCT ON: the first row of each group in the order asked for.
            first = ", ".join(self.comparable(base, name) for name in rows.distinct)
            within = ", ".join(f"{sql} {direction}" for sql, direction in keys)
            number = f"row_number() OVER (PARTITION BY {first}{f' ORDER BY {within}' if within else ''}) AS number"
            every = [*columns, *(f"{sql} AS key{index}" for index, (sql, _) in enumerate(keys)), number]
            inner, alias = f"SELECT {', '.join(every)} FROM {self.rest(rows, base, parent)}", f"d{base.alias[1:]}"
            shown = ", ".join(f"{alias}.{sql_name(name)}" for name in derived.asked) or "1"
            selected = f"SELECT {shown} FROM ({inner}) AS {alias} WHERE {alias}.number = 1"
            if rows.after is not None:
                # Of the rows that are left, not of those that each was chosen from.
                selected += f" AND {self.after(rows.after, rows.order, base, alias)}"
            by = ", ".join(f"{alias}.key{index} {direction}" for index, (_, direction) in enumerate(keys))
        if by:
            selected += f" ORDER BY {by}"
        return selected + self.counted_off(rows)

    def counted_off(self, rows: Rows) -> str:
        """LIMIT and OFFSET, where there are any."""
        sql = ""
        if rows.limit is not None or rows.offset is not None:
            sql += f" LIMIT {self.dialect.no_limit if rows.limit is None else self.mark(rows.limit, encoders.count)}"
        if rows.offset is not None:
            sql += f" OFFSET {self.mark(rows.offset, encoders.count)}"
        return sql

    def ordered_with_nulls_last(
        self, rows: Rows, after: After, base: BaseRow, derived: DerivedRow, parent: Row | None
    ) -> str:
        """A page that goes on where there were no nulls yet, and may end among them.

        No index is entered by a condition that says "less, or null": so these are two lists, one after the other.
        """
        first, *others = rows.order
        columns = [f"{base.column(name)} AS {sql_name(name)}" for name in derived.asked]
        keys = [f"{self.key(item, base)} AS key{number}" for number, item in enumerate(rows.order)]
        directions = [self.directed(first.descending, first.nulls_first, True)]
        directions += [self.direction(item, base.table) for item in others]
        by = [f"key{number} {direction}" for number, direction in enumerate(directions)]
        mark = cursor.mark(base.table.name, rows.order)
        known = (msgspec.structs.replace(first, nulls_first=True), *others)
        assert rows.limit is not None
        lists = []
        for number, begun in enumerate(
            (self.after(after, known, base, None, mark), f"{self.key(first, base)} IS NULL")
        ):
            rest, limit = self.rest(rows, base, parent, [begun]), self.mark(rows.limit, encoders.count)
            selected = f"SELECT {', '.join([*columns, *keys])} FROM {rest} ORDER BY {', '.join(by)} LIMIT {limit}"
            lists.append(f"SELECT * FROM ({selected}) AS a{number}")
        shown = ", ".join(sql_name(name) for name in derived.asked) or "1"
        # The second list is looked at only where the first is too short: another ORDER BY would read both.
        both = f"({' UNION ALL '.join(lists)}) AS {self.alias('u')}"
        return f"SELECT {shown} FROM {both} LIMIT {self.mark(rows.limit, encoders.count)}"

    def key(self, order: Order, row: Row, *, sortable: bool = True) -> str:
        if order.path:
            (name, source), *rest = order.path
            way = row.table.relationships[name]
            there = self.base(Rows(source))
            inner = self.key(msgspec.structs.replace(order, path=tuple(rest)), there, sortable=sortable)
            conditions = [f"{there.column(way.theirs)} = {row.column(way.mine)}"]
            return f"(SELECT {inner} FROM {self.from_where(there, conditions)})"
        if order.total is not None:
            return self.total(order.total, row)
        assert order.column is not None
        return self.sortable(row, order.column) if sortable else row.column(order.column)

    def sortable(self, row: Row, name: str) -> str:
        """A column as an expression that sorts as its values do."""
        sql = row.column(name)
        return self.dialect.sortable_json.format(column=sql) if self.kind(row, name) == "jsonb" else sql

    def total(self, total: Total, row: Row) -> str:
        there = self.base(total.rows)
        figure = "count(*)" if total.column is None else self.measured(total.function, there, total.column)
        return f"(SELECT {figure} FROM {self.rest(total.rows, there, row)})"

    def direction(self, order: Order, table: Table) -> str:
        return self.directed(order.descending, order.nulls_first, _is_certain(order, table))

    def directed(self, descending: bool, nulls_first: bool, certain: bool) -> str:
        direction = "DESC" if descending else "ASC"
        # Saying what holds anyway would keep SQLite from using an index.
        if certain or (nulls_first is not descending) is self.dialect.null_is_least:
            return direction
        return f"{direction} NULLS {'FIRST' if nulls_first else 'LAST'}"

    # -- cursors

    def cursor(self, output: Cursor, row: Row) -> str:
        """The JSON text of a row's cursor: hexadecimal, so that it needs no escapes wherever it is written."""
        pieces: list[tuple[bool, str]] = [(True, f'["{cursor.mark(row.table.name, output.order)}"')]
        for order in output.order:
            pieces.extend([(True, ","), (False, self.place(order, row))])
        pieces.append((True, "]"))
        return self.dialect.cursor.format(text=concatenated(pieces))

    def place(self, order: Order, row: Row) -> str:
        """The JSON text of a row's value under a key of the order."""
        return self.json_text(self.key_kind(order, row.table), self.key(order, row, sortable=False))

    def json_text(self, kind: Scalar, sql: str) -> str:
        """The JSON text of a value, `null` for null."""
        return self.dialect.json[kind].format(sql)

    def key_kind(self, order: Order, table: Table) -> Scalar:
        for name, _ in order.path:
            table = self.catalog.tables[table.relationships[name].target]
        if order.total is None:
            assert order.column is not None
            return table.columns[order.column].type
        if order.total.column is None:
            return "bigint"
        counted = self.catalog.tables[order.total.rows.source.table]
        kind = scalars.measured(order.total.function, counted.columns[order.total.column].type)
        # A sum has more digits than what it is of.
        return "bigint" if kind == "Int" else kind

    def after(
        self, after: After, order: Sequence[Order], row: BaseRow, alias: str | None, mark: str | None = None
    ) -> str:
        """That a row comes after the cursor's: later in the first key, or equal in it and later in the second ..."""
        mark, last = mark or cursor.mark(row.table.name, order), len(order) - 1
        found = ""
        for index in range(last, -1, -1):
            item, is_null = order[index], after.nulls[index]

            def key(index: int = index, item: Order = item) -> str:
                return self.key(item, row) if alias is None else f"{alias}.key{index}"

            def value(index: int = index, item: Order = item) -> str:
                assert mark is not None
                return self.placed(after.cursor, index, mark, len(order), self.key_kind(item, row.table))

            certain = _is_certain(item, row.table)
            if is_null:
                beyond = f"{key()} IS NOT NULL" if item.nulls_first else ""
                equal = f"{key()} IS NULL"
            else:
                beyond = f"{key()} {'<' if item.descending else '>'} {value()}"
                if not item.nulls_first and not certain:
                    beyond = f"({beyond} OR {key()} IS NULL)"
                equal = f"{key()} = {value()}"
            if not found:
                found = beyond or self.dialect.false
            else:
                both = f"{equal} AND {found}"
                found = f"({beyond} OR {both})" if beyond else f"({both})"
            if index == 0 and last and not is_null and (item.nulls_first or certain):
                # Follows from the rest; an index can be entered by it.
                found = f"({key()} {'<=' if item.descending else '>='} {value()} AND {found})"
        return found

    def placed(self, slot: Slot, index: int, mark: str, keys: int, kind: Scalar) -> str:
        """A placeholder for a cursor's value under one key of the order."""
        inner = msgspec.structs.replace(slot, type=kind, form="value")
        encode = self.dialect.value

        def part(slot: Slot, value: Any) -> Any:
            found = cursor.read(value, mark, keys)[index]
            # A plan is for cursors that have their nulls in the same places.
            return None if found is None else encode(inner, found)

        return self.dialect.placed.get(kind, "{value}").format(
            value=self.mark(slot, part), type=self.dialect.types.get(kind)
        )

    def rest(self, rows: Rows, row: BaseRow, parent: Row | None, further: Sequence[str] = ()) -> str:
        """FROM and WHERE of a table's rows, those that the relationship from the parent leads to."""
        conditions: list[str] = []
        if parent is not None and rows.through is not None:
            way = parent.table.relationships[rows.through]
            conditions.append(f"{row.column(way.theirs)} = {parent.column(way.mine)}")
            if parent.table.run is not None and row.table.searched is not None:
                row.within = parent.column(parent.table.run)
        narrow = parent is not None or _is_narrow(rows.where, row.table)
        conditions.extend(self.conditions(rows.where, row, narrow))
        conditions.extend(further)
        return self.from_where(row, conditions)

    def from_where(self, row: BaseRow, conditions: list[str]) -> str:
        table, moment = row.table, row.source.moment
        if table.stored:
            sql = f"{row.found_by}{table.name} AS {row.alias}"
        elif row.source.reach is not None:
            sql = f"({self.reached(row.source.reach)}) AS {row.alias}"
        else:
            empty = ", ".join(
                f"{self.null(column.type)} AS {sql_name(column.name)}" for column in table.columns.values()
            )
            sql = f"(SELECT {empty} WHERE {self.dialect.false}) AS {row.alias}"
        if moment is not None and table.history is not None:
            if row.looks_back or moment.by == "time" or table.history.first is None:
                row.looks_back = True
                sql += self.then(row)
            else:
                conditions = [*conditions, f"{row.alias}.{table.history.first} <= {self.mark(moment.value)}"]
        elif moment is not None and table.feed is not None:
            conditions = [*conditions, self.until(moment, table.name, row.alias)]
        return sql + (f" WHERE {chain(conditions, ' AND ')}" if conditions else "")

    def reached(self, reach: Reach) -> str:
        """A SELECT of every task that a walk reaches, once, with the greatest number of steps that lead there."""
        walk = self.catalog.walks[reach.walk]
        way, task, edge = self.alias("w"), self.alias("t"), self.alias("e")
        start = self.mark(reach.start, encoders.uuids(self.dialect.values))
        among = self.dialect.among_uuids.format(column=f"{task}.id", value=start)
        steps = reach.steps or Slot(ConstantOrigin(None), "Int", "value", "args.depth_limit")
        most = self.dialect.placed.get("Int", "{value}").format(
            value=self.mark(steps, encoders.steps(walk.most_steps)), type=self.dialect.types.get("Int")
        )
        return (
            f"WITH RECURSIVE {way} (task_id, depth) AS (SELECT {task}.id, 0 FROM task AS {task} WHERE {among}"
            # UNION keeps a task once for each number of steps: walks through a lattice stay short, cycles end.
            f" UNION SELECT {edge}.{walk.there}, {way}.depth + 1 FROM {way}"
            f" CROSS JOIN edge AS {edge} WHERE {edge}.{walk.here} = {way}.task_id AND {way}.depth < {most})"
            f" SELECT {task}.tenant_id AS tenant_id, {task}.id AS task_id, max({way}.depth) AS depth FROM {way}"
            f" CROSS JOIN task AS {task} WHERE {task}.id = {way}.task_id GROUP BY {task}.id, {task}.tenant_id"
        )

    def null(self, kind: Scalar) -> str:
        return f"NULL::{self.dialect.types[kind]}" if self.dialect.types else "NULL"

    # -- the past

    def then(self, row: BaseRow) -> str:
        """A join with the row of history that held at the moment, where a column of it was asked for."""
        past, moment = row.table.history, row.source.moment
        if past is None or moment is None or not row.looks_back:
            return ""
        alias = self.alias("s")
        return (
            f" CROSS JOIN {past.table} AS {row.then} ON {row.then}.id = (SELECT {alias}.id FROM {past.table} AS {alias}"
            f" WHERE {alias}.{past.key} = {row.alias}.id AND {self.until(moment, past.table, alias)}"
            f" ORDER BY {alias}.sequence DESC LIMIT 1)"
        )

    def until(self, moment: Moment, table: str, alias: str) -> str:
        """That a row of a run's feed came at or before the moment.

        Stamps never decrease along a run's sequence, so comparing them gives the rows up to the greatest sequence
        stamped at or before a time, for any number of runs at once.
        """
        feed = self.catalog.tables[table].feed
        assert feed is not None
        return f"{alias}.{feed.sequence if moment.by == 'sequence' else feed.stamp} <= {self.mark(moment.value)}"

    def extreme(self, row: BaseRow, moment: Moment, function: str, group: Iterable[str]) -> str:
        past, alias = row.table.history, self.alias("s")
        assert past is not None
        names = self.fixed(sorted(group), "String", self.dialect.values)
        among = self.dialect.among.format(column=f"{alias}.state", value=names, type=self.dialect.types.get("String"))
        return (
            f"(SELECT {function}({alias}.timestamp) FROM {past.table} AS {alias}"
            f" WHERE {alias}.{past.key} = {row.alias}.id"
            f" AND {self.until(moment, past.table, alias)} AND {among})"
        )

    def last_sequence(self, row: BaseRow, moment: Moment) -> str:
        parts = []
        for table in self.catalog.tables.values():
            if table.feed is not None:
                alias = self.alias("s")
                parts.append(
                    f"coalesce((SELECT max({alias}.{table.feed.sequence}) FROM {table.name} AS {alias}"
                    f" WHERE {alias}.{table.run} = {row.alias}.id AND {self.until(moment, table.name, alias)}), 0)"
                )
        return f"{self.dialect.greatest}({', '.join(parts)})"

    # -- conditions

    def conditions(self, condition: Condition, row: BaseRow, narrow: bool) -> list[str]:
        if isinstance(condition, All):
            return [sql for inner in condition.conditions for sql in self.conditions(inner, row, narrow)]
        return [self.condition(condition, row, narrow)]

    def condition(self, condition: Condition, row: BaseRow, narrow: bool) -> str:
        match condition:
            case All(conditions=conditions) | Any_(conditions=conditions):
                every = isinstance(condition, All)
                if not conditions:
                    return self.dialect.true if every else self.dialect.false
                parts = [self.condition(inner, row, narrow) for inner in conditions]
                return f"({chain(parts, ' AND ' if every else ' OR ')})"
            case Not(condition=inner):
                return f"NOT ({self.condition(inner, row, narrow)})"
            case Compare(column=name, operator=operator, value=slot):
                kind, sql = self.kind(row, name), row.column(name)
                if condition.cast is not None:
                    kind, sql = condition.cast, self.dialect.json_as_text.format(column=sql)
                special = self.dialect.jsonb_operators if kind == "jsonb" else {}
                template, encode = special.get(operator) or self.dialect.operators[operator]
                named = self.dialect.types.get(kind)
                return template.format(column=sql, value=self.mark(slot, encode), type=named)
            case IsNull(column=name, null=null):
                return f"{row.column(name)} IS {'' if null else 'NOT '}NULL"
            case Related():
                return self.related(condition, row, narrow)
            case Search():
                return self.search(condition, row)
            case Shown():
                assert row.table.run is not None
                # Nearly always the list is empty. Seeing that first saves reading the key of every row.
                deletions, alias = self.catalog.deletions, self.alias("x")
                return (
                    f"(NOT EXISTS (SELECT 1 FROM {deletions}) OR NOT EXISTS (SELECT 1 FROM {deletions} AS {alias}"
                    f" WHERE {alias}.flow_run_id = {row.column(row.table.run)}))"
                )

    def search(self, condition: Search, row: BaseRow) -> str:
        """Rows whose words are in the index, and those that are not there yet one by one."""
        words = f"'message : (' || {self.mark(condition.words, encoders.words(search.fts5))} || ')'"
        late = f"text_search({{row}}.{condition.column}, {self.mark(condition.words, encoders.searchable)})"
        if row.within is not None and condition.run is None:
            # The index leads to the rows here: asked whether it knows a row, it would be searched anew for each.
            alias, one = self.alias("q"), self.alias("l")
            row.found_by = (
                f"(SELECT rowid AS number FROM log_word WHERE log_word MATCH {_of_run(row.within, words)} UNION ALL"
                f" SELECT {one}.number FROM log AS {one} WHERE {one}.number > (SELECT number FROM log_indexed)"
                f" AND {one}.flow_run_id = {row.within} AND {late.format(row=one)}) AS {alias} CROSS JOIN "
            )
            return f"{row.alias}.number = {alias}.number"
        if condition.run is not None:
            words = _of_run(self.mark(condition.run), words)
        return (
            f"({row.alias}.number IN (SELECT rowid FROM log_word WHERE log_word MATCH {words})"
            f" OR {row.alias}.number > (SELECT number FROM log_indexed) AND {late.format(row=row.alias)})"
        )

    def related(self, condition: Related, row: BaseRow, narrow: bool) -> str:
        way: Relationship = row.table.relationships[condition.relationship]
        there = self.base(Rows(condition.source))
        mine, theirs = row.column(way.mine), there.column(way.theirs)
        if not way.many and not narrow:
            # Nothing else narrows the rows down: find the few related ones first, instead of looking at each row's.
            inside = self.conditions(condition.condition, there, _is_narrow(condition.condition, there.table))
            found = f"{mine} IN (SELECT {theirs} FROM {self.from_where(there, inside)})"
            # Under NOT, a row that leads nowhere has to be false here, not unknown.
            return f"({mine} IS NOT NULL AND {found})" if row.table.columns[way.mine].nullable else found
        inside = [f"{theirs} = {mine}", *self.conditions(condition.condition, there, True)]
        return f"EXISTS (SELECT 1 FROM {self.from_where(there, inside)})"


def _is_counted_off(rows: Rows) -> bool:
    """Whether rows are taken as they come, some of them: what is made of a row is not made of one that is left out."""
    return (
        (rows.limit is not None or rows.offset is not None)
        and not (rows.order or rows.distinct or rows.after)
        and rows.source.moment is None
    )


def _is_narrowed(condition: Condition, table: Table) -> bool:
    """Whether somebody asks for some of the rows only."""
    if isinstance(condition, All):
        return any(_is_narrowed(inner, table) for inner in condition.conditions)
    return isinstance(condition, Compare) and condition.column != table.tenant


def _of_run(run: str, words: str) -> str:
    """What to look for in the index of words among the lines of one run, which are few beside all lines."""
    return f"""'run : "' || replace({run}, '-', '') || '" AND ' || {words}"""


def _leaves_nulls(rows: Rows, after: After, table: Table) -> bool:
    """Whether rows that are null under the first key are still to come, behind all others."""
    first = rows.order[0]
    return (
        not after.nulls[0]
        and not first.nulls_first
        and not _is_certain(first, table)
        and not rows.distinct
        and rows.limit is not None
        and rows.offset is None
    )


def _is_certain(order: Order, table: Table) -> bool:
    """Whether no row can be null under a key of the order."""
    if order.path:
        return False
    if order.total is not None:
        return order.total.column is None
    return order.column is not None and not table.columns[order.column].nullable


def _is_narrow(condition: Condition, table: Table) -> bool:
    """Whether a condition on a key leaves few rows to look at."""
    if isinstance(condition, All):
        return any(_is_narrow(inner, table) for inner in condition.conditions)
    return (
        isinstance(condition, Compare)
        and condition.operator in ("_eq", "_in")
        and table.columns[condition.column].type == "uuid"
        and condition.column != table.tenant
    )
