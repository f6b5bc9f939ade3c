"""What asks for too much is refused with a code, the limit, the figure, and a place to read about it."""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

import prefect
from prefect.server.catalog import CATALOG
from prefect.server.endpoint import Endpoint
from prefect.server.errors import BadInput
from prefect.server.graphql import bind, limits
from prefect.server.graphql.document import MOST_TOKENS, Field, parse
from prefect.server.graphql.limits import Limits
from prefect.server.graphql.variables import read_variables
from prefect.server.store import interface
from prefect.server.store.database import Store
from tests.server.conftest import Backend

ROOT = Path(__file__).parents[3]
DOCUMENTED = (ROOT / "docs/reference/limits.md").read_text(encoding="utf-8")

Extensions = dict[str, Any]


def refused(
    store: interface.Store, question: str, variables: dict[str, Any] | None = None, **given: float
) -> Extensions:
    """The extensions of the only error, after a look at what every refusal has."""
    endpoint = Endpoint(store, limits=limits.read(given))
    reply = endpoint.reply(question, variables)
    envelope = json.loads(reply.body)
    assert envelope["data"] is None
    [error] = envelope["errors"]
    found: Extensions = error["extensions"]
    assert found["actual"] > found["limit"]
    for figure in (found["limit"], found["actual"]):
        assert f"{figure:,}" in error["message"] or f"{figure - 1:,}" in error["message"] or found["actual"] == figure
    name = found["see"].removeprefix("docs/reference/limits.md#")
    assert f"\n## {name}\n" in DOCUMENTED
    afterwards = name in ("rows", "answer_bytes", "seconds")
    assert reply.status == (200 if afterwards else 400)
    return found


def test_defaults_are_those_of_the_settings_and_of_the_documentation() -> None:
    text = (Path(prefect.__file__).parent / "config.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)["server"]["graphql"]["limits"]
    assert limits.read(settings) == Limits()
    assert set(settings) == set(Limits.__struct_fields__)
    assert set(Limits.__struct_fields__) | {"tokens", "nesting", "introspection"} == set(
        re.findall(r"^## (\w+)$", DOCUMENTED, re.MULTILINE)
    )
    for name, code, default in re.findall(r"\| \[(\w+)\]\(#\1\) \| ([^|]+) \| (.+) \|", DOCUMENTED):
        shown = code.replace(",", "").removesuffix(" MiB").removesuffix(" fixed")
        if hasattr(Limits(), name):
            assert getattr(Limits(), name) == int(shown) * (2**20 if "MiB" in code else 1)
        assert default.startswith("`")


def test_settings_that_make_no_sense_are_refused_by_name() -> None:
    with pytest.raises(BadInput, match=r"server\.graphql\.limits.*depth"):
        limits.read({"depth": "deep"})
    with pytest.raises(BadInput, match="unknown field `dept`"):
        limits.read({"dept": 1})


@pytest.mark.parametrize(
    ("question", "name", "most", "actual", "code"),
    [
        ("{ hello }", "document_characters", 8, 9, "DOCUMENT_TOO_LARGE"),
        ("{ tenant { id } }", "depth", 1, 2, "GRAPHQL_VALIDATION_FAILED"),
        ("{ tenant { ...f } } fragment f on tenant { flows { id } }", "depth", 2, 3, "GRAPHQL_VALIDATION_FAILED"),
        ("{ tenant { id name slug } }", "fields", 3, 4, "TOO_MANY_FIELDS"),
        ("{ tenant { ...f ...f } } fragment f on tenant { id name }", "fields", 6, 7, "TOO_MANY_FIELDS"),
        ("{ a: hello tenant { b: id c: id } }", "aliases", 2, 3, "TOO_MANY_ALIASES"),
        ("{ hello ... { tenant { id } project { id } } }", "root_fields", 2, 3, "TOO_MANY_ROOT_FIELDS"),
        (
            '{ tenant(where: {id: {_in: []}, _or: {name: {_eq: "a"}}}) { id } }',
            "conditions",
            4,
            5,
            "TOO_MANY_CONDITIONS",
        ),
        ("{ tenant(limit: 7) { flows(limit: 3) { id } } }", "cost", 27, 28, "TOO_COSTLY"),
    ],
)
def test_what_asks_for_too_much_is_refused(
    store: Store, question: str, name: str, most: int, actual: int, code: str
) -> None:
    given: dict[str, Any] = {name: most}
    found = refused(store, question, **given)
    assert (found["code"], found["limit"], found["actual"]) == (code, most, actual)
    assert found["see"].endswith(f"#{name}")
    for enough in (actual, 0):
        assert b"errors" not in Endpoint(store, limits=limits.read({name: enough})).answer(question)


def test_lists_in_variables_are_counted_together(store: Store) -> None:
    question = "query ($a: [String!], $w: tenant_bool_exp) { tenant(where: {_and: [{slug: {_in: $a}}, $w]}) { id } }"
    variables = {"a": ["1", "2"], "w": {"_or": [{"name": {"_eq": "1"}}, {}]}}
    found = refused(store, question, variables, list_items=6)
    assert (found["code"], found["actual"]) == ("LIST_TOO_LONG", 7)
    assert b"errors" not in Endpoint(store, limits=Limits(list_items=7)).answer(question, variables)


def test_a_variable_is_nested_no_deeper_than_a_document(store: Store) -> None:
    value: Any = 1
    for _ in range(101):
        value = [value]
    question = "query ($v: jsonb) { tenant(where: {info: {_contains: $v}}) { id } }"
    found = refused(store, question, {"v": value})
    assert (found["code"], found["see"]) == ("BAD_USER_INPUT", "docs/reference/limits.md#nesting")
    assert b"errors" not in Endpoint(store).answer(question, {"v": value[0]})


def test_a_document_of_many_small_parts_is_refused(store: Store) -> None:
    found = refused(store, "{" + "a " * 50_000 + "}")
    assert (found["code"], found["limit"]) == ("DOCUMENT_TOO_LARGE", MOST_TOKENS)


def _cost(question: str, variables: dict[str, Any] | None = None) -> int:
    request = parse(question)
    operation = request.document.operation(None)
    values = read_variables(operation, variables or {}, request.literals)
    binder = bind.Binder(operation, values, CATALOG, scoped=False)
    [field] = operation.selections
    assert isinstance(field, Field)
    plan = binder.root(field, *bind.roots(CATALOG)[field.name])
    return limits.cost(plan).of(values, request.literals, 1_000_000)


@pytest.mark.parametrize(
    ("question", "cost"),
    [
        ("{ flow_run { id } }", 100),
        ("{ flow_run { flow { id } task_runs { id } } }", 100 + 100 * (1 + 10)),
        ("{ flow_run(limit: 20) { flow { name } task_runs(limit: 20) { id } } }", 440),
        ("query ($n: Int = 5) { flow_run(limit: $n, offset: $n) { id } }", 10),
        ("query ($n: Int) { flow_run(limit: $n) { id } }", 100),
        ("{ flow_run(limit: 1000000000000) { id } }", 1_000_000),
        ('{ flow_run_by_pk(id: "x") { logs(limit: 1000) { id } } }', 1001),
        ('{ flow_run(where: {flow: {project: {name: {_eq: "a"}}}}) { id } }', 300),
        ("{ flow_run_aggregate { aggregate { count } nodes { flow { id } } } }", 200),
        ("{ flow_run { task_runs_aggregate(limit: 3) { aggregate { count } } } }", 400),
    ],
)
def test_cost_is_reckoned_from_limits_and_nesting(question: str, cost: int) -> None:
    assert _cost(question) == cost


def test_cost_is_shown_to_who_wants_to_see_it(store: Store) -> None:
    endpoint = Endpoint(store)
    question = "{ tenant(limit: 3) { slug } }"
    told = {"data": {"tenant": [{"slug": "default"}]}, "extensions": {"cost": 3}}
    assert json.loads(endpoint.answer(question, headers={"X-Prefect-Show-Cost": "1"})) == told
    assert json.loads(endpoint.answer(question, headers={"Accept": "application/graphql-response+json"})) == told
    assert "extensions" not in json.loads(endpoint.answer(question))


def _fill(backend: Backend, tenants: int = 15) -> None:
    for number in range(tenants):
        backend.do("create_tenant", name=f"tenant {number}", slug=f"tenant-{number}")


@pytest.mark.parametrize(
    "question",
    [
        "{ tenant { id } }",
        "{ tenant(order_by: {id: asc}) { id } }",
        "{ tenant_aggregate { nodes { id } } }",
        "{ tenant_aggregate(order_by: {id: asc}) { aggregate { count } nodes { id } } }",
    ],
)
def test_a_list_with_too_many_rows_is_refused_not_cut(backend: Backend, question: str) -> None:
    _fill(backend)
    found = refused(backend.store, question, rows=15)
    assert (found["code"], found["limit"], found["actual"]) == ("TOO_MANY_ROWS", 15, 16)
    answer = json.loads(Endpoint(backend.store, limits=Limits(rows=16)).answer(question))
    rows = answer["data"].get("tenant") or answer["data"]["tenant_aggregate"]["nodes"]
    assert len(rows) == 16


def test_an_answer_with_too_many_bytes_is_refused(backend: Backend) -> None:
    _fill(backend)
    found = refused(backend.store, "{ tenant { id } }", answer_bytes=500)
    assert found["code"] == "ANSWER_TOO_LARGE"
    assert found["actual"] > 16 * 36


def test_what_would_fill_the_memory_is_ended_in_the_database(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prefect.server.store.sqlite.LARGEST_ANSWER_BYTES", 2_000)
    _fill(Backend(store), 60)
    found = refused(store, "{ tenant { id } }")
    assert (found["code"], found["limit"]) == ("ANSWER_TOO_LARGE", 2_000)


def _without_end(levels: int) -> str:
    """From the tenant to its flows and from each of them back, again and again: n flows become n ** levels."""
    return "{ tenant { " + "flows { tenant { " * levels + "id" + " } }" * levels + " } }"


def test_a_hostile_question_holds_up_no_writer_and_is_ended(backend: Backend) -> None:
    project = backend.project()
    for number in range(100):
        backend.flow(project, tasks=0, name=f"flow {number}")
    endpoint = Endpoint(backend.store, limits=Limits(seconds=1.0, cost=0))
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(json.loads(endpoint.answer(_without_end(4)))))
    asking.start()
    slowest = 0.0
    for number in itertools.count():
        if not asking.is_alive():
            break
        started = time.monotonic()
        backend.do("set_project_name", project_id=project, name=f"project {number}")
        slowest = max(slowest, time.monotonic() - started)
    asking.join()
    extensions = answers[0]["errors"][0]["extensions"]
    assert (extensions["code"], extensions["limit"]) == ("TOOK_TOO_LONG", 1.0)
    assert 1.0 < extensions["actual"] < 10
    assert number > 10
    assert slowest < 0.9
