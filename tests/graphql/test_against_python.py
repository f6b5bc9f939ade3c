"""Random questions on random rows: what the database answers is what a few lines of Python answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from prefect.server.endpoint import Endpoint
from prefect.server.scalars import interval_text
from prefect.server.store import interface
from prefect.server.store.opening import open_store
from tests.support.questions import (
    COLUMNS,
    DIRECTIONS,
    FIXED,
    FLOWS,
    JSONS,
    PATHS,
    RUNS,
    TASKS,
    TIMES,
    WAYS,
    Python,
    Row,
    alike,
    at_path,
    hashed,
    measure,
    measured_kind,
    ordering,
    random_measures,
    random_order,
    random_rows,
    random_where,
    show,
    shown,
    written,
)


def put(store: interface.Store, tables: dict[str, list[Row]], hidden: set[str]) -> None:
    def stored(kind: str, value: Any) -> Any:
        if kind == "jsonb" and value is not None:
            return json.dumps(value)
        if kind == "interval" and value is not None and store.kind == "postgresql":
            return interval_text(value)
        return value

    with store.transaction() as transaction:
        for table, found in tables.items():
            transaction.execute(f"DELETE FROM {table}")  # noqa: S608
            for row in found:
                values = {name: stored(COLUMNS[table][name][0], value) for name, value in row.items()}
                every_value = {**FIXED[table], "created": TIMES[1], "updated": TIMES[1], **values}
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


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "postgresql of another locale"])
def changing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    if request.param == "sqlite":
        store = open_store(tmp_path_factory.mktemp("random") / "random.db")
        yield Endpoint(store)
        store.close()
        return
    server = request.getfixturevalue("postgres_server")
    templates = request.getfixturevalue("postgres_templates")
    with server.database(templates["another" if "another" in request.param else "C"]) as url:
        store = open_store(url)
        yield Endpoint(store)
        store.close()


def ask(endpoint: Endpoint, text: str, variables: Row | None = None) -> Any:
    answer = json.loads(endpoint.answer(text, variables))
    assert "errors" not in answer, (text, variables, answer["errors"])
    return answer["data"]


Seeds = some.integers(0, 2**64 - 1)


@settings(max_examples=60, deadline=None)
@given(seed=Seeds)
def test_lists_are_those_of_python(changing: Endpoint, seed: int) -> None:
    chance = Random(seed)
    tables, python = _put_random(changing, chance)
    for _ in range(8):
        table = chance.choice(sorted(COLUMNS))
        where, keys = random_where(chance, table), [*random_order(chance, table), {"id": "asc"}]
        limit, offset, inner_limit = (chance.choice((None, None, *range(5))) for _ in range(3))
        distinct: list[str] = []
        if chance.random() < 0.2:
            distinct = chance.sample(sorted(COLUMNS[table]), chance.randint(1, 2))
            keys = [{name: chance.choice(DIRECTIONS)} for name in distinct] + keys
        many = [name for name, (_, _, _, many) in WAYS[table].items() if many]
        inner_where = {name: random_where(chance, WAYS[table][name][0], 1) for name in many}
        inner_keys = {name: [*random_order(chance, WAYS[table][name][0]), {"id": "desc"}] for name in many}
        path = chance.choice(PATHS)
        outputs = [
            *COLUMNS[table],
            *(f"at_{name}: {name}(path: {json.dumps(path)})" for name in _jsonb(table)),
            *(f"{name} {{ id }}" for name in WAYS[table] if name not in many),
        ]
        for name in many:
            inner = written(inner_where[name])
            order = written(inner_keys[name], enum=True)
            outputs.append(f"{name}(where: {inner}, order_by: {order}, limit: {json.dumps(inner_limit)}) {{ id }}")
            outputs.append(f"{name}_aggregate(where: {inner}) {{ aggregate {{ count }} }}")
        selected = " ".join(outputs)
        literal = (
            f"{{ found: {table}(where: {written(where)}, order_by: {written(keys, enum=True)}, distinct_on: "
            f"{written(distinct, enum=True)}, limit: {json.dumps(limit)}, offset: {json.dumps(offset)}) "
            f"{{ {selected} }} summed: {table}_aggregate(where: {written(where)}) {{ aggregate {{ count }} }} }}"
        )
        variable = (
            f"query ($where: {table}_bool_exp, $keys: [{table}_order_by!], $distinct: [{table}_select_column!], "
            f"$limit: Int, $offset: Int) {{ found: {table}(where: $where, order_by: $keys, distinct_on: $distinct, "
            f"limit: $limit, offset: $offset) {{ {selected} }} "
            f"summed: {table}_aggregate(where: $where) {{ aggregate {{ count }} }} }}"
        )
        expected = []
        for row in python.select(table, tables[table], where, keys, limit, offset, distinct):
            one = show(table, row)
            one.update({f"at_{name}": at_path(row[name], path) for name in _jsonb(table)})
            for name in WAYS[table]:
                target, there = python.related(table, row, name)
                if name not in many:
                    one[name] = {"id": there[0]["id"]} if there else None
                    continue
                kept = python.select(target, there, inner_where[name], inner_keys[name])
                one[name] = [{"id": other["id"]} for other in kept][:inner_limit]
                one[f"{name}_aggregate"] = {"aggregate": {"count": len(kept)}}
            expected.append(one)
        count = len(python.select(table, tables[table], where, []))
        wanted = {"found": expected, "summed": {"aggregate": {"count": count}}}
        for found in (
            ask(changing, literal),
            ask(
                changing,
                variable,
                {"where": where, "keys": keys, "distinct": distinct, "limit": limit, "offset": offset},
            ),
        ):
            assert alike(found, wanted), (literal, found, wanted)


def _put_random(changing: Endpoint, chance: Random) -> tuple[dict[str, list[Row]], Python]:
    rows = random_rows(chance)
    hidden = set(chance.sample(RUNS, chance.choice((0, 0, 1, 2))))
    put(changing.store, rows, hidden)
    python = Python(rows, hidden)
    return python.tables, python


def _jsonb(table: str) -> list[str]:
    return [name for name, (kind, _) in COLUMNS[table].items() if kind == "jsonb"]


def _selected(measures: list[tuple[str, str | None]]) -> str:
    found = []
    for number, (function, column) in enumerate(measures):
        if column is None:
            found.append(f"m{number}: count")
        elif function.startswith("count"):
            distinct = json.dumps(function == "count distinct")
            found.append(f"m{number}: count(columns: [{column}], distinct: {distinct})")
        else:
            found.append(f"m{number}: {function} {{ {column} }}")
    return " ".join(found)


def _measured(table: str, rows: list[Row], measures: list[tuple[str, str | None]]) -> Row:
    return {
        f"m{number}": value if column is None or function.startswith("count") else {column: value}
        for number, (function, column) in enumerate(measures)
        for value in (measure(table, rows, function, column),)
    }


@settings(max_examples=60, deadline=None)
@given(seed=Seeds)
def test_figures_and_groups_are_those_of_python(changing: Endpoint, seed: int) -> None:
    chance = Random(seed)
    tables, python = _put_random(changing, chance)
    for _ in range(8):
        table = chance.choice(sorted(COLUMNS))
        where = random_where(chance, table)
        limit, offset = (chance.choice((None, None, *range(4))) for _ in range(2))
        measures = random_measures(chance, table)
        by = chance.sample(sorted(COLUMNS[table]), chance.randint(1, 2))
        keys: list[Row] = []
        for _ in range(chance.randint(0, 2)):
            function, column = chance.choice([pair for pair in measures if not pair[0].startswith("count ")])
            if chance.random() < 0.5:
                keys.append({"key": {chance.choice(by): chance.choice(DIRECTIONS)}})
            elif column is None:
                keys.append({"aggregate": {"count": chance.choice(DIRECTIONS)}})
            else:
                keys.append({"aggregate": {function: {column: chance.choice(DIRECTIONS)}}})
        ways = [name for name, (_, mine, _, many) in WAYS[table].items() if not many and mine in by]
        shown_keys = " ".join([*by, *(f"{name} {{ id }}" for name in ways)])
        text = (
            f"query ($limit: Int) {{ found: {table}_aggregate(where: {written(where)}, group_by: [{', '.join(by)}]) {{ "
            f"aggregate {{ {_selected(measures)} }} "
            f"groups(order_by: {written(keys, enum=True)}, limit: $limit, offset: {json.dumps(offset)}) {{ "
            f"key {{ {shown_keys} }} aggregate {{ {_selected(measures)} }} }} }} }}"
        )
        rows = python.select(table, tables[table], where, [])
        parts: dict[Any, list[Row]] = {}
        for row in rows:
            parts.setdefault(tuple(hashed(COLUMNS[table][name][0], row[name]) for name in by), []).append(row)
        groups = _sorted_groups(table, list(parts.values()), keys, by)[offset or 0 :]
        expected = []
        for group in groups if limit is None else groups[:limit]:
            key: Row = {name: shown(COLUMNS[table][name][0], group[0][name]) for name in by}
            for name in ways:
                _, there = python.related(table, group[0], name)
                key[name] = {"id": there[0]["id"]} if there else None
            expected.append({"key": key, "aggregate": _measured(table, group, measures)})
        wanted = {"found": {"aggregate": _measured(table, rows, measures), "groups": expected}}
        found = ask(changing, text, {"limit": limit})
        assert alike(found, wanted), (text, found, wanted)


def _sorted_groups(table: str, groups: list[list[Row]], keys: list[Row], by: list[str]) -> list[list[Row]]:
    from functools import cmp_to_key

    flat: list[tuple[str, Any, str]] = []
    for key in [*keys, {"key": dict.fromkeys(by, "asc")}]:
        for column, direction in key.get("key", {}).items():
            flat.append((COLUMNS[table][column][0], lambda group, column=column: group[0][column], direction))
        for function, value in key.get("aggregate", {}).items():
            for column, direction in [(None, value)] if function == "count" else value.items():

                def figure(group: list[Row], function: str = function, column: Any = column) -> Any:
                    return measure(table, group, function, column)

                flat.append((measured_kind(table, function, column), figure, direction))
    for kind, value_of, direction in reversed(flat):
        down = direction.startswith("desc")
        nulls = [group for group in groups if value_of(group) is None]
        rest = [group for group in groups if value_of(group) is not None]

        def compared(one: Any, two: Any, kind: str = kind, value_of: Any = value_of, down: bool = down) -> int:
            return (-1 if down else 1) * ordering(kind, value_of(one), value_of(two))

        rest.sort(key=cmp_to_key(compared))
        groups = nulls + rest if direction.endswith("nulls_first") or direction == "desc" else rest + nulls
    return groups


@settings(max_examples=60, deadline=None)
@given(seed=Seeds)
def test_pages_by_cursor_are_the_whole_list_once(changing: Endpoint, seed: int) -> None:
    chance = Random(seed)
    tables, python = _put_random(changing, chance)
    for _ in range(4):
        table = chance.choice(sorted(COLUMNS))
        where, keys = random_where(chance, table, 1), random_order(chance, table)
        distinct: list[str] = []
        if chance.random() < 0.2:
            distinct = chance.sample(sorted(COLUMNS[table]), 1)
            keys = [{name: chance.choice(DIRECTIONS)} for name in distinct] + keys
        named = any("id" in key for key in keys)
        wanted = [
            row["id"]
            for row in python.select(
                table, tables[table], where, [*keys, *([] if named else [{"id": "asc"}])], None, None, distinct
            )
        ]
        size = chance.randint(1, 4)
        chosen = f"where: {written(where)}, order_by: {written(keys, enum=True)}"
        chosen += f", distinct_on: {written(distinct, enum=True)}, limit: {size}"
        by_variable = f"query ($after: String) {{ page: {table}({chosen}, after: $after) {{ id cursor }} }}"
        found: list[str] = []
        after: str | None = None
        while True:
            if after is not None and chance.random() < 0.5:
                text = f'{{ page: {table}({chosen}, after: "{after}") {{ id cursor }} }}'
                page = ask(changing, text)["page"]
            else:
                page = ask(changing, by_variable, {"after": after})["page"]
            found.extend(row["id"] for row in page)
            if len(page) < size:
                break
            assert len(found) <= len(wanted), (chosen, found, wanted)
            after = page[-1]["cursor"]
        assert found == wanted, (chosen, found, wanted)


@settings(max_examples=60, deadline=None)
@given(seed=Seeds)
def test_walks_are_those_of_python(changing: Endpoint, seed: int) -> None:
    chance = Random(seed)
    tasks = [f"{number:08x}-0000-4000-8000-{number:012x}" for number in range(40, 40 + chance.randint(1, 8))]
    edges = [(chance.choice(tasks), chance.choice(tasks)) for _ in range(chance.randint(0, 12))]
    stamp = (TIMES[1], TIMES[1])
    with changing.store.transaction() as transaction:
        transaction.execute("DELETE FROM edge")
        transaction.execute("DELETE FROM task")
        for task in tasks:
            transaction.execute(
                "INSERT INTO task (id, flow_id, created, updated) VALUES (?, ?, ?, ?)", (task, FLOWS[0], *stamp)
            )
        for number, ends in enumerate(edges):
            edge = f"{number:08x}-0000-4000-8000-000000000000"
            transaction.execute(
                "INSERT INTO edge (id, flow_id, upstream_task_id, downstream_task_id, created, updated)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (edge, FLOWS[0], *ends, *stamp),
            )
    for _ in range(4):
        start = chance.sample([*tasks, TASKS[0]], chance.randint(0, 2))
        most = chance.choice((None, 0, 1, 2, 3, 50, 1000))
        upstream = chance.random() < 0.5
        steps = [(two, one) if upstream else (one, two) for one, two in edges]
        # The last round in which a walk of exactly so many steps can end at a task.
        depths: dict[str, int] = {}
        here = {task for task in start if task in tasks}
        for depth in range(min(50 if most is None else most, 50) + 1):
            depths.update(dict.fromkeys(here, depth))
            here = {there for one, there in steps if one in here}
        wanted = sorted(({"task_id": task, "depth": depth} for task, depth in depths.items()), key=_by_depth)
        text = "query ($start: _uuid, $most: Int) { found: utility_%s_tasks(args: {start_task_ids: $start" % (
            "upstream" if upstream else "downstream"
        )
        text += (", depth_limit: $most" if most is not None else "") + "}) { task_id depth } }"
        found = ask(changing, text, {"start": "{" + ",".join(start) + "}", "most": most})
        assert found == {"found": wanted}, (edges, start, most)


def _by_depth(row: Row) -> tuple[int, str]:
    return row["depth"], row["task_id"]


def test_values_at_the_edges_come_back_as_they_went_in(changing: Endpoint) -> None:
    rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    for number, value in enumerate(JSONS[:7]):
        rows["flow_run"].append(
            {
                "id": RUNS[number],
                "flow_id": FLOWS[0],
                "agent_id": None,
                "name": ["", "'", '"', "\\", "\u2028", "😀", "\x7f"][number],
                "version": [0, -(2**31), 2**31 - 1, 1, 2, 3, 4][number],
                "start_time": TIMES[number % len(TIMES)],
                "auto_scheduled": bool(number % 2),
                "context": value,
            }
        )
    put(changing.store, rows, set())
    names = " ".join(COLUMNS["flow_run"])
    found = ask(changing, f"{{ flow_run(order_by: {{id: asc}}) {{ {names} }} }}")["flow_run"]
    assert found == rows["flow_run"]
    for row in rows["flow_run"]:
        for name in ("name", "version", "context"):
            kind = COLUMNS["flow_run"][name][0]
            text = (
                f"query ($value: {kind}) {{ flow_run(where: {{{name}: {{_eq: $value}}, id: {{_in: $ids}}}}) {{ id }} }}"
            )
            text = text.replace("($value", "($ids: [uuid!], $value")
            found = ask(changing, text, {"value": row[name], "ids": [row["id"]]})["flow_run"]
            assert found == [{"id": row["id"]}]
