"""Log lines are found by their words, at once and on every database, whether their words are in an index yet or not."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from prefect.server import search
from prefect.server.endpoint import Endpoint
from prefect.server.services import index_log_words, remove_deleted_runs
from prefect.server.store import interface
from prefect.server.store.opening import open_store

WORDS = [
    "flow",
    "run",
    "task_run",
    "Success",
    "time",
    "timeout",
    "s3://bucket/file.csv",
    "0.53",
    "é",
    "Ärger",
    "a-b",
    "x",
]
RUNS = [f"00000006-0000-4000-8000-{number:012x}" for number in range(3)]
STAMP = "2021-05-12T17:00:00+00:00"


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "postgresql of another locale"])
def endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    if request.param == "sqlite":
        store = open_store(tmp_path_factory.mktemp("search") / "search.db")
        yield Endpoint(store)
        store.close()
        return
    server = request.getfixturevalue("postgres_server")
    templates = request.getfixturevalue("postgres_templates")
    with server.database(templates["another" if "another" in request.param else "C"]) as url:
        store = open_store(url)
        yield Endpoint(store)
        store.close()


def empty(store: interface.Store) -> None:
    with store.transaction() as transaction:
        for table in ("log", "flow_run", "flow_run_sequence", "flow_run_deletion"):
            transaction.execute(f"DELETE FROM {table}")  # noqa: S608
        for run in RUNS:
            transaction.execute(
                "INSERT INTO flow_run (id, flow_id, created, updated, scheduled_start_time) VALUES (?, ?, ?, ?, ?)",
                (run, run, STAMP, STAMP, STAMP),
            )
            transaction.execute("INSERT INTO flow_run_sequence VALUES (?, ?, ?)", (run, 0, STAMP))


def write(store: interface.Store, lines: list[tuple[str, int, str]]) -> None:
    with store.transaction() as transaction:
        for run, sequence, message in lines:
            transaction.execute(
                "INSERT INTO log (id, created, updated, flow_run_id, sequence, timestamp, message)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (f"00000010-0000-4000-8000-{sequence:012x}", STAMP, STAMP, run, sequence, STAMP, message),
            )


def ask(endpoint: Endpoint, text: str, variables: dict[str, Any] | None = None) -> Any:
    answer = json.loads(endpoint.answer(text, variables))
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def found(endpoint: Endpoint, words: str, run: str | None = None) -> set[int]:
    where = {} if run is None else {"flow_run_id": {"_eq": run}}
    text = "query ($words: String, $where: log_bool_exp) { log(search: $words, where: $where) { sequence } }"
    return {line["sequence"] for line in ask(endpoint, text, {"words": words, "where": where})["log"]}


@settings(max_examples=25, deadline=None)
@given(seed=some.integers(0, 2**64 - 1))
def test_what_is_found_is_what_matches(endpoint: Endpoint, seed: int) -> None:
    chance = Random(seed)
    store = endpoint.store
    empty(store)
    lines = [
        (
            chance.choice(RUNS),
            number,
            chance.choice((" ", ", ", "\n")).join(chance.choices(WORDS, k=chance.randint(0, 5))),
        )
        for number in range(30)
    ]
    write(store, lines[:20])
    if chance.random() < 0.7:
        store.index_words(chance.choice((5, 10, 1000)))
    gone = chance.sample(range(20), 3)
    with store.transaction() as transaction:
        for number in gone:
            transaction.execute("DELETE FROM log WHERE sequence = ?", (number,))
    write(store, lines[20:])
    if chance.random() < 0.5:
        store.index_words(chance.choice((1, 5, 1000)))
    lines = [line for line in lines if line[1] not in gone]
    # Half of the searches find lines that are in no index yet.
    with pytest.MonkeyPatch.context() as patch:
        if chance.random() < 0.5:
            patch.setattr(endpoint, "_index_words", lambda: None)
        for _ in range(8):
            text = " ".join(
                chance.choice(("", "", "", "-"))
                + chance.choice([*WORDS, "ti*", "SUCC*", '"run flow"', '"flow run"', "OR"])
                for _ in range(chance.randint(1, 3))
            )
            with contextlib.suppress(ValueError):
                check(endpoint, text, search.parse(text), lines, chance.choice(RUNS))


def check(endpoint: Endpoint, text: str, query: search.Query, lines: list[tuple[str, int, str]], run: str) -> None:
    wanted = {number for _, number, message in lines if search.matches(query, message)}
    assert found(endpoint, text) == wanted, text
    assert found(endpoint, text, run) == {n for r, n, _ in lines if r == run and n in wanted}, (text, run)
    nested = "query ($words: String) { flow_run(order_by: {id: asc}) { logs(search: $words) { sequence } "
    nested += "logs_aggregate(search: $words) { aggregate { count } } } }"
    for shown, run in zip(ask(endpoint, nested, {"words": text})["flow_run"], RUNS, strict=True):
        theirs = {n for r, n, _ in lines if r == run and n in wanted}
        assert {line["sequence"] for line in shown["logs"]} == theirs
        assert shown["logs_aggregate"]["aggregate"]["count"] == len(theirs)


def test_a_line_is_found_as_soon_as_it_is_written(endpoint: Endpoint) -> None:
    empty(endpoint.store)
    for number in range(5):
        write(endpoint.store, [(RUNS[0], number, f"row{number} done")])
        assert found(endpoint, "done") == set(range(number + 1))
        assert found(endpoint, f"row{number}") == {number}


def test_numbers_of_lines_that_are_gone_are_given_again(endpoint: Endpoint) -> None:
    empty(endpoint.store)
    write(endpoint.store, [(RUNS[number % 2], number, "old") for number in range(10)])
    index_log_words(endpoint.store)
    with endpoint.store.transaction() as transaction:
        transaction.execute("INSERT INTO flow_run_deletion VALUES (?, ?)", (RUNS[1], STAMP))
    remove_deleted_runs(endpoint.store, batch=2)
    assert found(endpoint, "old") == {0, 2, 4, 6, 8}
    with endpoint.store.transaction() as transaction:
        transaction.execute("DELETE FROM log")
    write(endpoint.store, [(RUNS[0], number, "new") for number in range(3)])
    assert found(endpoint, "old") == set()
    assert found(endpoint, "new") == {0, 1, 2}
    index_log_words(endpoint.store)
    assert found(endpoint, "new") == {0, 1, 2}


def test_indexing_goes_on_in_steps(endpoint: Endpoint) -> None:
    empty(endpoint.store)
    if endpoint.store.kind != "sqlite":
        # It indexes lines as they are written.
        assert endpoint.store.index_words(10) == 0
        return
    write(endpoint.store, [(RUNS[0], number, "line") for number in range(25)])
    counts = [endpoint.store.index_words(10) for _ in range(4)]
    assert counts == [10, 10, 5, 0]
    write(endpoint.store, [(RUNS[0], 25 + number, "line") for number in range(25)])
    ticks = iter([0.0, 0.1, 0.2, 5.0])
    assert index_log_words(endpoint.store, batch=10, at_most_seconds=1.0, clock=lambda: next(ticks)) is False
    assert index_log_words(endpoint.store, batch=10) is True
    with endpoint.store.snapshot() as snapshot:
        assert snapshot.fetch_one("SELECT count(*) FROM log_word WHERE log_word MATCH 'line'") == (50,)
    with endpoint.store.transaction() as transaction:
        transaction.execute("DELETE FROM log")
    with endpoint.store.snapshot() as snapshot:
        assert snapshot.fetch_one("SELECT count(*) FROM log_word WHERE log_word MATCH 'line'") == (0,)


def test_a_message_too_long_for_an_index_is_kept(endpoint: Endpoint) -> None:
    empty(endpoint.store)
    long = "first " + "".join(f"w{number} " for number in range(200_000)) + "😀" * 100_000
    write(endpoint.store, [(RUNS[0], 1, long), (RUNS[0], 2, None)])  # type: ignore[list-item]
    assert found(endpoint, "first w5") == {1}
    index_log_words(endpoint.store)
    assert found(endpoint, "first w5") == {1}


def test_what_is_found_comes_newest_first(endpoint: Endpoint) -> None:
    empty(endpoint.store)
    write(endpoint.store, [(RUNS[0], number, "line") for number in range(3)])
    with endpoint.store.transaction() as transaction:
        transaction.execute("UPDATE log SET timestamp = ? WHERE sequence = 1", ("2021-05-12T18:00:00+00:00",))
    shown = ask(endpoint, '{ log(search: "line") { sequence } }')["log"]
    assert [line["sequence"] for line in shown] == [1, 0, 2]
    shown = ask(endpoint, '{ log(search: "line", order_by: {sequence: desc}, limit: 2) { sequence } }')["log"]
    assert [line["sequence"] for line in shown] == [2, 1]
    pages, after = [], None
    while True:
        text = 'query ($after: String) { log(search: "line", limit: 1, after: $after) { sequence cursor } }'
        page = ask(endpoint, text, {"after": after})["log"]
        if not page:
            break
        pages.append(page[0]["sequence"])
        after = page[0]["cursor"]
    assert pages == [1, 0, 2]
    assert len(ask(endpoint, "query ($none: String) { log(search: $none) { sequence } }")["log"]) == 3


@pytest.mark.parametrize("words", ["", "-x", "'"])
def test_a_search_for_nothing_is_refused(words: str, endpoint: Endpoint) -> None:
    answer = json.loads(endpoint.answer("query ($w: String) { log(search: $w) { id } }", {"w": words}))
    assert answer["errors"][0]["extensions"]["code"] == "validation-failed"
    assert answer["errors"][0]["message"].startswith("search ")
