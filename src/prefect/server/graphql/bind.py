"""A document, its variables, the catalog and a role, to plans; what is wrong with a request is said here.

Binding asks of the variables only what shapes the answer (is it null, which keys has an object, which way to sort);
their values stay in the request, and `variables.shape` names what was asked, so that a plan serves every request
like it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import msgspec

from prefect.server import scalars
from prefect.server.catalog import Catalog, Column, Relationship, Scalar, Table, Walk
from prefect.server.errors import did_you_mean
from prefect.server.graphql import cursor
from prefect.server.graphql.arguments import ArgumentReader, Given, Handed
from prefect.server.graphql.document import (
    Field,
    Lifted,
    Null,
    Operation,
)
from prefect.server.graphql.limits import refusal
from prefect.server.graphql.plan import (
    TRUE,
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
    TenantOrigin,
    Total,
)
from prefect.server.graphql.selections import chosen, one_field

DIRECTIONS = {
    # direction: (descending, nulls first)
    "asc": (False, False),
    "asc_nulls_first": (False, True),
    "asc_nulls_last": (False, False),
    "desc": (True, True),
    "desc_nulls_first": (True, True),
    "desc_nulls_last": (True, False),
}


def roots(catalog: Catalog) -> dict[str, tuple[Table, str]]:
    """Every root field for tables: the table, and which of `many`, `summary`, `one` it answers."""
    found: dict[str, tuple[Table, str]] = {}
    for table in catalog.tables.values():
        if table.exposed:
            found[table.name] = (table, "many")
            found[f"{table.name}_aggregate"] = (table, "summary")
            if table.primary_key:
                found[f"{table.name}_by_pk"] = (table, "one")
    for walk in catalog.walks.values():
        found[walk.name] = (catalog.tables[walk.table], "many")
        found[f"{walk.name}_aggregate"] = (catalog.tables[walk.table], "summary")
    return found


def _certain(order: tuple[Order, ...], table: Table) -> tuple[Order, ...]:
    """The order, with further keys until no two rows are equal in it."""
    sorted_by = {item.column for item in order if not item.path and item.total is None}
    return (*order, *(Order((), name, False, False) for name in table.identity if name not in sorted_by))


def measurable(table: Table, function: str) -> list[str]:
    """The columns of a table that have an aggregate function."""
    return [name for name, column in table.columns.items() if column.type in scalars.MEASURES[function]]


class Binder(ArgumentReader):
    """Makes plans of one operation's root fields. `scoped` says whether the role is bound to a tenant.

    Of the literals only cursors are looked at; `peeks` tells which.
    """

    def __init__(
        self,
        operation: Operation,
        values: Mapping[str, Any],
        catalog: Catalog,
        *,
        scoped: bool,
        literals: Sequence[Any] = (),
    ) -> None:
        super().__init__(operation, values)
        self.literals = literals
        self.catalog = catalog
        self.scoped = scoped
        self.twins: list[tuple[int, int]] = []
        self.peeks: list[cursor.Peek] = []
        self.searches = False  # does anything look for words?
        self.most_conditions = 0
        self.conditions = 0
        self.one_run = False  # do the rows that are being bound belong to a single flow run?

    @contextmanager
    def _inside(self, field: Field) -> Iterator[None]:
        at, one_run = self.at, self.one_run
        self.path.append(field.key)
        self.at = field.at
        yield
        self.path.pop()
        self.at, self.one_run = at, one_run

    def root(self, field: Field, table: Table, answer: str) -> Root:
        """The plan of one root field."""
        with self._inside(field):
            if answer == "one":
                return self._by_key(field, table)
            walk = self.catalog.walks.get(field.name.removesuffix("_aggregate"))
            if answer == "summary":
                return self._summary_of(field, table, walk=walk)
            return self._many(field, table, walk=walk)

    def _by_key(self, field: Field, table: Table) -> OneRow:
        kinds = {name: f"{table.columns[name].type}!" for name in table.primary_key}
        if table.run is not None:
            kinds["as_of"] = "bigint"
        given = self._arguments(field, kinds)
        moment = self._moment(table, given.get("as_of"), None)
        conditions: list[Condition] = []
        for name in table.primary_key:
            slot = self._slot(given[name], table.columns[name].type, "value", name) if name in given else None
            if slot is None:
                self.fail(f'Field "{field.name}" needs the argument "{name}" of type "{kinds[name]}".')
            conditions.append(Compare(name, "_eq", slot))
        self.one_run = table.run is not None
        where = self._guarded(All(tuple(conditions)), table, None)
        rows = Rows(Source(table.name, moment), None, where)
        return OneRow(field.key, rows, self._outputs(field, table, rows.source, _certain((), table)))

    def _many(
        self,
        field: Field,
        table: Table,
        way: Relationship | None = None,
        parent: Source | None = None,
        walk: Walk | None = None,
    ) -> ManyRows:
        rows = self._rows(field, table, way, parent, walk, {"after": "String"})
        certain = _certain(rows.order, table)
        outputs = self._outputs(field, table, rows.source, certain)
        given = dict(field.arguments).get("after")
        after = None if given is None else self._after(given, table, certain)
        if after is not None or any(isinstance(output, Cursor) for output in outputs):
            # A cursor is a place in an order in which every row has its own.
            rows = msgspec.structs.replace(rows, order=certain, after=after)
        return ManyRows(field.key, rows, outputs)

    def _summary_of(
        self,
        field: Field,
        table: Table,
        way: Relationship | None = None,
        parent: Source | None = None,
        walk: Walk | None = None,
    ) -> Summary:
        rows = self._rows(field, table, way, parent, walk, {"group_by": f"[{table.name}_select_column!]"})
        given = dict(field.arguments).get("group_by")
        by = () if given is None else self._columns(given, table, "group_by")
        return Summary(field.key, rows, self._summary(field, table, rows, by))

    # -- rows

    def _rows(
        self,
        field: Field,
        table: Table,
        way: Relationship | None,
        parent: Source | None,
        walk: Walk | None,
        further: Mapping[str, str],
    ) -> Rows:
        kinds = {
            "where": f"{table.name}_bool_exp",
            "order_by": f"[{table.name}_order_by!]",
            "limit": "Int",
            "offset": "Int",
            "distinct_on": f"[{table.name}_select_column!]",
            **further,
        }
        if table.run is not None:
            kinds["as_of"] = "bigint"
        if walk is not None:
            kinds["args"] = f"{walk.name}_args!"
        if table.searched is not None:
            kinds["search"] = "String"
        given = self._arguments(field, kinds)
        reach = None if walk is None else self._reach(field, given.get("args"), walk)
        source = Source(table.name, self._moment(table, given.get("as_of"), parent), reach)
        where = self._condition(given["where"], table, source, "where") if "where" in given else TRUE
        words = self._slot(given["search"], "String", "search", "search") if "search" in given else None
        if words is not None and table.searched is not None:
            self.searches = True
            search = Search(table.searched, words, self._run_of(table, where))
            where = All((*(where.conditions if isinstance(where, All) else (where,)), search))
        self.one_run = table.run is not None and (self.one_run or self._is_one_run(table, where))
        self._check_moment(table, source, "as_of" in given)
        order = self._order_by(given["order_by"], table, source, ()) if "order_by" in given else ()
        distinct = self._columns(given["distinct_on"], table, "distinct_on") if "distinct_on" in given else ()
        self._check_distinct(distinct, order)
        if words is not None and table.written is not None and not order and not distinct:
            order = _certain((Order((), table.written, True, True),), table)
        if reach is not None and not order and not distinct:
            order = (Order((), "depth", False, False), *_certain((), table))
        return Rows(
            source,
            None if way is None else way.name,
            self._guarded(where, table, parent),
            distinct,
            order,
            self._slot(given["limit"], "Int", "limit", "limit") if "limit" in given else None,
            self._slot(given["offset"], "Int", "limit", "offset") if "offset" in given else None,
        )

    def _reach(self, field: Field, given: Given | None, walk: Walk) -> Reach:
        kind = f"{walk.name}_args"
        if given is None:
            self.fail(f'Field "{field.name}" needs the argument "args" of type "{kind}!".')
        start: Slot | None = None
        steps: Slot | None = None
        for name, inner in self._object(given, kind, "args"):
            if name == "start_task_ids":
                start = self._slot(inner, "uuid", "list", "args.start_task_ids")
            elif name == "depth_limit":
                steps = self._slot(inner, "Int", "value", "args.depth_limit")
            else:
                known = ("start_task_ids", "depth_limit")
                self.fail(f'Field "{name}" is not defined by type "{kind}".{did_you_mean(name, known)}')
        nowhere = Slot(ConstantOrigin([]), "uuid", "list", "args.start_task_ids")
        return Reach(walk.name, start or nowhere, steps)

    def _after(self, given: Given, table: Table, order: tuple[Order, ...]) -> After | None:
        slot = self._slot(given, "String", "cursor", "after")
        if slot is None:
            return None
        mark = cursor.mark(table.name, order)
        if not any(self._may_be_null(table, item) for item in order):
            return After(slot, (False,) * len(order))
        self.peeks.append(cursor.Peek(slot.origin, mark, len(order)))
        try:
            found = cursor.read(cursor.handed(slot.origin, self.values, self.literals), mark, len(order))
        except ValueError as error:
            self.fail(f"after {error}.", code="validation-failed")
        return After(slot, tuple(value is None for value in found))

    def _may_be_null(self, table: Table, order: Order) -> bool:
        if order.path:
            return True
        if order.total is not None:
            return order.total.column is not None
        return order.column is None or table.columns[order.column].nullable

    def _check_distinct(self, distinct: tuple[str, ...], order: tuple[Order, ...]) -> None:
        # A column that is sorted by twice counts once.
        leading = list(dict.fromkeys(item.column if not item.path else None for item in order))[: len(distinct)]
        if distinct and order and set(leading) != set(distinct):
            self.fail(
                "The columns of distinct_on must come first in order_by: distinct_on has "
                + ", ".join(distinct)
                + "; order_by begins with "
                + (", ".join(column for column in leading if column is not None) or "something else")
                + "."
            )

    def _check_moment(self, table: Table, source: Source, given: bool) -> None:
        if not given or self.one_run or source.moment is None or source.moment.by == "time":
            return
        key = " or ".join(f'"{name}: {{_eq: ...}}"' for name in dict.fromkeys((table.run, *table.primary_key)))
        self.fail(
            "A sequence numbers the events of one flow run, so as_of takes one only beneath a single flow run: "
            f"add {key} to where, use {table.name}_by_pk, or give as_of a time."
        )

    def _is_one_run(self, table: Table, where: Condition) -> bool:
        if isinstance(where, All):
            return any(self._is_one_run(table, condition) for condition in where.conditions)
        keys = (table.run, *table.primary_key)
        return isinstance(where, Compare) and where.operator == "_eq" and where.column in keys

    def _run_of(self, table: Table, where: Condition) -> Slot | None:
        """The one run whose rows a condition leaves."""
        if isinstance(where, All):
            return next((found for inner in where.conditions if (found := self._run_of(table, inner))), None)
        is_run = isinstance(where, Compare) and where.operator == "_eq" and where.column == table.run
        return where.value if is_run and isinstance(where, Compare) else None

    def _guarded(self, where: Condition, table: Table, parent: Source | None) -> Condition:
        """The condition, and what no request may leave out: the role's tenant, runs that are being deleted."""
        guards: list[Condition] = [] if where == TRUE else [where]
        # Relationships between a run's rows never leave the run, and its rows were looked at on the way here.
        if table.run is not None and (parent is None or self.catalog.tables[parent.table].run is None):
            guards.append(Shown())
        if self.scoped:
            guards.append(self._owned(table))
        return guards[0] if len(guards) == 1 else All(tuple(guards))

    def _owned(self, table: Table) -> Condition:
        if table.tenant is None:
            raise AssertionError(f"The table {table.name} names no tenant, so no role bound to one may read it.")
        if table.tenant in table.columns:
            return Compare(table.tenant, "_eq", Slot(TenantOrigin(), "uuid", "value", "the role's tenant"))
        way = table.relationships[table.tenant]
        return Related(way.name, Source(way.target), self._owned(self.catalog.tables[way.target]))

    def _moment(self, table: Table, given: Given | None, parent: Source | None) -> Moment | None:
        if table.run is None:
            return None
        if given is None or isinstance(given, Null):
            return None if parent is None else parent.moment
        if isinstance(given, Handed):
            # The type `moment` leaves it to the value.
            base = self.types[given.name].base
            by_sequence = base in ("Int", "bigint") or (base == "moment" and isinstance(given.value, int))
        else:
            by_sequence = isinstance(given, Lifted) and given.kind == "Int"
        kind: Scalar = "bigint" if by_sequence else "timestamptz"
        slot = self._slot(given, kind, "value", "as_of", checked=True)
        if slot is None:
            return None if parent is None else parent.moment
        return Moment("sequence" if by_sequence else "time", slot)

    # -- conditions

    def _count_condition(self) -> None:
        self.conditions += 1
        if self.conditions > self.most_conditions > 0:
            raise refusal("conditions", self.most_conditions, self.conditions)

    def _condition(self, given: Given, table: Table, source: Source, what: str) -> Condition:
        conditions: list[Condition] = []
        for name, inner in self._object(given, f"{table.name}_bool_exp", what):
            self._count_condition()
            place = f"{what}.{name}"
            if name == "_and":
                conditions.extend(
                    self._condition(item, table, source, place)
                    for item in self._list(inner, f"[{table.name}_bool_exp!]")
                )
            elif name == "_or":
                opened = self._present(inner, f"[{table.name}_bool_exp!]", place)
                if opened is not None:
                    every = self._list(opened, f"[{table.name}_bool_exp!]")
                    conditions.append(Any_(tuple(self._condition(item, table, source, place) for item in every)))
            elif name == "_not":
                opened = self._present(inner, f"{table.name}_bool_exp", place)
                if opened is not None:
                    conditions.append(Not(self._condition(opened, table, source, place)))
            elif name in table.columns:
                conditions.extend(self._comparison(inner, name, table.columns[name].type, place))
            elif name in table.relationships:
                way = table.relationships[name]
                opened = self._present(inner, f"{way.target}_bool_exp", place)
                if opened is not None:
                    conditions.append(self._related(opened, table, way, source, place))
            else:
                known = ("_and", "_or", "_not", *table.columns, *table.relationships)
                self.fail(f'Field "{name}" is not defined by type "{table.name}_bool_exp".{did_you_mean(name, known)}')
        flat: list[Condition] = []
        for condition in conditions:
            flat.extend(condition.conditions if isinstance(condition, All) else (condition,))
        return flat[0] if len(flat) == 1 else All(tuple(flat))

    def _related(self, given: Given, table: Table, way: Relationship, source: Source, what: str) -> Condition:
        target = self.catalog.tables[way.target]
        there = Source(target.name, source.moment if target.run is not None else None)
        condition = self._condition(given, target, there, what)
        return Related(way.name, there, self._guarded(condition, target, source))

    def _comparison(
        self, given: Given, column: str, kind: Scalar, what: str, cast: Scalar | None = None
    ) -> Iterator[Condition]:
        operators = scalars.OPERATORS[kind]
        for name, inner in self._object(given, f"{kind}_comparison_exp", what):
            self._count_condition()
            place = f"{what}.{name}"
            if name == "_is_null":
                null = self._boolean(inner, place)
                if null is not None:
                    yield IsNull(column, null)
                continue
            if name == "_cast" and kind in scalars.CASTS:
                yield from self._casts(inner, column, kind, place)
                continue
            form = operators.get(name)
            if form is None:
                known = (*operators, "_is_null", *(("_cast",) if kind in scalars.CASTS else ()))
                self.fail(
                    f'Operator "{name}" is not defined by type "{kind}_comparison_exp".{did_you_mean(name, known)}'
                )
            slot = self._slot(inner, "String" if form in ("text", "texts") else kind, form, place)
            # A comparison with null is true here, not unknown: the interface has always collapsed it.
            if slot is not None:
                yield Compare(column, name, slot, cast)

    def _casts(self, given: Given, column: str, kind: Scalar, what: str) -> Iterator[Condition]:
        for name, inner in self._object(given, f"{kind}_cast_exp", what):
            to = next((to for to in scalars.CASTS[kind] if to == name), None)
            if to is None:
                self.fail(
                    f'Field "{name}" is not defined by type "{kind}_cast_exp".{did_you_mean(name, scalars.CASTS[kind])}'
                )
            yield from self._comparison(inner, column, to, f"{what}.{name}", to)

    def _order_by(self, given: Given, table: Table, source: Source, path: tuple[Any, ...]) -> tuple[Order, ...]:
        found: list[Order] = []
        for item in self._list(given, f"[{table.name}_order_by!]"):
            for name, inner in self._object(item, f"{table.name}_order_by", "order_by"):
                self._count_condition()
                way = table.relationships.get(name)
                if name in table.columns:
                    found.extend(Order(path, name, *direction) for direction in self._direction(inner, name))
                elif name in table.aggregates:
                    found.extend(self._order_by_total(inner, table, table.aggregates[name], source, path))
                elif way is not None and not way.many:
                    target = self.catalog.tables[way.target]
                    there = Source(target.name, source.moment if target.run is not None else None)
                    found.extend(self._order_by(inner, target, there, (*path, (name, there))))
                else:
                    singles = (way.name for way in table.relationships.values() if not way.many)
                    known = (*table.columns, *singles, *table.aggregates)
                    self.fail(
                        f'Field "{name}" is not defined by type "{table.name}_order_by".{did_you_mean(name, known)}'
                    )
        return tuple(found)

    def _direction(self, given: Given, name: str) -> Iterator[tuple[bool, bool]]:
        """Whether to sort downwards and whether nulls come first; nothing of null."""
        opened = self._present(given, "order_by", f"order_by.{name}")
        if opened is not None:
            yield DIRECTIONS[self._enum(opened, "order_by", DIRECTIONS)]

    def _order_by_total(
        self, given: Given, table: Table, relationship: str, source: Source, path: tuple[Any, ...]
    ) -> Iterator[Order]:
        way = table.relationships[relationship]
        target = self.catalog.tables[way.target]
        there = Source(target.name, source.moment if target.run is not None else None)
        rows = Rows(there, way.name, self._guarded(TRUE, target, source))
        for function, column, direction in self._totals(given, target):
            yield Order(path, None, *direction, Total(rows, function, column))

    def _totals(self, given: Given, table: Table) -> Iterator[tuple[str, str | None, tuple[bool, bool]]]:
        """Each figure that an aggregate order names: the function, its column, the direction."""
        kind = f"{table.name}_aggregate_order_by"
        for name, inner in self._object(given, kind, "order_by"):
            if name == "count":
                for direction in self._direction(inner, name):
                    yield name, None, direction
                continue
            if name not in scalars.MEASURES:
                known = ("count", *scalars.MEASURES)
                self.fail(f'Field "{name}" is not defined by type "{kind}".{did_you_mean(name, known)}')
            columns = measurable(table, name)
            for column, way in self._object(inner, f"{table.name}_{name}_order_by", f"order_by.{name}"):
                if column not in columns:
                    self.fail(
                        f'Field "{column}" is not defined by type "{table.name}_{name}_order_by".'
                        + did_you_mean(column, columns)
                    )
                for direction in self._direction(way, column):
                    yield name, column, direction

    def _columns(self, given: Given, table: Table, what: str) -> tuple[str, ...]:
        kind = f"{table.name}_select_column"
        return tuple(dict.fromkeys(self._enum(item, kind, table.columns) for item in self._list(given, f"[{kind}!]")))

    # -- what of them

    def _outputs(self, field: Field, table: Table, source: Source, order: tuple[Order, ...]) -> tuple[Output, ...]:
        if not field.selections:
            self.fail(f'Field "{field.key}" of type "{table.name}" must have a selection of subfields.')
        found: list[Output] = []
        for fields in chosen(self.operation, field.selections, table.name, self.values).values():
            inner = one_field(fields, self.twins)
            with self._inside(inner):
                found.append(self._output(inner, table, source, order))
        return tuple(found)

    def _output(self, field: Field, table: Table, source: Source, order: tuple[Order, ...]) -> Output:
        name = field.name
        column = table.columns.get(name)
        if column is not None:
            return self._column(field, column)
        way = table.relationships.get(name)
        if way is not None:
            target = self.catalog.tables[way.target]
            if way.many:
                return self._many(field, target, way, source)
            given = self._arguments(field, {} if target.run is None else {"as_of": "bigint"})
            there = Source(target.name, self._moment(target, given.get("as_of"), source))
            self.one_run = self.one_run and target.run is not None
            self._check_moment(target, there, "as_of" in given)
            rows = Rows(there, name, self._guarded(TRUE, target, source))
            return OneRow(field.key, rows, self._outputs(field, target, there, _certain((), target)))
        if name in table.aggregates:
            way = table.relationships[table.aggregates[name]]
            return self._summary_of(field, self.catalog.tables[way.target], way, source)
        if name == "__typename":
            return self._typename(field, table.name)
        if name == "cursor":
            self._arguments(field, {})
            self._leaf(field, "String!")
            return Cursor(field.key, order)
        self._unknown(field, table.name, (*table.columns, *table.relationships, *table.aggregates, "cursor"))

    def _unknown(self, field: Field, kind: str, known: Iterable[str]) -> NoReturn:
        self.fail(f'Cannot query field "{field.name}" on type "{kind}".{did_you_mean(field.name, known)}')

    def _typename(self, field: Field, name: str) -> Constant:
        self._arguments(field, {})
        self._leaf(field, "String!")
        return Constant(field.key, name)

    def _leaf(self, field: Field, kind: str) -> None:
        if field.selections:
            self.fail(f'Field "{field.name}" must not have a selection since type "{kind}" has no subfields.')

    def _column(self, field: Field, column: Column) -> ColumnValue:
        self._leaf(field, column.type)
        if not field.arguments:
            return ColumnValue(field.key, column.name)
        given = self._arguments(field, {"path": "String"} if column.type == "jsonb" else {})
        path = self._slot(given["path"], "String", "path", "path") if "path" in given else None
        return ColumnValue(field.key, column.name, path)

    def _summary(
        self, field: Field, table: Table, rows: Rows, by: tuple[str, ...]
    ) -> tuple[Constant | Measures | Nodes | Groups, ...]:
        kind = f"{table.name}_aggregate"
        if not field.selections:
            self.fail(f'Field "{field.key}" of type "{kind}" must have a selection of subfields.')
        found: list[Constant | Measures | Nodes | Groups] = []
        for fields in chosen(self.operation, field.selections, kind, self.values).values():
            inner = one_field(fields, self.twins)
            with self._inside(inner):
                if inner.name == "aggregate":
                    self._arguments(inner, {})
                    found.append(Measures(inner.key, self._measures(inner, table)))
                elif inner.name == "nodes":
                    self._arguments(inner, {})
                    certain = _certain(rows.order, table)
                    found.append(Nodes(inner.key, self._outputs(inner, table, rows.source, certain)))
                elif inner.name == "groups":
                    found.append(self._groups(inner, field.name, table, rows.source, by))
                elif inner.name == "__typename":
                    found.append(self._typename(inner, kind))
                else:
                    self._unknown(inner, kind, ("aggregate", "nodes", "groups"))
        return tuple(found)

    def _groups(self, field: Field, summary: str, table: Table, source: Source, by: tuple[str, ...]) -> Groups:
        kind = f"{table.name}_aggregate_group"
        if not by:
            self.fail(f'Field "groups" needs the argument "group_by" of "{summary}": the columns to group by.')
        kinds = {"order_by": f"[{kind}_order_by!]", "limit": "Int", "offset": "Int"}
        given = self._arguments(field, kinds)
        if not field.selections:
            self.fail(f'Field "{field.key}" of type "{kind}" must have a selection of subfields.')
        outputs: list[Constant | GroupKey | Measures] = []
        for fields in chosen(self.operation, field.selections, kind, self.values).values():
            inner = one_field(fields, self.twins)
            with self._inside(inner):
                if inner.name == "key":
                    self._arguments(inner, {})
                    outputs.append(GroupKey(inner.key, self._group_key(inner, table, source, by)))
                elif inner.name == "aggregate":
                    self._arguments(inner, {})
                    outputs.append(Measures(inner.key, self._measures(inner, table)))
                elif inner.name == "__typename":
                    outputs.append(self._typename(inner, kind))
                else:
                    self._unknown(inner, kind, ("key", "aggregate"))
        return Groups(
            field.key,
            by,
            tuple(outputs),
            self._group_order(given["order_by"], table, by) if "order_by" in given else (),
            self._slot(given["limit"], "Int", "limit", "limit") if "limit" in given else None,
            self._slot(given["offset"], "Int", "limit", "offset") if "offset" in given else None,
        )

    def _group_key(self, field: Field, table: Table, source: Source, by: tuple[str, ...]) -> tuple[Output, ...]:
        """The columns that groups are made by, and the rows that those columns lead to."""
        kind = f"{table.name}_aggregate_group_key"
        ways = [way.name for way in table.relationships.values() if not way.many and way.mine in by]
        if not field.selections:
            self.fail(f'Field "{field.key}" of type "{kind}" must have a selection of subfields.')
        found: list[Output] = []
        for fields in chosen(self.operation, field.selections, kind, self.values).values():
            inner = one_field(fields, self.twins)
            with self._inside(inner):
                if inner.name == "__typename":
                    found.append(self._typename(inner, kind))
                elif inner.name in by or inner.name in ways:
                    found.append(self._output(inner, table, source, ()))
                elif inner.name in table.columns or inner.name in table.relationships:
                    self.fail(f'"{inner.name}" is not the same in a whole group: group_by has {", ".join(by)}.')
                else:
                    self._unknown(inner, kind, (*by, *ways))
        return tuple(found)

    def _group_order(self, given: Given, table: Table, by: tuple[str, ...]) -> tuple[GroupOrder, ...]:
        kind = f"{table.name}_aggregate_group_order_by"
        found: list[GroupOrder] = []
        for item in self._list(given, f"[{kind}!]"):
            for name, inner in self._object(item, kind, "order_by"):
                if name == "key":
                    for column, way in self._object(
                        inner, f"{table.name}_aggregate_group_key_order_by", "order_by.key"
                    ):
                        if column not in by:
                            self.fail(
                                f'Groups cannot be sorted by "{column}": group_by has {", ".join(by)}.'
                                + did_you_mean(column, by)
                            )
                        found.extend(GroupOrder(column, None, *direction) for direction in self._direction(way, column))
                elif name == "aggregate":
                    found.extend(
                        GroupOrder(column, function, *direction)
                        for function, column, direction in self._totals(inner, table)
                    )
                else:
                    self.fail(
                        f'Field "{name}" is not defined by type "{kind}".{did_you_mean(name, ("key", "aggregate"))}'
                    )
        return tuple(found)

    def _measures(self, field: Field, table: Table) -> tuple[Constant | Count | Measure | Measures, ...]:
        kind = f"{table.name}_aggregate_fields"
        if not field.selections:
            self.fail(f'Field "{field.key}" of type "{kind}" must have a selection of subfields.')
        found: list[Constant | Count | Measure | Measures] = []
        for fields in chosen(self.operation, field.selections, kind, self.values).values():
            inner = one_field(fields, self.twins)
            with self._inside(inner):
                if inner.name == "count":
                    found.append(self._count(inner, table))
                elif inner.name in scalars.MEASURES:
                    self._arguments(inner, {})
                    found.append(Measures(inner.key, self._function(inner, table)))
                elif inner.name == "__typename":
                    found.append(self._typename(inner, kind))
                else:
                    self._unknown(inner, kind, ("count", *scalars.MEASURES))
        return tuple(found)

    def _count(self, field: Field, table: Table) -> Count:
        self._leaf(field, "Int")
        given = self._arguments(field, {"columns": f"[{table.name}_select_column!]", "distinct": "Boolean"})
        columns = self._columns(given["columns"], table, "columns") if "columns" in given else ()
        distinct = self._boolean(given["distinct"], "distinct") if "distinct" in given else None
        return Count(field.key, columns, bool(distinct) and bool(columns))

    def _function(self, field: Field, table: Table) -> tuple[Constant | Measure, ...]:
        kind = f"{table.name}_{field.name}_fields"
        columns = measurable(table, field.name)
        if not field.selections:
            self.fail(f'Field "{field.key}" of type "{kind}" must have a selection of subfields.')
        found: list[Constant | Measure] = []
        for fields in chosen(self.operation, field.selections, kind, self.values).values():
            inner = one_field(fields, self.twins)
            with self._inside(inner):
                if inner.name == "__typename":
                    found.append(self._typename(inner, kind))
                    continue
                self._arguments(inner, {})
                if inner.name not in columns:
                    self._unknown(inner, kind, columns)
                self._leaf(inner, table.columns[inner.name].type)
                found.append(Measure(inner.key, field.name, inner.name))
        return tuple(found)
