"""What holds for every query: one statement for each root field, bound values only, every name of the catalog."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from prefect.server.catalog import CATALOG, EVERYONE, Role, Table
from prefect.server.endpoint import Endpoint
from prefect.server.graphql import bind, document, render
from prefect.server.graphql.dialect import SQLITE_BEFORE_3_39
from prefect.server.graphql.document import parse
from prefect.server.graphql.limits import Limits
from prefect.server.graphql.template import Statement
from prefect.server.graphql.variables import read_variables
from prefect.server.store import interface
from prefect.server.store.database import Store

RUN = "00000006-0000-4000-8000-000000000001"
GOLDEN = sorted(path for path in Path(__file__).parent.glob("*.graphql") if not path.name.startswith("error_"))


def golden(path: Path) -> tuple[str, dict[str, Any]]:
    given = path.with_suffix(".vars.json")
    return path.read_text(encoding="utf-8"), json.loads(given.read_text(encoding="utf-8")) if given.exists() else {}


@contextmanager
def statements_of(store: interface.Store) -> Iterator[list[str]]:
    """The statements that the store's reading connection runs meanwhile."""
    with store.snapshot() as snapshot:
        snapshot.fetch_one("SELECT 1")
        connection: Any = snapshot._lease.connection if store.kind == "postgresql" else snapshot._connection  # type: ignore[attr-defined]
    seen: list[str] = []

    def note(sql: str, *arguments: Any, **settings: Any) -> Any:
        # The index of words asks for its own tables and settings meanwhile.
        if not sql.startswith(("--", "PRAGMA 'main'.")) and "'main'.'log_word_" not in sql:
            seen.append(sql)
        return execute(sql, *arguments, **settings) if store.kind == "postgresql" else None

    execute = connection.execute
    if store.kind == "postgresql":
        connection.execute = note
    else:
        connection.set_trace_callback(note)
    try:
        yield seen
    finally:
        if store.kind == "postgresql":
            del connection.execute
        else:
            connection.set_trace_callback(None)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_one_root_field_is_one_statement(path: Path, any_endpoint: Endpoint) -> None:
    text, variables = golden(path)
    operation = parse(text).document.operations[0]
    roots = len(operation.selections) - sum(
        isinstance(field, document.Field) and field.name == "__typename" for field in operation.selections
    )
    if path.stem == "same_field_twice":
        roots = 1
    # Before words are looked for, lines that came since last time may have to be indexed.
    any_endpoint._index_words()
    any_endpoint.answer(text, variables)
    with statements_of(any_endpoint.store) as seen, pytest.MonkeyPatch.context() as patch:
        patch.setattr(any_endpoint, "_index_words", lambda: None)
        answer = json.loads(any_endpoint.answer(text, variables))
    assert "errors" not in answer
    # What a statement may take is said to the server when it changes.
    seen = [sql for sql in seen if not sql.startswith("SET statement_timeout")]
    reads = [sql for sql in seen if sql.lstrip().startswith("SELECT")]
    assert len(reads) == roots
    if any_endpoint.store.kind == "sqlite" or roots > 1:
        # All of them in one transaction: one snapshot.
        assert seen[0].startswith("BEGIN")
        assert seen[-1] == "ROLLBACK"
        assert len(seen) == roots + 2
    else:
        # A statement by itself is one.
        assert len(seen) == 1


NASTY = [
    "' OR 1=1 --",
    "'; DROP TABLE flow_run; --",
    '" OR ""="',
    "\\'; --",
    "x'||(SELECT group_concat(name) FROM sqlite_master)||'",
    "?1",
    ":name",
    "$1",
    "\x000\x00",
    "\x001\x00",
    "%",
    "{column}",
    "{0}",
    "*",
    "[a-z]*",
    "null",
    "é\u2028\u2029\x7f",
    "😀",
    "a\x00b",
    "\ufeff",
    "</script>",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_a_value_is_never_part_of_the_statement(nasty: str, any_endpoint: Endpoint) -> None:
    quoted = json.dumps(nasty)
    operators = [f"_eq: {quoted}", f"_in: [{quoted}]", f"_gt: {quoted}", f"_ilike: {quoted}", f"_neq: {quoted}"]
    for operator in operators:
        text = f"{{ project(where: {{name: {{{operator}}}}}, order_by: {{id: asc}}) {{ id name }} }}"
        before = any_endpoint.answer(text.replace(quoted, '"harmless"'))
        with statements_of(any_endpoint.store) as seen:
            answer = json.loads(any_endpoint.answer(text))
        assert "errors" not in answer
        assert json.loads(before)["data"]
        reads = [sql for sql in seen if not sql.startswith(("BEGIN", "ROLLBACK", "SET statement_timeout"))]
        assert len(reads) == 1
        if any_endpoint.store.kind == "postgresql" and nasty not in ("null", "%", "*", "$1", "?1"):
            assert nasty not in reads[0]
    by_variable = "query ($name: String!, $json: jsonb) { project(where: {name: {_eq: $name}}) { id } "
    by_variable += "flow(where: {settings: {_contains: $json, _has_key: $name}}) { settings(path: $name) } }"
    answer = json.loads(
        any_endpoint.answer(by_variable.replace("(path: $name)", ""), {"name": nasty, "json": {nasty: nasty}})
    )
    assert answer == {"data": {"project": [], "flow": []}}
    assert json.loads(any_endpoint.answer("{ tenant_aggregate { aggregate { count } } }"))["data"]


@pytest.mark.parametrize("nasty", NASTY)
def test_statements_of_different_values_are_the_same_text(nasty: str) -> None:
    def sql(value: str) -> str:
        text = f"{{ flow_run(where: {{name: {{_eq: {json.dumps(value)}}}}}, limit: 3) {{ id }} }}"
        request = parse(text)
        binder = bind.Binder(request.document.operations[0], {}, CATALOG, scoped=False)
        field = request.document.operations[0].selections[0]
        assert isinstance(field, document.Field)
        statement = render.render(binder.root(field, CATALOG.tables["flow_run"], "many"), CATALOG).fill(
            {}, request.literals, EVERYONE
        )
        # No database keeps NUL; what came in with one has this in its place.
        assert value.replace("\x00", "\ufffd") in statement.parameters
        return statement.sql

    assert sql(nasty) == sql("harmless")


@pytest.mark.parametrize("name", ["x'", "x y", "x--", "x;", '"x"', "x\n{", "é"])
def test_names_are_names_or_nothing(name: str, endpoint: Endpoint) -> None:
    for text in (
        f"{{ {name}: flow_run {{ id }} }}",
        f"{{ flow_run {{ {name}: id }} }}",
        f"{{ flow_run(where: {{{name}: {{_eq: 1}}}}) {{ id }} }}",
        f"{{ flow_run(order_by: {{{name}: asc}}) {{ id }} }}",
        f"{{ flow_run(order_by: {{name: {name}}}) {{ id }} }}",
        f"{{ flow_run_aggregate {{ aggregate {{ count(columns: [{name}]) }} }} }}",
    ):
        assert "errors" in json.loads(endpoint.answer(text))
    wheres: list[dict[str, Any]] = [{name: {"_eq": 1}}, {"name": {name: 1}}, {"flow": {name: {}}}]
    for where in wheres:
        answer = json.loads(
            endpoint.answer("query ($w: flow_run_bool_exp) { flow_run(where: $w) { id } }", {"w": where})
        )
        assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    answer = json.loads(
        endpoint.answer("query ($o: [flow_run_order_by!]) { flow_run(order_by: $o) { id } }", {"o": [{name: "asc"}]})
    )
    assert "is not defined by type" in answer["errors"][0]["message"]


EXPOSED = [table for table in CATALOG.tables.values() if table.exposed]


@pytest.mark.parametrize("table", EXPOSED, ids=lambda table: table.name)
@pytest.mark.parametrize("role", [EVERYONE, Role("00000000-0000-4000-8000-00000000d001")], ids=["open", "tenant"])
def test_every_column_and_relationship_can_be_asked_for(table: Table, role: Role, any_endpoint: Endpoint) -> None:
    columns = " ".join(table.columns)
    nulls = " ".join(f"{name}: {{_is_null: true}}" for name in table.columns)
    order = " ".join(f"{name}: desc" for name in table.columns)
    ways = " ".join(
        f"{way.name} {{ __typename {' '.join(CATALOG.tables[way.target].columns)} }}"
        + (f" {way.name}_aggregate {{ aggregate {{ count }} nodes {{ __typename }} }}" if way.many else "")
        for way in table.relationships.values()
    )
    related = " ".join(f"{way.name}: {{}}" for way in table.relationships.values())
    name = table.name
    text = f"""{{
      all: {name} {{ {columns} {ways} }}
      nulls: {name}(where: {{_or: {{{nulls}}}}}, order_by: {{{order}}}) {{ __typename }}
      related: {name}(where: {{{related}}}, limit: 1, offset: 1) {{ {columns} {ways} }}
      distinct: {name}(distinct_on: [{", ".join(table.columns)}]) {{ {columns} }}
      {name}_aggregate {{
        aggregate {{ count(columns: [{", ".join(table.columns)}], distinct: true) }} nodes {{ {columns} }}
      }}
    }}"""
    answer = json.loads(any_endpoint.answer(text, role=role))
    assert "errors" not in answer, answer["errors"]
    if name not in ("utility_traversal", "tenant", "log"):
        assert answer["data"]["all"]
    assert len(answer["data"]["all"]) == len(answer["data"][f"{name}_aggregate"]["nodes"])


@pytest.mark.parametrize("table", [table for table in EXPOSED if table.run], ids=lambda table: table.name)
def test_every_table_of_a_run_can_be_shown_as_it_was(table: Table, any_endpoint: Endpoint) -> None:
    columns = " ".join(table.columns)
    ways = " ".join(f"{way.name} {{ __typename }}" for way in table.relationships.values())
    of_one = f'where: {{{table.run}: {{_eq: "{RUN}"}}}}'
    text = f"""{{
      one: {table.name}(as_of: 10, {of_one}, order_by: {{id: asc}}) {{ {columns} {ways} }}
      all: {table.name}(as_of: "2021-05-12T17:00:35Z") {{ {columns} {ways} }}
    }}"""
    answer = json.loads(any_endpoint.answer(text))
    assert "errors" not in answer, answer["errors"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_an_older_sqlite_gets_the_same_answers(path: Path, endpoint: Endpoint) -> None:
    if path.stem == "deep":
        pytest.skip("may be too deep there")
    older = Endpoint(endpoint.store)
    older._dialect = SQLITE_BEFORE_3_39
    text, variables = golden(path)
    assert older.answer(text, variables) == endpoint.answer(text, variables)


def test_plans_are_kept_by_shape(store: Store) -> None:
    endpoint = Endpoint(store)
    for number in range(50):
        endpoint.answer(f'{{ flow_run(where: {{name: {{_eq: "{number}"}}}}, limit: {number}) {{ id }} }}')
    assert len(endpoint._compiled) == 1
    text = "query ($where: flow_run_bool_exp, $limit: Int) { flow_run(where: $where, limit: $limit) { id } }"
    for number in range(50):
        endpoint.answer(text, {"where": {"name": {"_in": ["x"] * number}}, "limit": number})
    assert len(endpoint._compiled) == 2
    endpoint.answer(text, {"where": {"name": {"_in": ["x"]}}, "limit": None})
    endpoint.answer(text, {"where": {"name": {"_nin": ["x"]}}, "limit": 3})
    assert len(endpoint._compiled) == 4


def test_plans_of_a_role_and_of_everyone_are_kept_apart(store: Store) -> None:
    endpoint = Endpoint(store)
    text = "{ flow_run_aggregate { aggregate { count } } }"
    everyone = endpoint.answer(text)
    theirs = endpoint.answer(text, role=Role("00000000-0000-4000-8000-00000000d002"))
    assert json.loads(everyone)["data"]["flow_run_aggregate"]["aggregate"]["count"] == 6
    assert json.loads(theirs)["data"]["flow_run_aggregate"]["aggregate"]["count"] == 1
    assert endpoint.answer(text) == everyone


@pytest.mark.parametrize(
    ("variables", "count"),
    [('{"name": "brave-otter"}', 1), ("null", 6), ("", 6), (None, 6), ({"name": None}, 6)],
)
def test_variables_may_come_as_json_text(variables: Any, count: int, any_endpoint: Endpoint) -> None:
    text = "query ($name: String) { flow_run_aggregate(where: {name: {_eq: $name}}) { aggregate { count } } }"
    answer = json.loads(any_endpoint.answer(text, variables))
    assert answer["data"]["flow_run_aggregate"]["aggregate"]["count"] == count


@pytest.mark.parametrize("variables", ["{", "[1]", '"x"'])
def test_variables_that_are_no_object_are_refused(variables: str, endpoint: Endpoint) -> None:
    reply = endpoint.reply("{ tenant { id } }", variables)
    assert (reply.status, json.loads(reply.body)["errors"][0]["extensions"]["code"]) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("{", 400, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($x: Int!) { tenant(limit: $x) { id } }", 400, "BAD_USER_INPUT"),
        ('{ tenant(where: {id: {_eq: "x"}}) { id } }', 200, "parse-failed"),
        ("{ tenant(limit: -1) { id } }", 200, "validation-failed"),
        ("subscription { tenant { id } }", 400, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_statuses_are_those_of_the_gateway(text: str, status: int, code: str, endpoint: Endpoint) -> None:
    reply = endpoint.reply(text)
    envelope = json.loads(reply.body)
    assert (reply.status, envelope["data"], envelope["errors"][0]["extensions"]["code"]) == (status, None, code)


def test_a_question_too_deep_for_the_database_is_refused_in_words(store: Store) -> None:
    question = "id"
    for number in range(90):
        question = f"{'flow' if number % 2 else 'flow_runs'} {{ {question} }}"
    answer = json.loads(Endpoint(store, limits=Limits(depth=0, cost=0)).answer(f"{{ flow_run {{ {question} }} }}"))
    assert answer["errors"][0]["extensions"]["code"] == "validation-failed"
    assert "nested too deeply" in answer["errors"][0]["message"]


def test_a_question_that_takes_too_long_is_ended(store: Store) -> None:
    hurried = Endpoint(store, limits=Limits(seconds=1e-9))
    text = "query ($names: [String!]) { tenant(where: {name: {_in: $names}}) { name } }"
    names = {"names": [str(number) for number in range(20_000)]}
    answer = json.loads(hurried.answer(text, names))
    [error] = answer["errors"]
    assert "took longer than the 1e-09 seconds that it was given" in error["message"]
    assert error["extensions"]["code"] == "TOOK_TOO_LONG"
    assert error["extensions"]["actual"] > error["extensions"]["limit"] == 1e-9
    # The connection is as good as before.
    hurried.limits = Limits(seconds=0)
    assert json.loads(hurried.answer(text, names)) == {"data": {"tenant": []}}


def test_many_columns_and_conditions_are_not_too_much(any_endpoint: Endpoint) -> None:
    columns = " ".join(f"a{number}: id b{number}: labels" for number in range(600))
    conditions = ", ".join(f'{{name: {{_neq: "{number}"}}}}' for number in range(600))
    text = (
        f"{{ flow_run(where: {{_and: [{conditions}], _or: [{conditions}]}}, order_by: {{id: asc}}) {{ {columns} }} }}"
    )
    answer = json.loads(any_endpoint.answer(text))
    assert len(answer["data"]["flow_run"]) == 5
    assert len(answer["data"]["flow_run"][0]) == 1200


@pytest.mark.parametrize("count", [1, 63, 64, 200])
def test_objects_of_any_length_hold_what_is_asked_for(count: int, any_endpoint: Endpoint) -> None:
    columns = " ".join(f"a{number}: {'__typename' if number % 2 else 'name'}" for number in range(count))
    answer = json.loads(any_endpoint.answer(f"{{ flow_run(limit: 2, offset: 1) {{ {columns} }} }}"))
    assert [len(row) for row in answer["data"]["flow_run"]] == [count, count]
    for row in answer["data"]["flow_run"]:
        assert set(list(row.values())[1::2]) <= {"flow_run"}
        assert "flow_run" not in list(row.values())[::2]


@contextmanager
def renamed(store: interface.Store, name: str) -> Iterator[None]:
    """The run under another name meanwhile: all tests share the rows."""
    change = "UPDATE flow_run SET name = ?1 WHERE id = ?2"
    with store.transaction() as transaction:
        before = transaction.fetch_one("SELECT name FROM flow_run WHERE id = ?1", (RUN,))
        assert before is not None
        transaction.execute(change, (name, RUN))
    try:
        yield
    finally:
        with store.transaction() as transaction:
            transaction.execute(change, (before[0], RUN))


@pytest.mark.parametrize("name", ["[1]", '{"a": null}', "null", '"', "\\", "\u2028\U0001f600\x7f", "a\tb\nc\x01"])
def test_a_text_that_looks_like_json_stays_a_text(name: str, any_endpoint: Endpoint) -> None:
    # Counted off, sorted, and beside what is no plain column: three ways to make an object.
    text = """query ($name: String!) {
      counted: flow_run(where: {name: {_eq: $name}}, limit: 1) { name }
      sorted: flow_run(where: {name: {_eq: $name}}, order_by: {id: asc}) { name }
      mixed: flow_run(where: {name: {_eq: $name}}) { name labels }
    }"""
    with renamed(any_endpoint.store, name):
        answer = json.loads(any_endpoint.answer(text, {"name": name}))["data"]
    assert [answer[key][0]["name"] for key in ("counted", "sorted", "mixed")] == [name] * 3


# Questions of the client and of the views, which must cost the same in a file of a million runs.
INDEXED = [
    "client_flow_run_view",
    "client_task_run_by_slug",
    "client_all_task_runs",
    "client_logs",
    "client_flow_run_info",
    "client_queue",
    "by_pk_variable",
    "seed_by_name",
    "seed_aggregate",
    "as_of_sequence_9",
    "as_of_task_runs",
]


@pytest.mark.parametrize("name", INDEXED)
def test_what_clients_ask_is_found_by_index(name: str, any_endpoint: Endpoint) -> None:
    text, variables = golden(Path(__file__).with_name(f"{name}.graphql"))
    request = parse(text)
    operation = request.document.operations[0]
    values = read_variables(operation, variables, request.literals)
    binder = bind.Binder(operation, values, CATALOG, scoped=False)
    roots = bind.roots(CATALOG)
    for selection in operation.selections:
        assert isinstance(selection, document.Field)
        statement = render.render(binder.root(selection, *roots[selection.name]), CATALOG, any_endpoint._dialect).fill(
            values, request.literals, EVERYONE
        )
        with any_endpoint.store.snapshot() as snapshot:
            if any_endpoint.store.kind == "postgresql":
                # So small a table is read whole unless that is made to look dear.
                snapshot.fetch_one("SELECT set_config('enable_seqscan', 'off', TRUE)")
                explain = Statement(f"EXPLAIN (FORMAT JSON) {statement.sql}", statement.parameters)
                plan = snapshot.fetch_json(explain).decode()
                scanned = re.findall(r'"Node Type": "Seq Scan".*?"Relation Name": "(\w+)"', plan, re.DOTALL)
                assert set(scanned) <= {"flow_run_deletion"}
                continue
            steps = [row[3] for row in snapshot.fetch_all(f"EXPLAIN QUERY PLAN {statement.sql}", statement.parameters)]
        scans = [step for step in steps if step.startswith("SCAN") and not step.startswith(("SCAN r", "SCAN CONSTANT"))]
        # The list of runs in deletion, and lists of values, are meant to be read whole.
        assert [step for step in scans if "deletion" not in step and "json_each" not in step] == []
