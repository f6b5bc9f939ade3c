"""What a server says and keeps when its database fails: a full disk, no right to write, a foreign lock, a restart.

Real files and real PostgreSQL, asked through a real socket. What was acknowledged before is there afterwards.
"""

import logging
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prefect.server.store.database import Store
from prefect.server.store.opening import open_store
from tests.server.conftest import Backend, mutation
from tests.server.store.test_postgres import end_connections
from tests.server.test_app import Caller
from tests.serving import Serving

if TYPE_CHECKING:
    from tests.support.postgres import Server

TOLD = "The database cannot be used at the moment; the log of the server says why."
WRITE = mutation("write_run_logs", "success")


def write(caller: Caller, run: str, text: str) -> dict[str, Any]:
    answer: dict[str, Any] = caller.ask(WRITE, {"input": {"logs": [{"flow_run_id": run, "message": text}]}}).json
    return answer


def lines(backend: Backend, run: str) -> list[str]:
    found = backend.ask(
        "query($id: uuid!) { log(where: {flow_run_id: {_eq: $id}}, order_by: {sequence: asc}) { message } }", id=run
    )
    return [row["message"] for row in found["log"]]


def is_sound(path: Path) -> bool:
    with sqlite3.connect(path) as connection:
        found: str = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    return found == "ok"


def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(
    backend_in_file: Backend, store: Store, server: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    run = backend_in_file.run()
    endpoint = backend_in_file.endpoint
    endpoint.discreet = True
    kept = []
    assert store._writer is not None
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages + 20}")
    with server.serve(endpoint), Caller(server.url) as caller, caplog.at_level(logging.ERROR, "prefect.server"):
        for number in range(1000):
            answer = write(caller, run, f"{number} " + "x" * 3000)
            if "errors" in answer:
                break
            kept.append(number)
        assert answer["errors"][0]["message"] == TOLD
        # Reading goes on.
        assert [int(line.split()[0]) for line in lines(backend_in_file, run)] == kept
        store._writer.execute("PRAGMA max_page_count = 1073741823")
        assert caller.send("GET", "/ready").status == 200
        assert "errors" not in write(caller, run, "9999 there is room again")
    assert len(kept) > 5
    assert f"There is no room left to write to the database {store.path}" in caplog.text
    assert "x" * 3000 not in caplog.text
    assert [int(line.split()[0]) for line in lines(backend_in_file, run)] == [*kept, 9999]
    assert is_sound(store.path)


def test_a_lock_that_another_program_holds_is_told(
    backend_in_file: Backend,
    store: Store,
    server: Serving,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = backend_in_file.run()
    endpoint = backend_in_file.endpoint
    endpoint.discreet = True
    assert store._writer is not None
    store._writer.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(store.path, isolation_level=None)
    with server.serve(endpoint), Caller(server.url) as caller, caplog.at_level(logging.ERROR, "prefect.server"):
        other.execute("BEGIN IMMEDIATE")
        answer = write(caller, run, "while it is locked")
        assert answer["errors"][0]["message"] == TOLD
        assert caller.ask("{ project { name } }").json == {"data": {"project": [{"name": "default"}]}}
        other.execute("ROLLBACK")
        assert "errors" not in write(caller, run, "after it")
    other.close()
    assert "Another program has held the lock of the database" in caplog.text
    assert lines(backend_in_file, run) == ["after it"]


def test_a_database_that_can_only_be_read_is_told(
    backend_in_file: Backend, store: Store, server: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    run = backend_in_file.run()
    endpoint = backend_in_file.endpoint
    endpoint.discreet = True
    assert store._writer is not None
    # Who is root may write whatever the permissions say; SQLite says the same of a connection that may not.
    store._writer.execute("PRAGMA query_only = 1")
    with server.serve(endpoint), Caller(server.url) as caller, caplog.at_level(logging.ERROR, "prefect.server"):
        assert write(caller, run, "no")["errors"][0]["message"] == TOLD
        assert caller.send("GET", "/ready").json["problems"] == ["database: DatabaseReadOnly"]
        store._writer.execute("PRAGMA query_only = 0")
        assert "errors" not in write(caller, run, "yes")
    assert f"The database {store.path} cannot be opened for writing" in caplog.text
    assert lines(backend_in_file, run) == ["yes"]


def test_a_postgresql_that_breaks_every_connection_loses_nothing(postgres_server: "Server", server: Serving) -> None:
    with postgres_server.database() as url:
        store = open_store(url)
        backend = Backend(store)
        run = backend.run()
        kept = []
        with server.serve(backend.endpoint), Caller(server.url) as caller:
            for number in range(30):
                if number % 5 == 3:
                    # What a restart does to those that are connected.
                    end_connections(url)
                if "errors" not in write(caller, run, str(number)):
                    kept.append(str(number))
            assert caller.send("GET", "/ready").status == 200
        assert lines(backend, run) == kept
        assert len(kept) >= 25
        store.close()


def test_a_key_that_opens_nothing_is_told_what_to_do(backend_in_file: Backend, server: Serving) -> None:
    endpoint = backend_in_file.endpoint
    endpoint.requires_keys = True
    with server.serve(endpoint), Caller(server.url) as caller:
        answer = caller.ask("{ hello }", Authorization="Bearer qk_0123456789abcdef_wrong")
    assert answer.code == "UNAUTHENTICATED"
    assert "Log in again with `prefect auth login`" in answer.json["errors"][0]["message"]
    assert b"qk_0123456789abcdef_wrong" not in answer.body
