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

from prefect.server import patterns, scalars, search, states
from prefect.server.catalog import Catalog, Column, Relationship, Role, Scalar, Table, sql_name
from prefect.server.graphql import cursor
from prefect.server.graphql.document import DocumentError
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
    ListOrigin,
    LiteralOrigin,
    ManyRows,
    Measure,
    Measures,
    Moment,
    Nodes,
    Not,
    ObjectOrigin,
    OneRow,
    Order,
    Origin,
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
    TenantOrigin,
    Total,
    VariableOrigin,
)


class Statement(msgspec.Struct, frozen=True):
    """SQL text and the values bound to it, in order."""

    sql: str
    parameters: tuple[Any, ...]


# -- values ------------------------------------------------------------------------------------------------------------

Encoder = Callable[[Slot, Any], Any]


def _value(slot: Slot, value: Any) -> Any:
    return scalars.COERCIONS[slot.type](value)


def _every(slot: Slot, value: Any) -> list[Any]:
    items = value if isinstance(value, list | tuple) else [value]
    if None in items:
        raise ValueError("must not hold null")
    coerce = scalars.COERCIONS[slot.type]
    return [coerce(item) for item in items]


def _list(slot: Slot, value: Any) -> str:
    return msgspec.json.encode(_every(slot, value)).decode()


def _count(slot: Slot, value: Any) -> int:
    # A limit of 64 bits is more rows than there are; whether it was meant is not ours to say.
    number = scalars.bigint(value)
    if number < 0:
        raise ValueError(f"must not be negative, but is {number}")
    return number


_STEP = re.compile(r"""\.?([^.\[\]"']+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['((?:[^'\\]|\\.)*)'\]""")


def _path(slot: Slot, value: Any) -> str:
    """A path into a JSON value, `$.a.b`, `a[0].b` or `["a b"]`, as SQLite writes it: keys escaped as in the JSON."""
    written = scalars.text(value)
    rest, steps, position = written.removeprefix("$"), ["$"], 0
    while position < len(rest):
        found = _STEP.match(rest, position)
        if found is None:
            raise ValueError(f"is no path into a JSON value: {scalars.shown(written)}")
        name, index, double, single = found.groups()
        if index is not None:
            steps.append(f"[{index}]")
        else:
            key = name if name is not None else re.sub(r"\\(.)", r"\1", double if double is not None else single)
            if '"' in key:
                raise ValueError(f"names a key with a quotation mark, which is not supported: {scalars.shown(written)}")
            steps.append("." + msgspec.json.encode(key).decode())
        position = found.end()
    return "".join(steps)


def _glob(slot: Slot, value: Any) -> str:
    """A LIKE pattern as a GLOB pattern, which is what SQLite matches with case and by an index."""
    pattern, position, found = scalars.text(value), 0, []
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 1
            if position == len(pattern):
                raise ValueError("is a pattern that ends with its escape character")
            character = pattern[position]
            found.append(f"[{character}]" if character in "*?[" else character)
        else:
            found.append({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}.get(character, character))
        position += 1
    return "".join(found)


def _pattern(slot: Slot, value: Any) -> str:
    pattern = scalars.text(value)
    if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
        raise ValueError("is a pattern that ends with its escape character")
    return pattern


def _regular(slot: Slot, value: Any) -> str:
    pattern = scalars.text(value)
    patterns.search(pattern, fold=False)
    return pattern


def _similar(slot: Slot, value: Any) -> str:
    """A SIMILAR TO pattern as the regular expression that means the same."""
    pattern = patterns.similar(scalars.text(value))
    patterns.search(pattern, fold=False)
    return pattern


def _words(write: Callable[[search.Query], str]) -> Encoder:
    return lambda slot, value: write(search.parse(scalars.text(value)))


def _searchable(slot: Slot, value: Any) -> str:
    search.parse(scalars.text(value))
    return str(value)


def _uuids(encode: Encoder) -> Encoder:
    """An encoder of lists that takes the array literal `{<uuid>,<uuid>}` as well."""

    def listed(slot: Slot, value: Any) -> Any:
        if isinstance(value, str) and value.strip().startswith("{") and value.strip().endswith("}"):
            value = [item.strip(' "') for item in value.strip()[1:-1].split(",") if item.strip()]
        return encode(slot, value)

    return listed


def _steps(most: int) -> Encoder:
    return lambda slot, value: most if value is None else min(scalars.integer(value), most)


class Dialect(msgspec.Struct, frozen=True):
    """In what a database differs from others, as far as composing text is concerned.

    In templates, `{column}` stands for a column or another expression, `{value}` for a placeholder and `{type}` for the
    column's type as `types` names it. How JSON is put together is up to the renderer.
    """

    name: str
    operators: Mapping[str, tuple[str, Encoder]]
    jsonb_operators: Mapping[str, tuple[str, Encoder]]
    json_path: str
    path: Encoder
    value: Encoder = _value
    values: Encoder = _list
    json: Mapping[Scalar, str] = {}
    one: str = ""
    listed: str = ""
    # That there are rows to list; the other one fails where they are more than may be, and says how many.
    some: str = "count(*) > 0"
    some_at_most: str = (
        "CASE WHEN count(*) > {most} THEN json_extract('{{}}', 'too many rows: ' || count(*)) ELSE count(*) > 0 END"
    )
    # What the database calls each type, where it has to be said.
    types: Mapping[Scalar, str] = {}
    numbers_placeholders: bool = False
    # An expression of which equal JSON values give equal values, in the order of JSON values.
    comparable_json: str = "json_canonical({column})"
    # The same, such that they also sort as JSON values do in PostgreSQL.
    sortable_json: str = "json_sortable({column})"
    # What a JSON value is as text.
    json_as_text: str = "json_as_text({column})"
    # Functions over all rows that are written otherwise than by their names, by the type of the column.
    measures: Mapping[tuple[str, Scalar], str] = {}
    among: str = "{column} IN (SELECT value FROM json_each({value}))"
    among_uuids: str = "{column} IN (SELECT value FROM json_each({value}))"
    # The JSON value that hides a text in hexadecimal digits.
    cursor: str = "json_quote(lower(hex({text})))"
    # A cursor's value, by the type of its key, where a placeholder alone will not do.
    placed: Mapping[Scalar, str] = {}
    distinct_rows: str = "json_array({columns})"
    greatest: str = "max"
    true: str = "1"
    false: str = "0"
    no_limit: str = "-1"
    # Whether UNION ALL gives the rows of its first half before those of the second, and asks that only if it must.
    unites_in_turn: bool = True
    # Whether null comes before everything where nothing is said about it.
    null_is_least: bool = True
    renderer: Callable[[Catalog, Dialect], Renderer] | None = None


_COMPARISONS: dict[str, tuple[str, Encoder]] = {
    "_eq": ("{column} = {value}", _value),
    "_neq": ("{column} <> {value}", _value),
    "_gt": ("{column} > {value}", _value),
    "_gte": ("{column} >= {value}", _value),
    "_lt": ("{column} < {value}", _value),
    "_lte": ("{column} <= {value}", _value),
    "_in": ("{column} IN (SELECT value FROM json_each({value}))", _list),
    "_nin": ("{column} NOT IN (SELECT value FROM json_each({value}))", _list),
}

# SQLite's sum() fails where the sum has more than 64 bits, and its avg() counts in floating point.
_MEASURES: dict[tuple[str, Scalar], str] = {
    (function, kind): f"{called}({{column}})"
    for function, called in {
        "stddev": "stddev_samp",
        "stddev_pop": "stddev_pop",
        "stddev_samp": "stddev_samp",
        "variance": "var_samp",
        "var_pop": "var_pop",
        "var_samp": "var_samp",
    }.items()
    for kind in scalars.NUMBERS
}
_MEASURES["sum", "bigint"] = "exact_sum({column})"
_MEASURES["avg", "bigint"] = "exact_avg({column})"

SQLITE = Dialect(
    name="sqlite",
    operators={
        **_COMPARISONS,
        "_like": ("{column} GLOB {value}", _glob),
        "_nlike": ("{column} NOT GLOB {value}", _glob),
        "_ilike": ("text_ilike({column}, {value})", _pattern),
        "_nilike": ("NOT text_ilike({column}, {value})", _pattern),
        "_similar": ("text_regex({column}, {value})", _similar),
        "_nsimilar": ("NOT text_regex({column}, {value})", _similar),
        "_regex": ("text_regex({column}, {value})", _regular),
        "_nregex": ("NOT text_regex({column}, {value})", _regular),
        "_iregex": ("text_iregex({column}, {value})", _regular),
        "_niregex": ("NOT text_iregex({column}, {value})", _regular),
    },
    jsonb_operators={
        "_eq": ("json_canonical({column}) = {value}", _value),
        "_neq": ("json_canonical({column}) <> {value}", _value),
        "_gt": ("json_compare({column}, {value}) > 0", _value),
        "_gte": ("json_compare({column}, {value}) >= 0", _value),
        "_lt": ("json_compare({column}, {value}) < 0", _value),
        "_lte": ("json_compare({column}, {value}) <= 0", _value),
        "_in": ("json_canonical({column}) IN (SELECT value FROM json_each({value}))", _list),
        "_nin": ("json_canonical({column}) NOT IN (SELECT value FROM json_each({value}))", _list),
        "_contains": ("json_contains({column}, {value})", _value),
        "_contained_in": ("json_contains({value}, {column})", _value),
        "_has_key": ("json_has_any({column}, {value})", _list),
        "_has_keys_any": ("json_has_any({column}, {value})", _list),
        "_has_keys_all": ("json_has_all({column}, {value})", _list),
    },
    json={
        "uuid": "json_quote({0})",
        "String": "json_quote({0})",
        "timestamptz": "json_quote({0})",
        "Int": "json_quote({0})",
        # A sum may have more digits than an integer of SQLite: it comes as text then.
        "bigint": "coalesce({0}, 'null')",
        "Float": "coalesce(float_text({0}), 'null')",
        "Boolean": "CASE {0} WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE 'null' END",
        "jsonb": "coalesce({0}, 'null')",
        "interval": "json_quote(interval_text({0}))",
    },
    json_path="coalesce({column} -> {path}, 'null')",
    path=_path,
    measures=_MEASURES,
    placed={"jsonb": "json_sortable({value})"},
    # Both give a second row, never looked at when there is a first. The same with coalesce() says it more plainly, but
    # its parentheses stay open around everything nested inside, and SQLite's parser keeps only a hundred things open.
    one="{selected} UNION ALL SELECT 'null'",
    listed="SELECT group_concat({object}, ',') FROM {rest} HAVING {some} UNION ALL SELECT ''",
)

# HAVING without GROUP BY came with SQLite 3.39, the operator -> with 3.38. Questions may be less deep here.
SQLITE_BEFORE_3_39 = msgspec.structs.replace(
    SQLITE,
    json_path="coalesce(json_at({column}, {path}), 'null')",
    listed="SELECT CASE WHEN {some} THEN group_concat({object}, ',') ELSE '' END FROM {rest}",
)


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


# -- text --------------------------------------------------------------------------------------------------------------

_MARK = re.compile("\x00([0-9]+)\x00")

# SQLite refuses expressions nested deeper than 1000, and a chain of n operators is n deep.
_CHAIN = 32

# A function of SQLite takes 127 arguments.
_MOST_MEMBERS = 63
# Types that json_object() writes as JSON as they are stored.
_PLAIN: frozenset[Scalar] = frozenset({"uuid", "String", "timestamptz", "Int", "bigint"})


def _chain(parts: Sequence[str], operator: str) -> str:
    """The parts joined by an associative operator, as a tree that stays flat."""
    while len(parts) > _CHAIN:
        parts = [f"({operator.join(parts[i : i + _CHAIN])})" for i in range(0, len(parts), _CHAIN)]
    return operator.join(parts)


def _concatenated(parts: Iterable[tuple[bool, str]]) -> str:
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
    return _chain(found, " || ")


class _Row:
    """A row that expressions can be made of: what its columns are called in SQL."""

    def __init__(self, table: Table, source: Source, alias: str) -> None:
        self.table = table
        self.source = source
        self.alias = alias

    def column(self, name: str) -> str:
        return f"{self.alias}.{sql_name(name)}"


class _BaseRow(_Row):
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


class _DerivedRow(_BaseRow):
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


class _GroupRow(_Row):
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
        return "SELECT " + _concatenated(self.pieces(plan, None))

    def mark(self, slot: Slot, encode: Encoder | None = None) -> str:
        self.places.append((slot, encode or self.dialect.value))
        return f"\x00{len(self.places) - 1}\x00"

    def fixed(self, value: Any, kind: Scalar, encode: Encoder) -> str:
        return self.mark(Slot(ConstantOrigin(value), kind, "value", "a constant"), encode)

    def alias(self, letter: str) -> str:
        self.aliases += 1
        return f"{letter}{self.aliases - 1}"

    # -- values of a row

    def value(self, output: Output, row: _Row | None) -> str:
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

    def object(self, outputs: Sequence[Output], row: _Row) -> str:
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
        return _concatenated(pieces)

    def is_plain(self, outputs: Sequence[Output], table: Table) -> bool:
        """Whether an object has nothing but columns that SQLite's own function writes as they are stored."""
        return len(outputs) <= _MOST_MEMBERS and all(
            isinstance(output, Constant)
            or (isinstance(output, ColumnValue) and output.path is None and table.columns[output.column].type in _PLAIN)
            for output in outputs
        )

    def pieces(self, output: Output, row: _Row | None) -> list[tuple[bool, str]]:
        """An output's JSON text as literal text (True) and expressions (False)."""
        if isinstance(output, Constant):
            return [(True, f'"{output.value}"')]
        if isinstance(output, ManyRows):
            return [(True, "["), (False, self.value(output, row)), (True, "]")]
        return [(False, self.value(output, row))]

    def one(self, rows: Rows, outputs: tuple[Output, ...], parent: _Row | None) -> str:
        row = self.base(rows)
        return f"SELECT {self.object(outputs, row)} FROM {self.rest(rows, row, parent)}"

    def many(self, rows: Rows, outputs: tuple[Output, ...], parent: _Row | None) -> str:
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

    def summary(self, rows: Rows, parts: tuple[Constant | Measures | Nodes | Groups, ...], parent: _Row | None) -> str:
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
        selected = _concatenated(pieces)
        # Nothing to compute gives one object, not one for each row.
        return f"SELECT {selected}" + (f" FROM {rest()}" if needs_rows else "")

    def groups(self, part: Groups, rows: Rows, parent: _Row | None) -> str:
        """A SELECT of the groups as one JSON text, without its brackets."""
        row, rest = self.derived(rows, parent)
        narrowed = _is_narrowed(rows.where, row.table)
        common = _GroupRow(row.table, row.source, {name: self.comparable(row, name) for name in part.by})
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
        grouped = self.grouped(f"{_concatenated(pieces)} AS object", part, row, rest, "+" if narrowed else "")
        return self.dialect.listed.format(object=f"{alias}.object", rest=f"({grouped}) AS {alias}", some=self.some())

    def grouped(self, selected: str, part: Groups, row: _Row, rest: Callable[[], str], sign: str = "") -> str:
        """A SELECT with a row for each group; the sign stands before what groups are made by."""
        keys = [f"{sign}{self.comparable(row, name)}" for name in part.by]
        order = [self.group_order(item, row) for item in part.order]
        sorted_by = {item.column for item in part.order if item.function is None}
        rest_of_keys = (GroupOrder(name, None, False, False) for name in part.by if name not in sorted_by)
        order += [self.group_order(item, row) for item in rest_of_keys]
        sql = f"SELECT {selected} FROM {rest()} GROUP BY {', '.join(keys)} ORDER BY {', '.join(order)}"
        if part.limit is not None or part.offset is not None:
            sql += f" LIMIT {self.dialect.no_limit if part.limit is None else self.mark(part.limit, _count)}"
        if part.offset is not None:
            sql += f" OFFSET {self.mark(part.offset, _count)}"
        return sql

    def group_order(self, order: GroupOrder, row: _Row) -> str:
        if order.function is not None:
            sql = "count(*)" if order.column is None else self.measured(order.function, row, order.column)
            certain = order.column is None
        else:
            assert order.column is not None
            sql = self.sortable(row, order.column)
            certain = not row.table.columns[order.column].nullable
        return f"{sql} {self.directed(order.descending, order.nulls_first, certain)}"

    def measures(self, part: Constant | Count | Measure | Measures, row: _Row) -> list[tuple[bool, str]]:
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

    def measured(self, function: str, row: _Row, name: str) -> str:
        """A function of a column over all rows."""
        template = self.dialect.measures.get((function, self.kind(row, name)), "{function}({column})")
        return template.format(function=function, column=row.column(name))

    def comparable(self, row: _Row, name: str) -> str:
        """A column as an expression of which equal values are equal."""
        sql = row.column(name)
        return self.dialect.comparable_json.format(column=sql) if self.kind(row, name) == "jsonb" else sql

    def kind(self, row: _Row, name: str) -> Scalar:
        return row.table.columns[name].type

    def count(self, part: Count, row: _Row) -> str:
        if not part.columns or (len(part.columns) > 1 and not part.distinct):
            # A row of several columns counts even where all of them are null.
            return "count(*)"
        columns = [self.comparable(row, name) for name in part.columns]
        if len(columns) > 1:
            return f"count(DISTINCT {self.dialect.distinct_rows.format(columns=', '.join(columns))})"
        return f"count({'DISTINCT ' if part.distinct else ''}{columns[0]})"

    # -- rows

    def base(self, rows: Rows) -> _BaseRow:
        return _BaseRow(self, self.catalog.tables[rows.source.table], rows.source, self.alias("t"))

    def cut(self, rows: Rows, parent: _Row | None) -> tuple[_Row, Callable[[], str]]:
        """The rows to show, and what follows FROM; the latter is asked for when every column has been asked of them.

        Where rows are ordered or counted off, that happens in a derived table, before anything else is looked up.
        """
        if not (rows.order or rows.distinct or rows.after or rows.limit is not None or rows.offset is not None):
            base = self.base(rows)
            return base, lambda: self.rest(rows, base, parent)
        return self.derived(rows, parent)

    def derived(self, rows: Rows, parent: _Row | None) -> tuple[_DerivedRow, Callable[[], str]]:
        base = self.base(rows)
        derived = _DerivedRow(self, base.table, rows.source, f"r{base.alias[1:]}")
        return derived, lambda: f"({self.ordered(rows, base, derived, parent)}) AS {derived.alias}{self.then(derived)}"

    def ordered(self, rows: Rows, base: _BaseRow, derived: _DerivedRow, parent: _Row | None) -> str:
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
            sql += f" LIMIT {self.dialect.no_limit if rows.limit is None else self.mark(rows.limit, _count)}"
        if rows.offset is not None:
            sql += f" OFFSET {self.mark(rows.offset, _count)}"
        return sql

    def ordered_with_nulls_last(
        self, rows: Rows, after: After, base: _BaseRow, derived: _DerivedRow, parent: _Row | None
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
            rest, limit = self.rest(rows, base, parent, [begun]), self.mark(rows.limit, _count)
            selected = f"SELECT {', '.join([*columns, *keys])} FROM {rest} ORDER BY {', '.join(by)} LIMIT {limit}"
            lists.append(f"SELECT * FROM ({selected}) AS a{number}")
        shown = ", ".join(sql_name(name) for name in derived.asked) or "1"
        # The second list is looked at only where the first is too short: another ORDER BY would read both.
        both = f"({' UNION ALL '.join(lists)}) AS {self.alias('u')}"
        return f"SELECT {shown} FROM {both} LIMIT {self.mark(rows.limit, _count)}"

    def key(self, order: Order, row: _Row, *, sortable: bool = True) -> str:
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

    def sortable(self, row: _Row, name: str) -> str:
        """A column as an expression that sorts as its values do."""
        sql = row.column(name)
        return self.dialect.sortable_json.format(column=sql) if self.kind(row, name) == "jsonb" else sql

    def total(self, total: Total, row: _Row) -> str:
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

    def cursor(self, output: Cursor, row: _Row) -> str:
        """The JSON text of a row's cursor: hexadecimal, so that it needs no escapes wherever it is written."""
        pieces: list[tuple[bool, str]] = [(True, f'["{cursor.mark(row.table.name, output.order)}"')]
        for order in output.order:
            pieces.extend([(True, ","), (False, self.place(order, row))])
        pieces.append((True, "]"))
        return self.dialect.cursor.format(text=_concatenated(pieces))

    def place(self, order: Order, row: _Row) -> str:
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
        self, after: After, order: Sequence[Order], row: _BaseRow, alias: str | None, mark: str | None = None
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

    def rest(self, rows: Rows, row: _BaseRow, parent: _Row | None, further: Sequence[str] = ()) -> str:
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

    def from_where(self, row: _BaseRow, conditions: list[str]) -> str:
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
        return sql + (f" WHERE {_chain(conditions, ' AND ')}" if conditions else "")

    def reached(self, reach: Reach) -> str:
        """A SELECT of every task that a walk reaches, once, with the greatest number of steps that lead there."""
        walk = self.catalog.walks[reach.walk]
        way, task, edge = self.alias("w"), self.alias("t"), self.alias("e")
        start = self.mark(reach.start, _uuids(self.dialect.values))
        among = self.dialect.among_uuids.format(column=f"{task}.id", value=start)
        steps = reach.steps or Slot(ConstantOrigin(None), "Int", "value", "args.depth_limit")
        most = self.dialect.placed.get("Int", "{value}").format(
            value=self.mark(steps, _steps(walk.most_steps)), type=self.dialect.types.get("Int")
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

    def then(self, row: _BaseRow) -> str:
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

    def extreme(self, row: _BaseRow, moment: Moment, function: str, group: Iterable[str]) -> str:
        past, alias = row.table.history, self.alias("s")
        assert past is not None
        names = self.fixed(sorted(group), "String", self.dialect.values)
        among = self.dialect.among.format(column=f"{alias}.state", value=names, type=self.dialect.types.get("String"))
        return (
            f"(SELECT {function}({alias}.timestamp) FROM {past.table} AS {alias}"
            f" WHERE {alias}.{past.key} = {row.alias}.id"
            f" AND {self.until(moment, past.table, alias)} AND {among})"
        )

    def last_sequence(self, row: _BaseRow, moment: Moment) -> str:
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

    def conditions(self, condition: Condition, row: _BaseRow, narrow: bool) -> list[str]:
        if isinstance(condition, All):
            return [sql for inner in condition.conditions for sql in self.conditions(inner, row, narrow)]
        return [self.condition(condition, row, narrow)]

    def condition(self, condition: Condition, row: _BaseRow, narrow: bool) -> str:
        match condition:
            case All(conditions=conditions) | Any_(conditions=conditions):
                every = isinstance(condition, All)
                if not conditions:
                    return self.dialect.true if every else self.dialect.false
                parts = [self.condition(inner, row, narrow) for inner in conditions]
                return f"({_chain(parts, ' AND ' if every else ' OR ')})"
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

    def search(self, condition: Search, row: _BaseRow) -> str:
        """Rows whose words are in the index, and those that are not there yet one by one."""
        words = f"'message : (' || {self.mark(condition.words, _words(search.fts5))} || ')'"
        late = f"text_search({{row}}.{condition.column}, {self.mark(condition.words, _searchable)})"
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

    def related(self, condition: Related, row: _BaseRow, narrow: bool) -> str:
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
