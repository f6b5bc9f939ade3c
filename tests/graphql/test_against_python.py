"""Random questions on random rows: what the database answers is what a few lines of Python answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from prefect.server.endpoint import Endpoint
from prefect.server.store import interface
from prefect.server.store.database import Store

Row = dict[str, Any]

NAMES = [None, "", "a", "A", "b", "ä", "Ä", "a%", "a_b", "aXb", "ß", "z" * 5]
TIMES = [None, *(f"2021-05-12T17:00:{second}+00:00" for second in ("00", "01", "01.5", "01.25", "59.999999"))]
JSONS = [None, {}, [], {"a": 1}, {"a": {"b": [1, 2]}, "c": None}, ["x"], ["x", "y"], "x", 1, 1.5, True, [1, [2]]]
NUMBERS = [-1, 0, 1, 2, 7]


def _ids(kind: int, count: int) -> list[str]:
    return [f"{kind:08x}-0000-4000-8000-{number:012x}" for number in range(count)]


FLOWS, AGENTS, RUNS, TASK_RUNS = _ids(3, 3), _ids(11, 2), _ids(6, 7), _ids(7, 8)

COLUMNS: dict[str, dict[str, tuple[str, list[Any]]]] = {
    "flow": {"id": ("uuid", FLOWS), "name": ("String", NAMES[1:]), "version": ("Int", NUMBERS)},
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
    "task_run": {
        "id": ("uuid", TASK_RUNS),
        "flow_run_id": ("uuid", RUNS),
        "state": ("String", [None, "Success", "Failed"]),
        "map_index": ("Int", NUMBERS),
    },
}
WAYS: dict[str, dict[str, tuple[str, str, str, bool]]] = {
    "flow": {"flow_runs": ("flow_run", "id", "flow_id", True)},
    "agent": {"flow_runs": ("flow_run", "id", "agent_id", True)},
    "flow_run": {
        "flow": ("flow", "flow_id", "id", False),
        "agent": ("agent", "agent_id", "id", False),
        "task_runs": ("task_run", "id", "flow_run_id", True),
    },
    "task_run": {"flow_run": ("flow_run", "flow_run_id", "id", False)},
}
FIXED: dict[str, Row] = {
    "flow": {"project_id": FLOWS[0], "flow_group_id": FLOWS[0]},
    "agent": {"tenant_id": FLOWS[0]},
    "flow_run": {"scheduled_start_time": "2021-05-12T17:00:00+00:00"},
    "task_run": {"task_id": FLOWS[0], "first_sequence": 1},
}
ORDERED = ("_eq", "_neq", "_gt", "_gte", "_lt", "_lte")
LISTS = ("_in", "_nin")
PATTERNS = ("_like", "_nlike", "_ilike", "_nilike")


# -- random rows and questions -----------------------------------------------------------------------------------------


# Hypothesis gives the seed. Drawn piece by piece, questions as large as these come out alike and mostly empty.


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
    values = [item for item in pool if item is not None]
    names = ["_is_null", *LISTS, *(("_eq", "_neq", "_contains", "_contained_in") if kind == "jsonb" else ORDERED)]
    if kind == "String":
        names += PATTERNS
    found: Row = {}
    for name in chance.sample(names, chance.choice((0, 1, 1, 1, 1, 2))):
        if name == "_is_null":
            found[name] = chance.choice((True, False, None))
        elif name in LISTS:
            found[name] = chance.sample(values, chance.randint(0, min(3, len(values))))
        elif name in PATTERNS:
            found[name] = "".join(
                chance.choices(["a", "B", "ä", "Ä", "%", "_", "X", "ß", "\\_", "\\%"], k=chance.randint(0, 4))
            )
        else:
            found[name] = None if chance.random() < 0.1 else chance.choice(values)
    return found


DIRECTIONS = ("asc", "asc_nulls_first", "asc_nulls_last", "desc", "desc_nulls_first", "desc_nulls_last")


def random_order(chance: Random, table: str) -> list[Row]:
    """Keys to sort by, ending with the id, so that there is one right order."""
    names = [name for name, (kind, _) in COLUMNS[table].items() if kind != "jsonb"]
    ways = [way for way, (target, _, _, many) in WAYS[table].items() if not many and "name" in COLUMNS[target]]
    keys: list[Row] = []
    for _ in range(chance.randint(0, 2)):
        if ways and chance.random() < 0.3:
            keys.append({chance.choice(ways): {"name": chance.choice(DIRECTIONS)}})
        else:
            keys.append({name: chance.choice(DIRECTIONS) for name in chance.sample(names, chance.randint(0, 2))})
    return [*keys, {"id": "asc"}]


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
        return every(compare(operator, row[name], value) for operator, value in inner.items())

    def order(self, table: str, found: list[Row], keys: list[Row]) -> list[Row]:
        flat = [(name, value) for key in keys for name, value in key.items()]
        for name, value in reversed(flat):
            if isinstance(value, dict):
                ((column, direction),) = value.items()

                def value_of(row: Row, name: str = name, column: str = column) -> Any:
                    _, there = self.related(table, row, name)
                    return there[0][column] if there else None

            else:
                direction = value

                def value_of(row: Row, name: str = name, column: str = "") -> Any:
                    return row[name]

            down = direction.startswith("desc")
            nulls_first = direction.endswith("nulls_first") or direction == "desc"
            nulls = [row for row in found if value_of(row) is None]
            rest = sorted(
                (row for row in found if value_of(row) is not None), key=lambda row: _sort(value_of(row)), reverse=down
            )
            if down:
                # A reversed sort keeps the earlier order of equals, as sorting one way would not.
                rest = sorted(
                    (row for row in found if value_of(row) is not None), key=lambda row: _Down(_sort(value_of(row)))
                )
            found = nulls + rest if nulls_first else rest + nulls
        return found

    def select(
        self, table: str, found: list[Row], where: Row, keys: list[Row], limit: int | None, offset: int | None
    ) -> list[Row]:
        kept = self.order(table, [row for row in found if self.holds(table, row, where) is True], keys)
        kept = kept[offset or 0 :]
        return kept if limit is None else kept[:limit]


def _sort(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


class _Down:
    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Down) -> bool:
        return bool(other.value < self.value)


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "_gt": lambda mine, theirs: mine > theirs,
    "_gte": lambda mine, theirs: mine >= theirs,
    "_lt": lambda mine, theirs: mine < theirs,
    "_lte": lambda mine, theirs: mine <= theirs,
}


def same(mine: Any, theirs: Any) -> bool:
    return json.dumps(mine, sort_keys=True) == json.dumps(theirs, sort_keys=True)


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


def contains(whole: Any, part: Any, *, top: bool = True) -> bool:
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(k in whole and contains(whole[k], v, top=False) for k, v in part.items())
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(contains(w, p, top=False) for w in whole) for p in part)
    if top and isinstance(whole, list):
        return any(same(item, part) for item in whole)
    return same(whole, part)


def compare(operator: str, mine: Any, theirs: Any) -> Truth:
    if theirs is None:
        return True
    if operator == "_is_null":
        return (mine is None) is theirs
    if operator in LISTS:
        if not theirs:
            return operator == "_nin"
        if mine is None:
            return None
        return any(same(mine, item) for item in theirs) is (operator == "_in")
    if mine is None:
        return None
    if operator in ("_eq", "_neq"):
        return same(mine, theirs) is (operator == "_eq")
    if operator in PATTERNS:
        return like(mine, theirs, fold="ilike" in operator) is not operator.startswith("_n")
    if operator == "_contains":
        return contains(mine, theirs)
    if operator == "_contained_in":
        return contains(theirs, mine)
    return COMPARE[operator](_sort(mine), _sort(theirs))


# -- the comparison ----------------------------------------------------------------------------------------------------


def written(value: Any, *, enum: bool = False) -> str:
    """A value as GraphQL text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {written(inner, enum=enum)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(item, enum=enum) for item in value) + "]"
    return str(value) if enum else json.dumps(value)


def put(store: interface.Store, tables: dict[str, list[Row]], hidden: set[str]) -> None:
    with store.transaction() as transaction:
        for table, found in tables.items():
            transaction.execute(f"DELETE FROM {table}")  # noqa: S608
            for row in found:
                stamp = {"created": TIMES[1], "updated": TIMES[1]}
                stored = {
                    name: json.dumps(value) if kind == "jsonb" and value is not None else value
                    for name, value in row.items()
                    for kind in (COLUMNS[table][name][0],)
                }
                every_value = {**FIXED[table], **stamp, **stored}
                if table == "task_run":
                    # Chance may give two of them one place in a run; the task makes them different.
                    every_value["task_id"] = row["id"]
                names, places = ", ".join(every_value), ", ".join("?" * len(every_value))
                transaction.execute(
                    f"INSERT INTO {table} ({names}) VALUES ({places})",  # noqa: S608
                    tuple(every_value.values()),
                )
        transaction.execute("DELETE FROM flow_run_deletion")
        for run in hidden:
            transaction.execute("INSERT INTO flow_run_deletion VALUES (?, ?)", (run, TIMES[1]))


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    store = Store(tmp_path_factory.mktemp("random") / "random.db")
    yield Endpoint(store)
    store.close()


@settings(max_examples=250, deadline=None)
@given(seed=some.integers(0, 2**64 - 1))
def test_the_database_answers_as_python_does(changing: Endpoint, seed: int) -> None:
    chance = Random(seed)
    tables = random_rows(chance)
    hidden = set(chance.sample(RUNS, chance.choice((0, 0, 1, 2))))
    put(changing.store, tables, hidden)
    python = Python(tables, hidden)
    for _ in range(8):
        table = chance.choice(sorted(COLUMNS))
        where, keys = random_where(chance, table), random_order(chance, table)
        limit, offset, inner_limit = (chance.choice((None, None, *range(5))) for _ in range(3))
        ways = [name for name, (_, _, _, many) in WAYS[table].items() if many]
        inner_where = {name: random_where(chance, WAYS[table][name][0], 1) for name in ways}
        columns = " ".join(COLUMNS[table])
        nested = " ".join(
            [
                *(f"{name} {{ id }}" for name, (_, _, _, many) in WAYS[table].items() if not many),
                *(
                    f"{name}(where: {written(inner_where[name])}, order_by: {{id: desc}}, "
                    f"limit: {json.dumps(inner_limit)}) "
                    f"{{ id }} {name}_aggregate(where: {written(inner_where[name])}) {{ aggregate {{ count }} }}"
                    for name in ways
                ),
            ]
        )
        literal = (
            f"{{ found: {table}(where: {written(where)}, order_by: {written(keys, enum=True)}, "
            f"limit: {json.dumps(limit)}, offset: {json.dumps(offset)}) {{ {columns} {nested} }} "
            f"summed: {table}_aggregate(where: {written(where)}) {{ aggregate {{ count }} }} }}"
        )
        variable = (
            f"query ($where: {table}_bool_exp, $keys: [{table}_order_by!], $limit: Int, $offset: Int) {{ "
            f"found: {table}(where: $where, order_by: $keys, limit: $limit, offset: $offset) {{ {columns} {nested} }} "
            f"summed: {table}_aggregate(where: $where) {{ aggregate {{ count }} }} }}"
        )
        every_row = python.tables[table]
        expected = []
        for row in python.select(table, every_row, where, keys, limit, offset):
            shown = dict(row)
            for name, (target, _, _, many) in WAYS[table].items():
                _, there = python.related(table, row, name)
                if not many:
                    shown[name] = {"id": there[0]["id"]} if there else None
                    continue
                kept = python.select(target, there, inner_where[name], [{"id": "desc"}], None, None)
                shown[name] = [{"id": other["id"]} for other in kept][:inner_limit]
                shown[f"{name}_aggregate"] = {"aggregate": {"count": len(kept)}}
            expected.append(shown)
        count = len([row for row in every_row if python.holds(table, row, where) is True])
        wanted = {"data": {"found": expected, "summed": {"aggregate": {"count": count}}}}
        assert json.loads(changing.answer(literal)) == wanted
        given_values = {"where": where, "keys": keys, "limit": limit, "offset": offset}
        assert json.loads(changing.answer(variable, given_values)) == wanted
