"""The GraphQL schema, made from the catalog and the operations.

It is kept as what introspection shows of it: plain dictionaries with the specification's keys. What many fields have in
common (the type `[flow_run!]!`, the arguments of every list of flow runs) is one object.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Literal,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from prefect.server import scalars
from prefect.server.catalog import Catalog, Scalar, Table
from prefect.server.graphql import bind, payload

if TYPE_CHECKING:
    # Handed in: what describes questions does not carry them out.
    from prefect.server.operations.base import Operation as Mutation
    from prefect.server.operations.base import Query

Described: TypeAlias = dict[str, Any]

_encode = msgspec.json.Encoder().encode

_SCALARS: Mapping[str, str | None] = {
    "Boolean": None,
    "Float": None,
    "ID": None,
    "Int": None,
    "String": None,
    "bigint": "A whole number of 64 bits.",
    "interval": "A span of time, `HH:MM:SS[.ffffff]` or `N days HH:MM:SS`.",
    "jsonb": "Any JSON value; written into a document, a GraphQL value. A field's `path` leads into it: `$.a[0].b`.",
    "moment": "An instant to look back to: a number of a flow run's sequence, or a time in ISO 8601.",
    "timestamptz": "A time in ISO 8601, answered in UTC.",
    "uuid": "A UUID, answered in lower case with hyphens.",
    "_uuid": "A list of UUIDs, written `{<uuid>,<uuid>}`.",
    "DateTime": "A time in ISO 8601; what the operations call `timestamptz`.",
    "JSON": "Any JSON value; what the operations call `jsonb`. Written into a document it is a string of JSON text.",
    "UUID": "A UUID; what the operations call `uuid`.",
}

_DIRECTIONS: Mapping[str, str] = {
    "asc": "upwards, nulls last",
    "asc_nulls_first": "upwards, nulls first",
    "asc_nulls_last": "upwards, nulls last",
    "desc": "downwards, nulls first",
    "desc_nulls_first": "downwards, nulls first",
    "desc_nulls_last": "downwards, nulls last",
}

_OPERAND: Mapping[str, str] = {"value": "{0}", "list": "[{0}!]", "pattern": "String", "text": "String"} | {
    "texts": "[String!]"
}

# What introspection shows of each of its own types: its fields, their types, and whether one takes includeDeprecated.
META: Mapping[str, Mapping[str, str]] = {
    "__Schema": {
        "description": "String",
        "types": "[__Type!]!",
        "queryType": "__Type!",
        "mutationType": "__Type",
        "subscriptionType": "__Type",
        "directives": "[__Directive!]!",
    },
    "__Type": {
        "kind": "__TypeKind!",
        "name": "String",
        "description": "String",
        "specifiedByURL": "String",
        "fields": "[__Field!]",
        "interfaces": "[__Type!]",
        "possibleTypes": "[__Type!]",
        "enumValues": "[__EnumValue!]",
        "inputFields": "[__InputValue!]",
        "ofType": "__Type",
        "isOneOf": "Boolean",
    },
    "__Field": {
        "name": "String!",
        "description": "String",
        "args": "[__InputValue!]!",
        "type": "__Type!",
        "isDeprecated": "Boolean!",
        "deprecationReason": "String",
    },
    "__InputValue": {
        "name": "String!",
        "description": "String",
        "type": "__Type!",
        "defaultValue": "String",
        "isDeprecated": "Boolean!",
        "deprecationReason": "String",
    },
    "__EnumValue": {
        "name": "String!",
        "description": "String",
        "isDeprecated": "Boolean!",
        "deprecationReason": "String",
    },
    "__Directive": {
        "name": "String!",
        "description": "String",
        "isRepeatable": "Boolean!",
        "locations": "[__DirectiveLocation!]!",
        "args": "[__InputValue!]!",
    },
}
META_ENUMS: Mapping[str, tuple[str, ...]] = {
    "__TypeKind": ("SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "LIST", "NON_NULL"),
    "__DirectiveLocation": (
        *("QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"),
        *("VARIABLE_DEFINITION", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INTERFACE"),
        *("UNION", "ENUM", "ENUM_VALUE", "INPUT_OBJECT", "INPUT_FIELD_DEFINITION"),
    ),
}
TAKES_DEPRECATED: Final = frozenset({"fields", "enumValues", "inputFields", "args"})


@dataclass(frozen=True)
class Schema:
    """Every type by name, and every directive."""

    types: Mapping[str, Described]
    directives: list[Described]


def shown(schema: Schema) -> Described:
    """The schema as introspection shows it."""
    found = schema.types
    return {
        "description": None,
        "types": list(found.values()),
        "queryType": found["query_root"],
        "mutationType": found["mutation_root"],
        "subscriptionType": found.get("subscription_root"),
        "directives": schema.directives,
    }


# The name of a feed, its arguments, and the structure of its entries.
Feed: TypeAlias = tuple[str, Mapping[str, str], type[msgspec.Struct]]


def build(
    catalog: Catalog, operations: Iterable[Mutation], queries: Iterable[Query], feeds: Iterable[Feed] = ()
) -> Schema:
    """The schema of a catalog, of every mutation, of the queries that no table answers, and of what is pushed."""
    made = _Maker(catalog)
    made.scalars()
    made.introspection()
    asked = made.roots()
    for query in queries:
        hints = get_type_hints(query.answer, include_extras=True)
        answered = made.output(hints["return"])
        asked.append(
            _field(
                query.name,
                made.ref(answered if answered.startswith("[") else answered.rstrip("!")),
                [_input(name, made.ref(made.input(hints[name]))) for name in query.arguments],
                _summary_line(query.answer),
            )
        )
    mutations = [
        _field(
            operation.name,
            made.ref(made.output(operation.payload_type).rstrip("!")),
            [_input("input", made.ref(f"{made.input_object(operation.input_type, operation.input_name)}!"))],
            _summary_line(operation.answer),
        )
        for operation in operations
    ]
    made.object("query_root", asked)
    made.object("mutation_root", mutations)
    pushed = [
        _field(
            name,
            made.ref(f"[{made.payload_object(event)}!]!"),
            [_input(argument, made.ref(kind)) for argument, kind in arguments.items()],
            _summary_line(event),
        )
        for name, arguments, event in feeds
    ]
    made.object("subscription_root", asked + pushed, "Every query, answered again when what it reads has changed.")
    return Schema(made.complete(), made.directives())


# -- parts -------------------------------------------------------------------------------------------------------------


def _field(name: str, kind: Described, arguments: list[Described] | None = None, says: str | None = None) -> Described:
    return {
        "name": name,
        "description": says,
        "args": arguments if arguments is not None else _NO_ARGUMENTS,
        "type": kind,
        "isDeprecated": False,
        "deprecationReason": None,
    }


_NO_ARGUMENTS: list[Described] = []


def _input(name: str, kind: Described, says: str | None = None, default: str | None = None) -> Described:
    return {
        "name": name,
        "description": says,
        "type": kind,
        "defaultValue": default,
        "isDeprecated": False,
        "deprecationReason": None,
    }


def _choice(name: str, says: str | None = None) -> Described:
    return {"name": name, "description": says, "isDeprecated": False, "deprecationReason": None}


def _summary_line(documented: Any) -> str | None:
    """The first line of a docstring; not the one that msgspec makes up for a structure without."""
    text = documented.__doc__
    return inspect.cleandoc(text).split("\n", 1)[0] if text and "\n" not in text[:1] else None


class _Maker:
    """Makes types; one that is referred to before it is made stays empty until then."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.types: dict[str, Described] = {}
        self.made: dict[str, Described] = {}
        self.wrapped: dict[str, Described] = {}
        self.lists: dict[str, list[Described]] = {}
        self.path = [_input("path", self.ref("String"))]

    def complete(self) -> Mapping[str, Described]:
        missing = self.types.keys() - self.made.keys()
        if missing:
            raise AssertionError(f"The schema refers to types that nothing defines: {', '.join(sorted(missing))}.")
        return self.made

    def named(self, name: str) -> Described:
        found = self.types.get(name)
        if found is None:
            found = self.types[name] = dict.fromkeys(("kind", *META["__Type"]))
            found["name"] = name
        return found

    def ref(self, text: str) -> Described:
        """The type that GraphQL writes so."""
        found = self.wrapped.get(text)
        if found is None:
            if text.endswith("!"):
                found = self.wrapper("NON_NULL", self.ref(text[:-1]))
            elif text.startswith("["):
                found = self.wrapper("LIST", self.ref(text[1:-1]))
            else:
                found = self.named(text)
            self.wrapped[text] = found
        return found

    def wrapper(self, kind: str, of: Described) -> Described:
        return {**dict.fromkeys(META["__Type"]), "kind": kind, "ofType": of}

    def define(self, name: str, kind: str, says: str | None, **parts: Any) -> str:
        if name in self.made:
            raise AssertionError(f"Two types are named {name}.")
        found = self.made[name] = self.named(name)
        found.update(kind=kind, description=says, **parts)
        return name

    def object(self, name: str, fields: Iterable[Described], says: str | None = None) -> str:
        return self.define(name, "OBJECT", says, fields=list(fields), interfaces=[])

    def input_type(self, name: str, fields: Iterable[Described], says: str | None = None) -> str:
        return self.define(name, "INPUT_OBJECT", says, inputFields=list(fields), isOneOf=False)

    def enum(self, name: str, values: Iterable[Described], says: str | None = None) -> str:
        return self.define(name, "ENUM", says, enumValues=list(values))

    # -- what every schema has

    def scalars(self) -> None:
        for name, says in _SCALARS.items():
            self.define(name, "SCALAR", says)
        for kind, operators in scalars.OPERATORS.items():
            fields = [
                _input(operator, self.ref(_OPERAND.get(form, form).format(kind)))
                for operator, form in operators.items()
            ]
            fields.append(_input("_is_null", self.ref("Boolean")))
            casts = scalars.CASTS.get(kind, ())
            if casts:
                fields.append(_input("_cast", self.ref(f"{kind}_cast_exp")))
                self.input_type(f"{kind}_cast_exp", (_input(to, self.ref(f"{to}_comparison_exp")) for to in casts))
            self.input_type(f"{kind}_comparison_exp", fields, "Every comparison holds; one with null does.")
        self.enum("order_by", (_choice(name, says) for name, says in _DIRECTIONS.items()))

    def introspection(self) -> None:
        deprecated = [_input("includeDeprecated", self.ref("Boolean"), default="false")]
        for name, fields in META.items():
            self.object(
                name,
                (
                    _field(key, self.ref(kind), deprecated if key in TAKES_DEPRECATED else None)
                    for key, kind in fields.items()
                ),
            )
        for name, values in META_ENUMS.items():
            self.enum(name, map(_choice, values))

    def directives(self) -> list[Described]:
        places = ["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"]
        reason = _input("reason", self.ref("String"), default='"No longer supported"')
        every = (
            ("include", "Only where the argument is true.", places, _input("if", self.ref("Boolean!"))),
            ("skip", "Only where the argument is false.", places, _input("if", self.ref("Boolean!"))),
            (
                "deprecated",
                "Marks what should not be used any more.",
                ["FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INPUT_FIELD_DEFINITION", "ENUM_VALUE"],
                reason,
            ),
            (
                "specifiedBy",
                "Where a scalar's form is specified.",
                ["SCALAR"],
                _input("url", self.ref("String!")),
            ),
        )
        return [
            {"name": name, "description": says, "isRepeatable": False, "locations": places, "args": [argument]}
            for name, says, places, argument in every
        ]

    # -- tables

    def roots(self) -> list[Described]:
        fields: list[Described] = []
        for table in self.catalog.tables.values():
            if table.exposed:
                self.table(table)
        for name, (table, answer) in bind.roots(self.catalog).items():
            if answer == "many":
                fields.append(_field(name, self.ref(f"[{table.name}!]!"), self.walk(name) + self.arguments(table)))
            elif answer == "summary":
                arguments = self.walk(name.removesuffix("_aggregate")) + self.arguments(table, "summary")
                fields.append(_field(name, self.ref(f"{table.name}_aggregate!"), arguments))
            else:
                keys = [_input(key, self.ref(f"{table.columns[key].type}!")) for key in table.primary_key]
                fields.append(_field(name, self.ref(table.name), keys + self.as_of(table)))
        return fields

    def as_of(self, table: Table) -> list[Described]:
        if table.run is None:
            return []
        if "as_of" not in self.lists:
            self.lists["as_of"] = [_input("as_of", self.ref("moment"))]
        return self.lists["as_of"]

    def walk(self, name: str) -> list[Described]:
        """The argument that says where a walk begins; none of a table."""
        if name not in self.catalog.walks:
            return []
        kind, most = f"{name}_args", self.catalog.walks[name].most_steps
        if kind not in self.made:
            start = _input("start_task_ids", self.ref("_uuid"), "Where to begin.")
            steps = _input("depth_limit", self.ref("Int"), f"How many steps to take, at most {most}.", str(most))
            self.input_type(kind, [start, steps])
        return [_input("args", self.ref(f"{kind}!"))]

    def search(self, table: Table) -> list[Described]:
        says = f'Words to find in `{table.searched}`: `timeout "connection reset" -retry`; newest first.'
        return [] if table.searched is None else [_input("search", self.ref("String"), says)]

    def arguments(self, table: Table, answer: str = "many") -> list[Described]:
        """Those of every list, or of every summary, of this table's rows."""
        name = table.name
        found = self.lists.get(f"{name} {answer}")
        if found is None:
            after = _input("after", self.ref("String"), "Only rows that come after the row of this cursor.")
            by = _input("group_by", self.ref(f"[{name}_select_column!]"), "The columns that `groups` are made by.")
            found = self.lists[f"{name} {answer}"] = [
                _input("where", self.ref(f"{name}_bool_exp")),
                _input("order_by", self.ref(f"[{name}_order_by!]")),
                _input("limit", self.ref("Int")),
                _input("offset", self.ref("Int")),
                _input("distinct_on", self.ref(f"[{name}_select_column!]")),
                after if answer == "many" else by,
                *self.search(table),
                *self.as_of(table),
            ]
        return found

    def table(self, table: Table) -> None:
        name = table.name
        fields: list[Described] = []
        for column in table.columns.values():
            kind = self.ref(column.type if column.nullable else f"{column.type}!")
            fields.append(_field(column.name, kind, self.path if column.type == "jsonb" else None))
        for way in table.relationships.values():
            target = self.catalog.tables[way.target]
            if way.many:
                fields.append(_field(way.name, self.ref(f"[{target.name}!]!"), self.arguments(target)))
            else:
                fields.append(_field(way.name, self.ref(target.name), self.as_of(target)))
        for aggregate, way_name in table.aggregates.items():
            target = self.catalog.tables[table.relationships[way_name].target]
            arguments = self.arguments(target, "summary")
            fields.append(_field(aggregate, self.ref(f"{target.name}_aggregate!"), arguments))
        fields.append(_field("cursor", self.ref("String!"), says="The row's place in its list: what `after` takes."))
        self.object(name, fields, f"A row of the table `{name}`.")
        self.enum(
            f"{name}_select_column",
            map(_choice, table.columns),
            f"The columns of `{name}`.",
        )
        self.conditions(table)
        self.order(table)
        self.aggregate(table)

    def conditions(self, table: Table) -> None:
        name = table.name
        itself = f"{name}_bool_exp"
        self.input_type(
            itself,
            (
                _input("_and", self.ref(f"[{itself}!]")),
                _input("_or", self.ref(f"[{itself}!]")),
                _input("_not", self.ref(itself)),
                *(_input(column.name, self.ref(f"{column.type}_comparison_exp")) for column in table.columns.values()),
                *(_input(way.name, self.ref(f"{way.target}_bool_exp")) for way in table.relationships.values()),
            ),
            "Every condition has to hold. Under a relationship: some row that it leads to satisfies them.",
        )

    def order(self, table: Table) -> None:
        fields = [_input(name, self.ref("order_by")) for name in table.columns]
        for way in table.relationships.values():
            if not way.many:
                fields.append(_input(way.name, self.ref(f"{way.target}_order_by")))
        for aggregate, way_name in table.aggregates.items():
            target = table.relationships[way_name].target
            fields.append(_input(aggregate, self.ref(f"{target}_aggregate_order_by")))
        self.input_type(f"{table.name}_order_by", fields, "Keys are applied in the order in which they are written.")

    def aggregate(self, table: Table) -> None:
        name = table.name
        count = _field(
            "count",
            self.ref("Int!"),
            [
                _input("columns", self.ref(f"[{name}_select_column!]")),
                _input("distinct", self.ref("Boolean")),
            ],
        )
        fields = [count]
        keys = [_input("count", self.ref("order_by"))]
        for function, columns in measured(table).items():
            kind = f"{name}_{function}_order_by"
            self.input_type(kind, (_input(column, self.ref("order_by")) for column in columns))
            keys.append(_input(function, self.ref(kind)))
            kind = f"{name}_{function}_fields"
            self.object(kind, (_field(column, self.ref(measure_type(function, table, column))) for column in columns))
            fields.append(_field(function, self.ref(kind)))
        self.input_type(f"{name}_aggregate_order_by", keys, "By figures about the rows that belong to a row.")
        self.object(f"{name}_aggregate_fields", fields)
        self.object(
            f"{name}_aggregate",
            (
                _field("aggregate", self.ref(f"{name}_aggregate_fields")),
                _field("nodes", self.ref(f"[{name}!]!")),
                _field("groups", self.ref(f"[{name}_aggregate_group!]!"), self.groups(table)),
            ),
        )

    def groups(self, table: Table) -> list[Described]:
        """The type of a group of rows; gives the arguments of a list of them."""
        group = f"{table.name}_aggregate_group"
        keys = [_field(column.name, self.ref(column.type)) for column in table.columns.values()]
        for way in table.relationships.values():
            if not way.many:
                keys.append(_field(way.name, self.ref(way.target), self.as_of(self.catalog.tables[way.target])))
        self.object(f"{group}_key", keys, "What the rows of a group have in common: the columns of `group_by`.")
        self.object(
            group,
            (
                _field("key", self.ref(f"{group}_key!")),
                _field("aggregate", self.ref(f"{table.name}_aggregate_fields!")),
            ),
            "Rows that are equal in the columns of `group_by`.",
        )
        self.input_type(f"{group}_key_order_by", (_input(column, self.ref("order_by")) for column in table.columns))
        self.input_type(
            f"{group}_order_by",
            (
                _input("key", self.ref(f"{group}_key_order_by")),
                _input("aggregate", self.ref(f"{table.name}_aggregate_order_by")),
            ),
            "Groups that are equal in every key follow each other in the order of their keys.",
        )
        return [
            _input("order_by", self.ref(f"[{group}_order_by!]")),
            _input("limit", self.ref("Int")),
            _input("offset", self.ref("Int")),
        ]

    # -- operations

    def output(self, kind: Any) -> str:
        """The GraphQL type of what an operation answers."""
        return self.written(kind, self.payload_object)

    def input(self, kind: Any) -> str:
        """The GraphQL type of what an operation takes."""
        return self.written(kind, self.input_object)

    def written(self, kind: Any, structure: Callable[[Any], str]) -> str:
        mark = payload._scalar(kind) if get_origin(kind) is Annotated else None
        if mark is not None:
            return mark if mark == "JSON" else f"{mark}!"
        origin = get_origin(kind)
        if origin is Annotated:
            return self.written(get_args(kind)[0], structure)
        if origin in (Union, types.UnionType):
            others = [item for item in get_args(kind) if item is not type(None)]
            if len(others) == 1:
                return self.written(others[0], structure).removesuffix("!")
            return "JSON"
        if origin in (list, tuple, Sequence):
            inner = self.written(get_args(kind)[0], structure)
            return f"[{inner}]!"
        if origin is Literal:
            return "String!"
        if isinstance(kind, type):
            if issubclass(kind, msgspec.Struct):
                return f"{structure(kind)}!"
            if issubclass(kind, Enum):
                name = getattr(kind, "graphql", "") or _snake(kind.__name__)
                if name not in self.made:
                    self.enum(name, (_choice(item.name) for item in kind), _summary_line(kind))
                return f"{name}!"
            if kind in _PLAIN:
                return f"{_PLAIN[kind]}!"
        return "JSON"

    def payload_object(self, kind: type[msgspec.Struct]) -> str:
        name = payload.type_name(kind)
        if name not in self.made:
            self.define(name, "OBJECT", _summary_line(kind), interfaces=[])
            fields = [_field(item.encode_name, self.ref(self.output(item.type))) for item in _fields(kind)]
            row = getattr(kind, "row", "")
            if row:
                fields.append(_field(row, self.ref(row), says="Its columns, as they are after the mutation."))
            self.made[name]["fields"] = fields
        return name

    def input_object(self, kind: type[msgspec.Struct], name: str = "") -> str:
        name = name or f"{_snake(kind.__name__.removesuffix('Input'))}_input"
        if name not in self.made:
            self.define(name, "INPUT_OBJECT", _summary_line(kind), isOneOf=False)
            self.made[name]["inputFields"] = [self.input_field(item) for item in _fields(kind)]
        return name

    def input_field(self, item: msgspec.structs.FieldInfo) -> Described:
        written = self.input(item.type)
        if item.required:
            return _input(item.encode_name, self.ref(written if written.endswith("!") else _required(written, item)))
        default = item.default
        shown = _encode(default).decode() if isinstance(default, bool | int | float | str) else None
        return _input(item.encode_name, self.ref(written.removesuffix("!")), default=shown)


_PLAIN: Mapping[type, str] = {str: "String", int: "Int", float: "Float", bool: "Boolean"}


def _required(written: str, item: msgspec.structs.FieldInfo) -> str:
    """A JSON value without a default has to be there; one that may be None may be null as well."""
    return written if type(None) in get_args(item.type) else f"{written}!"


def _fields(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def measured(table: Table) -> dict[str, list[str]]:
    """The functions over all rows' values that a table has, and the columns of each."""
    found = {
        function: [column.name for column in table.columns.values() if column.type in kinds]
        for function, kinds in scalars.MEASURES.items()
    }
    return {function: columns for function, columns in found.items() if columns}


def measure_type(function: str, table: Table, column: str) -> Scalar:
    """The type of a function of a column's values."""
    return scalars.measured(function, table.columns[column].type)


def print_schema(schema: Schema) -> str:
    """The schema in the schema definition language."""
    import graphql

    described = cast("graphql.IntrospectionQuery", {"__schema": shown(schema)})
    return graphql.print_schema(graphql.build_client_schema(described)) + "\n"
