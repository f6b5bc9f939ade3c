"""Whatever is asked, however it is written: an answer in the shape of every other, and nothing has happened."""

from __future__ import annotations

import gc
import json
import random
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prefect.server import over_http
from prefect.server.endpoint import Endpoint, Reply
from prefect.server.over_http import Refused
from prefect.server.store.database import Store
from tests.support.hostile import Hostile, hostile

REQUESTS = 10_000
# What is found out without the database. BAD_USER_INPUT is told by operations as well, inside their transaction.
BEFOREHAND = {
    *("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "DOCUMENT_TOO_LARGE", "LIST_TOO_LONG", "TOO_COSTLY"),
    *("TOO_MANY_FIELDS", "TOO_MANY_ALIASES", "TOO_MANY_ROOT_FIELDS", "TOO_MANY_CONDITIONS"),
}
CODES = BEFOREHAND | {"BAD_USER_INPUT", "parse-failed", "validation-failed"}
NEVER_TOLD = ("Traceback", "SELECT ", "sqlite", "json_each", 'File "', "psycopg")


class Watched:
    """An endpoint whose statements are counted."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements = 0
        self.store = store
        self.endpoint = Endpoint(store)
        connect = sqlite3.connect

        def watched(*arguments: Any, **settings: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*arguments, **settings)
            connection.set_trace_callback(self.count)
            return connection

        monkeypatch.setattr(sqlite3, "connect", watched)
        store.close()

    def count(self, statement: str) -> None:
        self.statements += 1


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    store = Store(tmp_path / "hostile.db")
    found = Watched(store, monkeypatch)
    assert b"errors" not in found.endpoint.answer("{ tenant { id } }")
    assert found.statements > 3  # those of opening the file are seen
    yield found
    store.close()


def check(reply: Reply, request: Hostile, store: Store) -> str:
    """The code of the refusal, or "" for an answer; its shape is that of every other."""
    assert reply.status in (200, 400), request
    envelope = json.loads(reply.body)
    if "errors" not in envelope:
        assert reply.status == 200
        return ""
    assert envelope["data"] is None, request
    [error] = envelope["errors"]
    assert set(error) <= {"message", "path", "locations", "extensions"}
    assert error["message"], request
    assert len(error["message"]) < 1100
    assert all(isinstance(key, str | int) for key in error["path"])
    told = json.dumps([error["message"], error["extensions"]])
    assert not any(word in told for word in NEVER_TOLD), (request, told)
    assert str(store.path) not in told
    code: str = error["extensions"]["code"]
    assert code in CODES or code == "data-exception", (request, told)
    assert reply.status == (200 if "-" in code else 400)
    if code == "GRAPHQL_PARSE_FAILED":
        assert error["locations"][0]["line"] >= 1
    return code


def resident_bytes() -> int:
    """What the process holds in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def rows(store: Store) -> list[Any]:
    with store.snapshot() as snapshot:
        tables = [
            row[0]
            for row in snapshot.fetch_all(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            )
        ]
        return [snapshot.fetch_all(f'SELECT * FROM "{table}"') for table in sorted(tables)]  # noqa: S608


def test_hostile_requests_are_refused_before_the_database_is_asked(watched: Watched) -> None:
    endpoint, before = watched.endpoint, rows(watched.store)
    for request in hostile(2_000, seed=1):  # every cache has met what it keeps
        endpoint.reply(request.text, request.variables, request.operation_name)
    gc.collect()
    memory = resident_bytes() if sys.platform == "linux" else 0
    found: Counter[str] = Counter()
    for request in hostile(REQUESTS):
        watched.statements = 0
        reply = endpoint.reply(request.text, request.variables, request.operation_name)
        code = check(reply, request, watched.store)
        found[code] += 1
        if code in BEFOREHAND or (code and request.kind != "inputs" and "-" not in code):
            assert watched.statements == 0, (request, code)
    gc.collect()
    grown = (resident_bytes() if sys.platform == "linux" else 0) - memory
    assert grown < 50_000_000
    # Nearly all of them are refused, and for every reason there is.
    assert found[""] < REQUESTS / 100
    assert set(found) >= CODES
    assert rows(watched.store) == before


def test_hostile_subscriptions_are_refused_as_well(watched: Watched) -> None:
    for request in hostile(2_000, seed=2):
        text = f"subscription {request.text}"
        if "query" in request.text:
            text = request.text.replace("query", "subscription", 1)
        asked = watched.endpoint.subscribe(text, request.variables, request.operation_name)
        if isinstance(asked, Reply):
            check(asked, request._replace(text=text), watched.store)
        assert watched.endpoint.kind(request.text) in (None, "query", "mutation", "subscription")


def test_hostile_bodies_are_refused_or_answered(watched: Watched) -> None:
    chance = random.Random(3)
    refusals: list[tuple[int, Any]] = []
    good = json.dumps({"query": "{ hello }", "variables": {"a": [1]}, "operationName": None}).encode()
    odd = [b"", b"null", b"[]", b"[[]]", b"{}", b'""', b"[" * 100_000, b'{"query":' * 10_000, b"\xff\xfe", b"\x00"]
    odd += [b'{"query": 1}', b'{"query": null}', b'{"query": ["{ hello }"]}', b'{"query": "\\ud800"}', good * 2]
    odd += [b'{"query": "{ hello }", %s}' % rest for rest in (b'"variables": 1', b'"variables": "{"', b'"x": 1e999')]
    odd += [b'{"query": "{ hello }", "operationName": {}}', *(b"[" + b",".join([good] * n) + b"]" for n in (100, 101))]
    for number in range(2_000):
        if number < len(odd):
            body = odd[number]
        else:
            cut = bytearray(good)
            for _ in range(chance.randrange(1, 6)):
                cut[chance.randrange(len(cut))] = chance.randrange(256)
            body = bytes(cut)
        try:
            questions = over_http.read_body(body, 100)
        except Refused as refused:
            refusals.append((refused.status, json.loads(refused.body)["data"]))
            continue
        for question in questions if isinstance(questions, list) else [questions]:
            text = question.query or ""
            check(
                watched.endpoint.reply(text, question.variables, question.operation_name),
                Hostile("body", text),
                watched.store,
            )
    assert len(refusals) > 500
    assert set(refusals) == {(400, None)}
