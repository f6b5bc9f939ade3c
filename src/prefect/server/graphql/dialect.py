"""What a database calls the things that a plan asks for; SQLite's words are here, PostgreSQL's in `render_postgres`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from prefect.server import scalars
from prefect.server.catalog import Catalog, Scalar
from prefect.server.graphql import encoders
from prefect.server.graphql.encoders import Encoder

if TYPE_CHECKING:
    from prefect.server.graphql.render import Renderer


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
    value: Encoder = encoders.value
    values: Encoder = encoders.listed
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
    "_eq": ("{column} = {value}", encoders.value),
    "_neq": ("{column} <> {value}", encoders.value),
    "_gt": ("{column} > {value}", encoders.value),
    "_gte": ("{column} >= {value}", encoders.value),
    "_lt": ("{column} < {value}", encoders.value),
    "_lte": ("{column} <= {value}", encoders.value),
    "_in": ("{column} IN (SELECT value FROM json_each({value}))", encoders.listed),
    "_nin": ("{column} NOT IN (SELECT value FROM json_each({value}))", encoders.listed),
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
        "_like": ("{column} GLOB {value}", encoders.glob),
        "_nlike": ("{column} NOT GLOB {value}", encoders.glob),
        "_ilike": ("text_ilike({column}, {value})", encoders.pattern),
        "_nilike": ("NOT text_ilike({column}, {value})", encoders.pattern),
        "_similar": ("text_regex({column}, {value})", encoders.similar),
        "_nsimilar": ("NOT text_regex({column}, {value})", encoders.similar),
        "_regex": ("text_regex({column}, {value})", encoders.regular),
        "_nregex": ("NOT text_regex({column}, {value})", encoders.regular),
        "_iregex": ("text_iregex({column}, {value})", encoders.regular),
        "_niregex": ("NOT text_iregex({column}, {value})", encoders.regular),
    },
    jsonb_operators={
        "_eq": ("json_canonical({column}) = {value}", encoders.value),
        "_neq": ("json_canonical({column}) <> {value}", encoders.value),
        "_gt": ("json_compare({column}, {value}) > 0", encoders.value),
        "_gte": ("json_compare({column}, {value}) >= 0", encoders.value),
        "_lt": ("json_compare({column}, {value}) < 0", encoders.value),
        "_lte": ("json_compare({column}, {value}) <= 0", encoders.value),
        "_in": ("json_canonical({column}) IN (SELECT value FROM json_each({value}))", encoders.listed),
        "_nin": ("json_canonical({column}) NOT IN (SELECT value FROM json_each({value}))", encoders.listed),
        "_contains": ("json_contains({column}, {value})", encoders.value),
        "_contained_in": ("json_contains({value}, {column})", encoders.value),
        "_has_key": ("json_has_any({column}, {value})", encoders.listed),
        "_has_keys_any": ("json_has_any({column}, {value})", encoders.listed),
        "_has_keys_all": ("json_has_all({column}, {value})", encoders.listed),
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
    path=encoders.path,
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
