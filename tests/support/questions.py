"""Random rows, random questions about them, and what a few lines of Python answer.

Nothing here is shared with the compiler: it reads rows as dictionaries and says what has to come out.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cmp_to_key
from operator import itemgetter
from random import Random
from typing import Any

Row = dict[str, Any]

NAMES = [None, "", "a", "A", "b", "ä", "Ä", "a%", "a_b", "aXb", "ß", "z" * 5, "a\nb", "😀", "\u2028"]
TIMES = [None, *(f"2021-05-12T17:00:{second}+00:00" for second in ("00", "01", "01.5", "01.25", "59.999999"))]
JSONS: list[Any] = [
    *(None, {}, [], {"a": 1}, {"a": {"b": [1, 2]}, "c": None}, {"bb": 1, "a": 2}, ["x"], ["x", "y"], "x", "ä", 1, 1.0),
    *(1.5, -0.5, 2**53 + 1, 2**63 - 1, -(2**63), 1e300, True, False, [1, [2]], [[]], {"a": []}, ""),
    *(-0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1 + 0.2, 1e16, -1e-7, {"a": -0.0}),
]
NUMBERS = [-1, 0, 1, 2, 7, 2**31 - 1, -(2**31)]
LARGE = [0, 1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)]
# Microseconds, and how they are shown.
SPANS = {
    0: "00:00:00",
    1: "00:00:00.000001",
    1_500_000: "00:00:01.5",
    86_400_000_000: "1 day",
    90_061_500_000: "1 day 01:01:01.5",
    -2_000_000: "-00:00:02",
}


def _ids(kind: int, count: int) -> list[str]:
    return [f"{kind:08x}-0000-4000-8000-{number:012x}" for number in range(count)]


FLOWS, AGENTS, RUNS, TASKS, TASK_RUNS = _ids(3, 3), _ids(11, 2), _ids(6, 7), _ids(4, 4), _ids(7, 8)

COLUMNS: dict[str, dict[str, tuple[str, list[Any]]]] = {
    "flow": {
        "id": ("uuid", FLOWS),
        "name": ("String", NAMES[1:]),
        "version": ("Int", [None, *NUMBERS]),
        "archived": ("Boolean", [True, False]),
    },
    "agent": {"id": ("uuid", AGENTS), "name": ("String", NAMES)},
    "flow_run": {
        "id": ("uuid", RUNS),
        "flow_id": ("uuid", FLOWS),
        "agent_id": ("uuid", [None, *AGENTS]),
        "name": ("String", NAMES),
        "version": ("Int", NUMBERS),
        "start_time": ("timestamptz", TIMES),
        "auto_scheduled": ("Boolean", [True, False]),
        "context": ("jsonb", JSONS),
    },
    "task": {
        "id": ("uuid", TASKS),
        "flow_id": ("uuid", FLOWS),
        "max_retries": ("Int", [None, *NUMBERS]),
        "retry_delay": ("interval", [None, *SPANS]),
        "tags": ("jsonb", [["a"], ["a", "b"], [], ["ä"]]),
    },
    "task_run": {
        "id": ("uuid", TASK_RUNS),
        "flow_run_id": ("uuid", RUNS),
        "state": ("String", [None, "Success", "Failed"]),
        "map_index": ("Int", NUMBERS),
        "first_sequence": ("bigint", LARGE),
    },
}
# relationship: target, column here, column there, whether it leads to many rows
WAYS: dict[str, dict[str, tuple[str, str, str, bool]]] = {
    "flow": {
        "flow_runs": ("flow_run", "id", "flow_id", True),
        "tasks": ("task", "id", "flow_id", True),
    },
    "agent": {"flow_runs": ("flow_run", "id", "agent_id", True)},
    "flow_run": {
        "flow": ("flow", "flow_id", "id", False),
        "agent": ("agent", "agent_id", "id", False),
        "task_runs": ("task_run", "id", "flow_run_id", True),
    },
    "task": {"flow": ("flow", "flow_id", "id", False)},
    "task_run": {"flow_run": ("flow_run", "flow_run_id", "id", False)},
}
# What the database wants besides.
FIXED: dict[str, Row] = {
    "flow": {"project_id": FLOWS[0], "flow_group_id": FLOWS[0]},
    "agent": {"tenant_id": FLOWS[0]},
    "flow_run": {"scheduled_start_time": "2021-05-12T17:00:00+00:00"},
    "task": {},
    "task_run": {"task_id": FLOWS[0]},
}
ORDERED = ("_eq", "_neq", "_gt", "_gte", "_lt", "_lte")
LISTS = ("_in", "_nin")
LIKES = ("_like", "_nlike", "_ilike", "_nilike")
SIMILAR = ("_similar", "_nsimilar")
REGEXES = ("_regex", "_nregex", "_iregex", "_niregex")
KEYS = ("_has_key", "_has_keys_any", "_has_keys_all")
EXPRESSIONS = ["^a", "b$", "a.b", "[aä]", "(a|b)+", "^$", "a_?", "x*", "ä", "^[a-z]+$", "B", "\\%", "(?:^|_)b"]
SIMILARS = ["%a%", "a_b", "(a|b)%", "[ab]", "a\\%", "%", "_", "z{5}", "a|b", "[^a]%", "a.b", ""]
DIRECTIONS = ("asc", "asc_nulls_first", "asc_nulls_last", "desc", "desc_nulls_first", "desc_nulls_last")
NUMERIC = ("sum", "avg", "stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp")
MEASURES = ("min", "max", *NUMERIC)
PATHS = ["a", "$.a.b", "a.b[1]", "$", "[0]", '["bb"]', "[1][0]", "c", "nothing.here"]


# -- random rows and questions -----------------------------------------------------------------------------------------

# A library of properties gives the seed. Drawn piece by piece, questions as large as these come out alike and mostly
# empty.


def random_rows(chance: Random) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for table, columns in COLUMNS.items():
        ids = columns["id"][1]
        count = chance.randint(len(ids) // 2, len(ids)) if chance.random() < 0.9 else 0
        found[table] = [
            {name: ids[number] if name == "id" else chance.choice(pool) for name, (_, pool) in columns.items()}
            for number in range(count)
        ]
    return found


def random_where(chance: Random, table: str, depth: int = 2) -> Row:
    names = [*COLUMNS[table], *((*WAYS[table], "_and", "_or", "_not") if depth else ())]
    where: Row = {}
    for name in chance.sample(names, chance.choice((0, 1, 1, 1, 2))):
        if name in COLUMNS[table]:
            where[name] = random_comparison(chance, *COLUMNS[table][name])
        elif name in WAYS[table]:
            where[name] = random_where(chance, WAYS[table][name][0], depth - 1)
        elif name == "_not":
            where[name] = random_where(chance, table, depth - 1)
        else:
            items = [random_where(chance, table, depth - 1) for _ in range(chance.choice((0, 1, 2, 2, 3)))]
            where[name] = items[0] if len(items) == 1 and chance.random() < 0.5 else items
    return where


def random_comparison(chance: Random, kind: str, pool: list[Any]) -> Row:
    values = [shown(kind, item) for item in pool if item is not None]
    names = ["_is_null", *LISTS, *ORDERED]
    if kind == "String":
        names += [*LIKES, *SIMILAR, *REGEXES]
    if kind == "jsonb":
        names += ["_contains", "_contained_in", *KEYS, "_cast"]
    found: Row = {}
    for name in chance.sample(names, chance.choice((0, 1, 1, 1, 1, 2))):
        if name == "_is_null":
            found[name] = chance.choice((True, False, None))
        elif name in LISTS:
            found[name] = chance.sample(values, chance.randint(0, min(3, len(values))))
        elif name in LIKES:
            found[name] = "".join(
                chance.choices(["a", "B", "ä", "Ä", "%", "_", "X", "ß", "\\_", "\\%"], k=chance.randint(0, 4))
            )
        elif name in SIMILAR:
            found[name] = chance.choice(SIMILARS)
        elif name in REGEXES:
            found[name] = chance.choice(EXPRESSIONS)
        elif name == "_has_key":
            found[name] = chance.choice(("a", "x", "c", "ä"))
        elif name in KEYS:
            found[name] = chance.sample(("a", "x", "y", "c", "ä"), chance.randint(0, 2))
        elif name == "_cast":
            texts = [json_as_text(value) for value in values if not isinstance(value, float)]
            found[name] = {"String": random_comparison(chance, "String", [*texts, *NAMES])}
        else:
            found[name] = None if chance.random() < 0.1 else chance.choice(values)
    return found


def random_order(chance: Random, table: str, depth: int = 1) -> list[Row]:
    """Keys to sort by; rows may be equal in all of them."""
    keys: list[Row] = []
    for _ in range(chance.choice((0, 1, 1, 2))):
        draw = chance.random()
        ways = list(WAYS[table].items())
        if ways and draw < 0.4:
            name, (target, _, _, many) = chance.choice(ways)
            if many:
                keys.append({f"{name}_aggregate": random_total(chance, target)})
            elif depth:
                inner = random_order(chance, target, depth - 1)
                keys.append({name: inner[0] if inner else {}})
        else:
            names = chance.sample(sorted(COLUMNS[table]), chance.randint(0, 2))
            keys.append({name: chance.choice(DIRECTIONS) for name in names})
    return keys


def random_total(chance: Random, table: str) -> Row:
    if chance.random() < 0.4:
        return {"count": chance.choice(DIRECTIONS)}
    function = chance.choice(("min", "max", "sum", "avg"))
    columns = measurable(table, function)
    return {function: {chance.choice(columns): chance.choice(DIRECTIONS)}} if columns else {"count": "desc"}


def measurable(table: str, function: str) -> list[str]:
    numbers = (
        ("Int",) if function != "max" and function != "min" else ("Int", "bigint", "uuid", "String", "timestamptz")
    )
    return [name for name, (kind, _) in COLUMNS[table].items() if kind in numbers]


def random_measures(chance: Random, table: str) -> list[tuple[str, str | None]]:
    """Functions with their columns; `count` counts rows, `count distinct` the values of a column."""
    found: list[tuple[str, str | None]] = [("count", None)]
    for function in chance.sample(("count distinct", "count of", *MEASURES), 4):
        columns = list(COLUMNS[table]) if function.startswith("count") else measurable(table, function)
        if columns:
            found.append((function, chance.choice(columns)))
    return found


# -- the same in Python ------------------------------------------------------------------------------------------------

Truth = bool | None


def every(truths: Iterator[Truth]) -> Truth:
    found = list(truths)
    return False if False in found else None if None in found else True


def some_of(truths: Iterator[Truth]) -> Truth:
    found = list(truths)
    return True if True in found else None if None in found else False


def negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


class Python:
    """Answers from rows in memory."""

    def __init__(self, tables: dict[str, list[Row]], hidden: set[str]) -> None:
        self.tables = {name: [row for row in rows if self._shown(name, row, hidden)] for name, rows in tables.items()}

    def _shown(self, table: str, row: Row, hidden: set[str]) -> bool:
        return {"flow_run": row.get("id"), "task_run": row.get("flow_run_id")}.get(table) not in hidden

    def related(self, table: str, row: Row, way: str) -> tuple[str, list[Row]]:
        target, mine, theirs, _ = WAYS[table][way]
        value = row[mine]
        return target, [other for other in self.tables[target] if value is not None and other[theirs] == value]

    def holds(self, table: str, row: Row, where: Row) -> Truth:
        return every(self._holds(table, row, name, inner) for name, inner in where.items())

    def _holds(self, table: str, row: Row, name: str, inner: Any) -> Truth:
        if name in ("_and", "_or"):
            items = inner if isinstance(inner, list) else [inner]
            truths = (self.holds(table, row, item) for item in items)
            return every(truths) if name == "_and" else some_of(truths)
        if name == "_not":
            return negated(self.holds(table, row, inner))
        if name in WAYS[table]:
            target, found = self.related(table, row, name)
            return any(self.holds(target, other, inner) is True for other in found)
        kind = COLUMNS[table][name][0]
        return every(compare(kind, operator, row[name], value) for operator, value in inner.items())

    def keys(self, table: str, order: Row) -> Iterator[tuple[str, Callable[[Row], Any], str]]:
        """Of an order its keys: the kind of value, how to find a row's value, and the direction."""
        for name, value in order.items():
            if name in COLUMNS[table]:
                yield COLUMNS[table][name][0], itemgetter(name), value
            elif name in WAYS[table]:
                target = WAYS[table][name][0]
                for kind, inner, direction in self.keys(target, value):

                    def through(row: Row, name: str = name, inner: Callable[[Row], Any] = inner) -> Any:
                        _, there = self.related(table, row, name)
                        return inner(there[0]) if there else None

                    yield kind, through, direction
            else:
                way = name.removesuffix("_aggregate")
                target = WAYS[table][way][0]
                for function, columns in value.items():
                    pairs = [(None, columns)] if function == "count" else list(columns.items())
                    for column, direction in pairs:

                        def total(row: Row, way: str = way, function: str = function, column: Any = column) -> Any:
                            there, found = self.related(table, row, way)
                            return measure(there, found, function, column)

                        yield measured_kind(target, function, column), total, direction

    def order(self, table: str, found: list[Row], keys: Iterable[Row]) -> list[Row]:
        for kind, value_of, direction in reversed([key for order in keys for key in self.keys(table, order)]):
            down = direction.startswith("desc")
            nulls_first = direction.endswith("nulls_first") or direction == "desc"
            nulls = [row for row in found if value_of(row) is None]
            rest = [row for row in found if value_of(row) is not None]
            sign = -1 if down else 1

            def by(mine: Row, theirs: Row, kind: str = kind, value_of: Any = value_of, sign: int = sign) -> int:
                return sign * ordering(kind, value_of(mine), value_of(theirs))

            rest.sort(key=cmp_to_key(by))
            found = nulls + rest if nulls_first else rest + nulls
        return found

    def select(
        self,
        table: str,
        found: list[Row],
        where: Row,
        keys: list[Row],
        limit: int | None = None,
        offset: int | None = None,
        distinct: list[str] | None = None,
    ) -> list[Row]:
        kept = self.order(table, [row for row in found if self.holds(table, row, where) is True], keys)
        if distinct:
            first: dict[Any, Row] = {}
            for row in kept:
                first.setdefault(tuple(hashed(COLUMNS[table][name][0], row[name]) for name in distinct), row)
            kept = list(first.values())
        kept = kept[offset or 0 :]
        return kept if limit is None else kept[:limit]


def show(table: str, row: Row) -> Row:
    return {name: shown(COLUMNS[table][name][0], value) for name, value in row.items()}


def shown(kind: str, value: Any) -> Any:
    return SPANS[value] if kind == "interval" and value is not None else value


def hashed(kind: str, value: Any) -> Any:
    return _plain(value) if kind == "jsonb" else value


def _plain(value: Any) -> str:
    """Equal for equal JSON values: 1 and 1.0 are."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_plain(inner)}" for key, inner in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_plain, value)) + "]"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return json.dumps(value)
    return str(Fraction(value))


_RANKS = (type(None), str, float, bool, list, dict)


def _rank(value: Any) -> int:
    return _RANKS.index(float if isinstance(value, int) and not isinstance(value, bool) else type(value))


def ordering_json(mine: Any, theirs: Any, *, outside: bool = True) -> int:
    """As PostgreSQL's documentation words it: Object > Array > Boolean > Number > String > Null; longer > shorter."""
    if outside and (mine == []) != (theirs == []):
        return -1 if mine == [] else 1
    if _rank(mine) != _rank(theirs):
        return -1 if _rank(mine) < _rank(theirs) else 1
    if isinstance(mine, str):
        return ordering("String", mine, theirs)
    if isinstance(mine, list):
        pairs = zip(mine, theirs, strict=False)
    elif isinstance(mine, dict):
        pairs = zip(_flat(mine), _flat(theirs), strict=False)
    else:
        return 0 if mine is None else (mine > theirs) - (mine < theirs)
    if len(mine) != len(theirs):
        return -1 if len(mine) < len(theirs) else 1
    return next((found for one, other in pairs if (found := ordering_json(one, other, outside=False))), 0)


def _flat(value: Row) -> list[Any]:
    pairs = sorted(value.items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode()))
    return [part for pair in pairs for part in pair]


def ordering(kind: str, mine: Any, theirs: Any) -> int:
    if kind == "jsonb":
        return ordering_json(mine, theirs)
    if isinstance(mine, str):
        mine, theirs = mine.encode(), theirs.encode()
    return int(mine > theirs) - int(mine < theirs)


def like(text: str, pattern: str, *, fold: bool) -> bool:
    expression, escaped = "", False
    for character in pattern:
        if escaped:
            expression, escaped = expression + re.escape(character), False
        elif character == "\\":
            escaped = True
        else:
            expression += {"%": ".*", "_": "."}.get(character, re.escape(character))
    return re.fullmatch(expression, text, re.DOTALL | (re.IGNORECASE if fold else 0)) is not None


def similar(text: str, pattern: str) -> bool:
    expression = re.sub(r"\\.|[%_.]", lambda found: {"%": ".*", "_": ".", ".": r"\."}.get(found[0], found[0]), pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def matches(text: str, pattern: str, *, fold: bool) -> bool:
    expression = pattern.replace("$", r"\Z")
    return re.search(expression, text, re.DOTALL | (re.IGNORECASE if fold else 0)) is not None


def contains(whole: Any, part: Any, *, outside: bool = True) -> bool:
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            key in whole and contains(whole[key], inner, outside=False) for key, inner in part.items()
        )
    if isinstance(part, list):
        return isinstance(whole, list) and all(
            any(contains(mine, item, outside=False) for mine in whole) for item in part
        )
    if outside and isinstance(whole, list):
        return any(_plain(item) == _plain(part) for item in whole)
    return _plain(whole) == _plain(part)


def has_keys(value: Any, keys: list[str], among: Callable[[Iterable[bool]], bool]) -> bool:
    known = set(value) if isinstance(value, dict) else {value} if isinstance(value, str) else set()
    if isinstance(value, list):
        known = {item for item in value if isinstance(item, str)}
    return among(key in known for key in keys)


def json_as_text(value: Any) -> str:
    if isinstance(value, dict):
        flat = iter(_flat(value))
        return "{" + ", ".join(f"{json_as_text(key)}: {json_as_text(next(flat))}" for key in flat) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(json_as_text, value)) + "]"
    if isinstance(value, float) and value.is_integer() and abs(value) > 1e20:
        return str(round(Fraction(repr(value))))
    return json.dumps(value, ensure_ascii=False)


def compare(kind: str, operator: str, mine: Any, theirs: Any) -> Truth:
    if theirs is None:
        return True
    if operator == "_is_null":
        return (mine is None) is theirs
    if operator == "_cast":
        text = None if mine is None else json_as_text(mine)
        return every(compare("String", name, text, value) for name, value in theirs.get("String", {}).items())
    if operator in LISTS and not theirs:
        return operator == "_nin"
    if mine is None:
        return None
    if kind == "interval":
        mine = SPANS[mine] if operator in LISTS else mine
        theirs = theirs if operator in LISTS else next(span for span, text in SPANS.items() if text == theirs)
    if operator in LISTS:
        return any(hashed(kind, mine) == hashed(kind, item) for item in theirs) is (operator == "_in")
    sense = not operator.startswith("_n")
    if operator in LIKES:
        return like(mine, theirs, fold="ilike" in operator) is sense
    if operator in SIMILAR:
        return similar(mine, theirs) is sense
    if operator in REGEXES:
        return matches(mine, theirs, fold="iregex" in operator) is sense
    if operator == "_contains":
        return contains(mine, theirs)
    if operator == "_contained_in":
        return contains(theirs, mine)
    if operator == "_has_key":
        return has_keys(mine, [theirs], any)
    if operator in KEYS:
        return has_keys(mine, theirs, any if operator == "_has_keys_any" else all)
    found = ordering(kind, mine, theirs)
    return {
        "_eq": found == 0,
        "_neq": found != 0,
        "_gt": found > 0,
        "_gte": found >= 0,
        "_lt": found < 0,
        "_lte": found <= 0,
    }[operator]


def measured_kind(table: str, function: str, column: str | None) -> str:
    return COLUMNS[table][column][0] if column is not None and function in ("min", "max") else "number"


def measure(table: str, rows: list[Row], function: str, column: str | None) -> Any:
    if column is None:
        return len(rows)
    kind = COLUMNS[table][column][0]
    values = [row[column] for row in rows if row[column] is not None]
    if function == "count of":
        return len(values)
    if function == "count distinct":
        return len({hashed(kind, value) for value in values})
    if not values:
        return None
    if function in ("min", "max"):
        return (min if function == "min" else max)(values, key=cmp_to_key(lambda one, two: ordering(kind, one, two)))
    if function == "sum":
        return sum(values)
    mean = Fraction(sum(values), len(values))
    if function == "avg":
        return float(mean)
    divisor = len(values) - (function not in ("stddev_pop", "var_pop"))
    if not divisor:
        return None
    variance = sum((value - mean) ** 2 for value in values) / divisor
    return math.sqrt(variance) if function.startswith("stddev") else float(variance)


def at_path(value: Any, path: str) -> Any:
    for key, quoted, index in re.findall(r'([a-z]+)|\["(\w+)"\]|\[(\d+)\]', path):
        if index:
            if not isinstance(value, list) or int(index) >= len(value):
                return None
            value = value[int(index)]
        elif isinstance(value, dict) and (key or quoted) in value:
            value = value[key or quoted]
        else:
            return None
    return value


def alike(mine: Any, theirs: Any) -> bool:
    """Whether two answers are the same; what was rounded may differ in its last digit."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return mine.keys() == theirs.keys() and all(alike(mine[key], theirs[key]) for key in mine)
    if isinstance(mine, list) and isinstance(theirs, list):
        return len(mine) == len(theirs) and all(alike(one, two) for one, two in zip(mine, theirs, strict=True))
    if isinstance(mine, float) or isinstance(theirs, float):
        return (
            not isinstance(mine, bool | str | None | dict | list)
            and not isinstance(theirs, bool | str | None | dict | list)
            and math.isclose(mine, theirs, rel_tol=1e-12)
        )
    return type(mine) is type(theirs) and bool(mine == theirs)


def written(value: Any, *, enum: bool = False) -> str:
    """A value as GraphQL text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {written(inner, enum=enum)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(item, enum=enum) for item in value) + "]"
    return str(value) if enum and value is not None else json.dumps(value)
