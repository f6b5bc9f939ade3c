"""Every store, one suite: what holds of a file holds of a PostgreSQL database, whatever its locale.

What clients ask for is tested on each database in tests/server and tests/graphql; here is what stands below it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

import prefect
from prefect.server.endpoint import Endpoint
from prefect.server.errors import BackendError, StoreError, TookTooLong
from prefect.server.identifiers import new_id, now
from prefect.server.store.interface import Snapshot, Store, Transaction
from prefect.server.store.opening import open_store

INSERT_TENANT = "INSERT INTO tenant (id, created, updated, name, slug) VALUES (?1, ?2, ?2, ?3, ?3)"
COUNT_ONE = "UPDATE flow_run_sequence SET sequence = sequence + 1 WHERE flow_run_id = ?1"
COUNT_TO_A_BILLION = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"
)


class Place:
    """Where a store's database is, so that it can be opened once more."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.store = open_store(name)


@pytest.fixture(params=["sqlite", "postgresql", "postgresql of another locale"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    fixture = {"postgresql": "postgres_url", "postgresql of another locale": "postgres_url_of_another_locale"}
    name = request.getfixturevalue(fixture[request.param]) if request.param in fixture else str(tmp_path / "store.db")
    place = Place(name)
    yield place
    place.store.close()


@pytest.fixture
def store(place: Place) -> Store:
    return place.store


def insert_tenant(store: Store, slug: str) -> None:
    with store.transaction() as transaction:
        transaction.execute(INSERT_TENANT, (new_id(), now(), slug))


def slugs(store: Store) -> set[str]:
    with store.snapshot() as snapshot:
        return {row[0] for row in snapshot.fetch_all("SELECT slug FROM tenant")}


def in_child(action: Callable[[], None]) -> int:
    """The exit code of a forked child that does something: 0 when it returned."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except BaseException:  # noqa: BLE001 - the exit code tells of it
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def in_processes(script: str, arguments: Sequence[Sequence[str]]) -> list[str]:
    """What processes say that begin together, once all of them are ready."""
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", script, *words],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "PYTHONPATH": str(Path(prefect.__file__).parents[1])},
                )
            )
            for words in arguments
        ]
        ready = [process.stdout.readline() for process in processes if process.stdout is not None]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [process.communicate() for process in processes]
        assert ready == ["ready\n"] * len(processes), told
        assert [process.returncode for process in processes] == [0] * len(processes), told
    return [output for output, _ in told]


# -- transactions and snapshots ----------------------------------------------------------------------------------------


def test_a_fresh_store_has_one_tenant_and_is_the_same_when_opened_again(place: Place) -> None:
    assert slugs(place.store) == {"default"}
    insert_tenant(place.store, "kept")
    again = open_store(place.name)
    assert slugs(again) == {"default", "kept"}
    again.close()


def test_an_error_undoes_everything(store: Store) -> None:
    def fail(transaction: Transaction) -> None:
        transaction.execute(INSERT_TENANT, (new_id(), now(), "lost"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(fail)
    with pytest.raises(ZeroDivisionError), store.transaction() as transaction:
        fail(transaction)
    assert slugs(store) == {"default"}
    insert_tenant(store, "after")
    assert slugs(store) == {"default", "after"}


def test_an_error_of_the_database_comes_as_one_of_ours_and_undoes_everything(store: Store) -> None:
    def fail(transaction: Transaction) -> None:
        transaction.execute(INSERT_TENANT, (new_id(), now(), "lost"))
        transaction.fetch_one("SELECT * FROM missing")

    with pytest.raises(StoreError, match="missing"):
        store.write(fail)
    with pytest.raises(StoreError, match="missing"), store.snapshot() as snapshot:
        snapshot.fetch_one("SELECT * FROM missing")
    with pytest.raises(BackendError), store.transaction() as transaction:
        # Nobody asks for an answer to this statement; its failure shows at the end.
        transaction.execute(INSERT_TENANT, (new_id(), now(), None))
    assert slugs(store) == {"default"}
    insert_tenant(store, "after")
    assert slugs(store) == {"default", "after"}


def test_a_snapshot_sees_one_moment_and_holds_nobody_up(store: Store) -> None:
    with store.snapshot() as snapshot:
        before = snapshot.fetch_all("SELECT slug FROM tenant")
        insert_tenant(store, "meanwhile")
        assert snapshot.fetch_all("SELECT slug FROM tenant") == before
        assert snapshot.fetch_one("SELECT count(*) FROM tenant") == (1,)
    assert slugs(store) == {"default", "meanwhile"}


@pytest.mark.parametrize("single", [False, True])
def test_a_snapshot_cannot_write(store: Store, single: bool) -> None:
    with pytest.raises(StoreError), store.snapshot(single=single) as snapshot:
        snapshot.fetch_all("DELETE FROM tenant RETURNING id")
    assert slugs(store) == {"default"}


def test_what_is_not_committed_is_seen_by_its_writer_alone(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.execute(INSERT_TENANT, (new_id(), now(), "soon"))
        assert transaction.fetch_one("SELECT count(*) FROM tenant") == (2,)
        assert slugs(store) == {"default"}
    assert slugs(store) == {"default", "soon"}


@pytest.mark.parametrize("single", [False, True])
def test_a_question_that_takes_too_long_is_ended(store: Store, single: bool) -> None:
    with pytest.raises(TookTooLong), store.snapshot(0.05, single=single) as snapshot:
        snapshot.fetch_one(COUNT_TO_A_BILLION)
    with store.snapshot(30, single=single) as snapshot:
        assert snapshot.fetch_one("SELECT count(*) FROM tenant") == (1,)
    assert slugs(store) == {"default"}


def test_a_transaction_inside_a_transaction_is_refused_instead_of_waiting_for_itself(store: Store) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="writing already"):
        insert_tenant(store, "inside")
    insert_tenant(store, "after")
    assert slugs(store) == {"default", "after"}


def test_statements_say_what_they_have_done(store: Store) -> None:
    with store.transaction() as transaction:
        rows = [(new_id(), now(), slug) for slug in "abc"]
        assert transaction.execute_many(INSERT_TENANT, rows).rowcount == 3
        assert transaction.execute_many(INSERT_TENANT, [(new_id(), now(), "d")]).rowcount == 1
        transaction.execute_many(INSERT_TENANT, [])
        assert transaction.execute("UPDATE tenant SET name = ?1 WHERE slug > ?2", ("x", "b")).rowcount == 3
        assert transaction.execute("DELETE FROM tenant WHERE slug = ?1", ("nobody",)).rowcount == 0
        found = transaction.fetch_each("SELECT name FROM tenant WHERE slug = ?1", [("d",), ("nobody",), ("a",), ("d",)])
        assert found == [("x",), None, ("a",), ("x",)]
        assert transaction.fetch_each("SELECT 1", []) == []
    assert slugs(store) == {"default", "a", "b", "c", "d"}


def test_a_parameter_may_be_used_twice_or_not_at_all(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.execute(
            "INSERT INTO tenant (id, created, updated, name, slug) VALUES (?1, ?3, ?3, ?5, ?5)",
            (new_id(), "never used", now(), 4, "picked"),
        )
        transaction.execute_many(
            "INSERT INTO tenant (id, created, updated, name, slug) VALUES (?1, ?3, ?3, ?5, ?5)",
            [(new_id(), None, now(), None, slug) for slug in ("one", "two")],
        )
    assert slugs(store) == {"default", "picked", "one", "two"}


# -- values ------------------------------------------------------------------------------------------------------------

TEXTS = [
    "",
    " ",
    "a",
    "B",
    "Z",
    "_",
    "-",
    "ä",
    "Ä",
    "ß",
    "é",
    "e\u0301",
    "z",
    "日本",
    "😀",
    "\uffff",
    "\U0010ffff",
    "\ufeff",
    "line\nbreak",
    "tab\t",
    "\x01\x7f",
    "back\\slash",
    "'quoted' \"twice\"",
    "%s $1 ?1 :name {0}",
    "x" * 1_000_000,
]
TIMES = [
    "0001-01-01T00:00:00+00:00",
    "1899-12-31T23:59:59.000001+00:00",
    "1969-12-31T23:59:59.999999+00:00",
    "1970-01-01T00:00:00+00:00",
    "2024-02-29T12:00:00.1+00:00",
    "2024-02-29T12:00:00.123456+00:00",
    "9999-12-31T23:59:59.999999+00:00",
]
VALUES: list[Any] = [
    None,
    {},
    [],
    "",
    0,
    -1,
    1.5,
    1e-7,
    2**53 + 1,
    -(2**63),
    2**64 + 1,
    True,
    {"b": [1, {"a": None}], "a": "ä😀\u2028\\", "": {"": []}},
    [[[[[]]]]],
    {"text": "x" * 100_000},
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:20]))
def test_text_comes_back_as_it_went_in(store: Store, text: str) -> None:
    with store.transaction() as transaction:
        transaction.execute("UPDATE tenant SET name = ?1", (text,))
        assert transaction.fetch_one("SELECT name FROM tenant") == (text,)
        assert transaction.fetch_one("SELECT slug FROM tenant WHERE name = ?1", (text,)) == ("default",)


def test_text_compares_and_sorts_by_bytes(store: Store) -> None:
    texts = [text for text in TEXTS if len(text) < 100]
    with store.transaction() as transaction:
        transaction.execute_many(INSERT_TENANT, [(new_id(), now(), text) for text in texts])
    by_bytes = sorted([*texts, "default"], key=str.encode)
    with store.snapshot() as snapshot:
        assert [row[0] for row in snapshot.fetch_all("SELECT slug FROM tenant ORDER BY slug")] == by_bytes
        assert snapshot.fetch_one("SELECT min(slug), max(slug) FROM tenant") == (by_bytes[0], by_bytes[-1])
        for text in texts:
            found = snapshot.fetch_all("SELECT slug FROM tenant WHERE slug < ?1 ORDER BY slug", (text,))
            assert [row[0] for row in found] == by_bytes[: by_bytes.index(text)]


@pytest.mark.parametrize("moment", TIMES)
def test_times_come_back_in_their_stored_form(store: Store, moment: str) -> None:
    with store.transaction() as transaction:
        transaction.execute("UPDATE tenant SET created = ?1", (moment,))
        assert transaction.fetch_one("SELECT created FROM tenant WHERE created = ?1", (moment,)) == (moment,)
        assert transaction.fetch_one("SELECT max(created) FROM tenant") == (moment,)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: json.dumps(value)[:20])
def test_json_comes_back_as_compact_text_of_the_same_value(store: Store, value: Any) -> None:
    text = msgspec.json.encode(value).decode()
    with store.transaction() as transaction:
        transaction.execute("UPDATE tenant SET info = ?1", (text,))
        row = transaction.fetch_one("SELECT info FROM tenant")
    assert row is not None
    assert json.loads(row[0]) == value
    assert len(row[0]) == len(text)


def test_truth_and_nothing_and_numbers(store: Store) -> None:
    with store.transaction() as transaction:
        for read in (True, False):
            transaction.execute(
                "INSERT INTO message (id, tenant_id, created, updated, read, type, text) "
                "VALUES (?1, ?1, ?2, ?2, ?3, ?4, ?5)",
                (new_id(), now(), read, None, str(read)),
            )
        assert transaction.fetch_all("SELECT type, text FROM message WHERE read = TRUE") == [(None, "True")]
        assert transaction.fetch_all("SELECT text FROM message WHERE read = ?1", (False,)) == [("False",)]
        assert [bool(row[0]) for row in transaction.fetch_all("SELECT read FROM message ORDER BY id")] == [True, False]
        run = new_id()
        for number in (0, 1, 32767, 32768, 2**31, 2**63 - 1):
            transaction.execute("DELETE FROM flow_run_sequence")
            transaction.execute("INSERT INTO flow_run_sequence VALUES (?1, ?2, ?3)", (run, number, now()))
            assert transaction.fetch_one("SELECT sequence FROM flow_run_sequence WHERE sequence = ?1", (number,)) == (
                number,
            )


# -- several at once ---------------------------------------------------------------------------------------------------


def in_threads(count: int, work: Callable[[int], None]) -> list[BaseException]:
    """What went wrong in threads that begin together."""
    failures: list[BaseException] = []
    together = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            together.wait(30)
            work(number)
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_readers_and_writers_of_many_threads_do_not_disturb_each_other(store: Store) -> None:
    def work(number: int) -> None:
        for turn in range(20):
            insert_tenant(store, f"{number}-{turn}")
            assert f"{number}-{turn}" in slugs(store)

    assert in_threads(6, work) == []
    assert len(slugs(store)) == 121


def feed_of(store: Store) -> str:
    run = new_id()
    with store.transaction() as transaction:
        transaction.execute("INSERT INTO flow_run_sequence VALUES (?1, 0, ?2)", (run, now()))
    return run


def test_who_holds_the_lock_of_a_run_reads_what_the_one_before_has_written(store: Store) -> None:
    run = feed_of(store)

    def count(transaction: Transaction) -> None:
        transaction.lock_flow_runs((run,))
        row = transaction.fetch_one("SELECT sequence FROM flow_run_sequence WHERE flow_run_id = ?1", (run,))
        assert row is not None
        transaction.execute("UPDATE flow_run_sequence SET sequence = ?2 WHERE flow_run_id = ?1", (run, row[0] + 1))

    def work(number: int) -> None:
        for _ in range(25):
            store.write(count)

    assert in_threads(4, work) == []
    with store.snapshot() as snapshot:
        assert snapshot.fetch_one("SELECT sequence FROM flow_run_sequence") == (100,)


def test_a_name_excludes_who_does_not_share_it(store: Store) -> None:
    def count(transaction: Transaction) -> None:
        transaction.lock("counting")
        row = transaction.fetch_one("SELECT name FROM tenant")
        assert row is not None
        number = int(row[0]) if row[0].isdigit() else 0
        transaction.execute("UPDATE tenant SET name = ?1", (str(number + 1),))

    def look(transaction: Transaction) -> Any:
        transaction.lock("counting", shared=True)
        before = transaction.fetch_one("SELECT name FROM tenant")
        assert transaction.fetch_one("SELECT name FROM tenant") == before

    def work(number: int) -> None:
        for _ in range(20):
            store.write(look if number % 2 else count)

    assert in_threads(4, work) == []
    with store.snapshot() as snapshot:
        assert snapshot.fetch_one("SELECT name FROM tenant") == ("40",)


def test_who_takes_locks_in_another_order_is_let_through_all_the_same(store: Store) -> None:
    first, second = sorted((feed_of(store), feed_of(store)))

    def work(number: int) -> None:
        def write(transaction: Transaction) -> None:
            for run in (first, second) if number % 2 else (second, first):
                transaction.lock_flow_runs((run,))
                transaction.execute(COUNT_ONE, (run,))

        for _ in range(3):
            store.write(write)

    assert in_threads(2, work) == []
    with store.snapshot() as snapshot:
        assert snapshot.fetch_all("SELECT sequence FROM flow_run_sequence") == [(6,), (6,)]


def test_several_runs_are_locked_at_once_in_any_order(store: Store) -> None:
    runs = [feed_of(store) for _ in range(5)]

    def work(number: int) -> None:
        def write(transaction: Transaction) -> None:
            transaction.lock_flow_runs(runs if number % 2 else runs[::-1])
            for run in runs:
                row = transaction.fetch_one("SELECT sequence FROM flow_run_sequence WHERE flow_run_id = ?1", (run,))
                assert row is not None
                transaction.execute(
                    "UPDATE flow_run_sequence SET sequence = ?2 WHERE flow_run_id = ?1", (run, row[0] + 1)
                )

        for _ in range(10):
            store.write(write)

    assert in_threads(4, work) == []
    with store.snapshot() as snapshot:
        assert snapshot.fetch_all("SELECT sequence FROM flow_run_sequence") == [(40,)] * 5


OPENER = """
import sys
from prefect.server.identifiers import new_id, now
from prefect.server.store.opening import open_store
print("ready", flush=True)
sys.stdin.readline()
store = open_store(sys.argv[1])
for turn in range(20):
    with store.transaction() as transaction:
        transaction.execute(
            "INSERT INTO tenant (id, created, updated, name, slug) VALUES (?1, ?2, ?2, ?3, ?3)",
            (new_id(), now(), f"{sys.argv[2]}-{turn}"),
        )
store.close()
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_that_open_an_empty_database_together_lay_it_out_once(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with ExitStack() as stack:
        name = str(tmp_path / "store.db")
        if kind == "postgresql":
            name = stack.enter_context(request.getfixturevalue("postgres_server").database())
        in_processes(OPENER, [(name, str(number)) for number in range(4)])
        store = open_store(name)
        assert len(slugs(store)) == 81
        store.close()


WRITER = """
import json, sys
from prefect.server.embedded import open_endpoint
place, run, number = sys.argv[1:]
endpoint = open_endpoint(place)
document = "mutation($input: write_run_logs_input!) { write_run_logs(input: $input) { success } }"
print("ready", flush=True)
sys.stdin.readline()
for turn in range(30):
    logs = [{"flow_run_id": run, "message": f"{number} {turn} {line}"} for line in range(5)]
    assert json.loads(endpoint.answer(document, {"input": {"logs": logs}})) == {
        "data": {"write_run_logs": {"success": True}}
    }
"""


def run_of(store: Store, count: int = 1) -> list[str]:
    """New flow runs of one flow without tasks."""
    endpoint = Endpoint(store)

    def ask(name: str, /, **values: Any) -> str:
        document = f"mutation($input: {name}_input!) {{ {name}(input: $input) {{ id }} }}"
        answer = json.loads(endpoint.answer(document, {"input": values}))
        assert "errors" not in answer, answer
        found: str = answer["data"][name]["id"]
        return found

    tenant = json.loads(endpoint.answer("{ tenant { id } }"))["data"]["tenant"][0]["id"]
    project = ask("create_project", tenant_id=tenant, name="p")
    flow = ask("create_flow", project_id=project, serialized_flow={"name": "f", "tasks": [], "edges": []})
    return [ask("create_flow_run", flow_id=flow) for _ in range(count)]


def test_the_feed_of_a_run_that_processes_write_to_has_no_holes(place: Place) -> None:
    (run,) = run_of(place.store)
    in_processes(WRITER, [(place.name, run, str(number)) for number in range(3)])
    with place.store.snapshot() as snapshot:
        lines = snapshot.fetch_all("SELECT sequence, message, created FROM log ORDER BY sequence")
        end = snapshot.fetch_one("SELECT sequence FROM flow_run_sequence")
    assert [sequence for sequence, _, _ in lines] == list(range(2, 452))
    assert end == (451,)
    stamps = [created for _, _, created in lines]
    assert stamps == sorted(stamps)
    # What a process sent together stands together, and in the order in which it sent it.
    for number in range(3):
        mine = [message for _, message, _ in lines if message.startswith(f"{number} ")]
        assert mine == [f"{number} {turn} {line}" for turn in range(30) for line in range(5)]
    for batch in range(90):
        assert len({message.rsplit(" ", 1)[0] for _, message, _ in lines[5 * batch : 5 * batch + 5]}) == 1


AGENT = """
import json, sys
from prefect.server.embedded import open_endpoint
place, tenant, agent = sys.argv[1:]
endpoint = open_endpoint(place)
headers = {"X-PREFECT-AGENT-ID": agent}
def ask(name, selection, values):
    document = f"mutation($input: {name}_input!) {{ {name}(input: $input) {{ {selection} }} }}"
    return json.loads(endpoint.answer(document, {"input": values}, headers=headers))
print("ready", flush=True)
sys.stdin.readline()
mine = []
while True:
    due = ask("get_runs_in_queue", "flow_run_ids", {"tenant_id": tenant})["data"]["get_runs_in_queue"]["flow_run_ids"]
    if not due:
        break
    for run in due:
        state = {"type": "Submitted", "message": "Submitted for execution"}
        proposal = {"flow_run_id": run, "version": 1, "state": state}
        answer = ask("set_flow_run_states", "states { status }", {"states": [proposal]})
        if "errors" not in answer:
            mine.append(run)
        else:
            assert answer["errors"][0]["extensions"]["code"] == "VERSION_LOCKING_ERROR", answer
print(json.dumps(mine))
"""


def test_agents_that_race_for_a_queue_submit_each_run_once(place: Place) -> None:
    runs = run_of(place.store, 60)
    with place.store.snapshot() as snapshot:
        tenant = snapshot.fetch_one("SELECT id FROM tenant")
    assert tenant is not None
    agents = [new_id() for _ in range(3)]
    told = [json.loads(output) for output in in_processes(AGENT, [(place.name, tenant[0], agent) for agent in agents])]
    assert sorted(run for mine in told for run in mine) == sorted(runs)
    with place.store.snapshot() as snapshot:
        for agent, mine in zip(agents, told, strict=True):
            found = snapshot.fetch_all("SELECT id FROM flow_run WHERE agent_id = ?1 AND version = 2", (agent,))
            assert sorted(row[0] for row in found) == sorted(mine)


def test_a_key_that_is_sent_twice_at_once_makes_one_run(place: Place) -> None:
    run_of(place.store)
    with place.store.snapshot() as snapshot:
        flow = snapshot.fetch_one("SELECT id FROM flow")
    assert flow is not None
    endpoint, answers = Endpoint(place.store), []
    document = "mutation($input: create_flow_run_input!) { create_flow_run(input: $input) { id } }"

    def work(number: int) -> None:
        for turn in range(5):
            given = {"flow_id": flow[0], "idempotency_key": f"key {turn}"}
            answers.append((turn, json.loads(endpoint.answer(document, {"input": given}))))

    assert in_threads(4, work) == []
    assert len({json.dumps(answer) for _, answer in answers}) == 5
    assert not any("errors" in answer for _, answer in answers)


def test_registrations_at_once_are_numbered_one_after_the_other(place: Place) -> None:
    endpoint = Endpoint(place.store)
    run_of(place.store)
    with place.store.snapshot() as snapshot:
        project = snapshot.fetch_one("SELECT id FROM project")
    assert project is not None
    document = "mutation($input: create_flow_input!) { create_flow(input: $input) { id } }"

    def work(number: int) -> None:
        for turn in range(5):
            flow = {"name": "g", "tasks": [{"slug": f"{number}-{turn}"}], "edges": []}
            given = {"project_id": project[0], "serialized_flow": flow, "version_group_id": "group"}
            assert "errors" not in json.loads(endpoint.answer(document, {"input": given}))

    assert in_threads(4, work) == []
    question = '{ flow(where: {name: {_eq: "g"}}, order_by: {version: asc}) { version archived flow_group_id } }'
    answer = json.loads(endpoint.answer(question))
    assert [flow["version"] for flow in answer["data"]["flow"]] == list(range(1, 21))
    assert [flow["archived"] for flow in answer["data"]["flow"]] == [True] * 19 + [False]
    assert len({flow["flow_group_id"] for flow in answer["data"]["flow"]}) == 1


# -- changes, forks, closing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "elsewhere"])
def test_a_change_wakes_who_waits(place: Place, elsewhere: bool) -> None:
    changes = place.store.changes
    # The first look counts as a change, since something may have happened before it.
    assert changes.wait(changes.count, 30)
    seen, woken = changes.count, list[bool]()
    thread = threading.Thread(target=lambda: woken.append(changes.wait(seen, 30)))
    thread.start()
    writer = open_store(place.name) if elsewhere else place.store
    insert_tenant(writer, "news")
    thread.join()
    assert woken == [True]
    if elsewhere:
        writer.close()


def test_waiting_for_a_change_ends_with_its_time(store: Store) -> None:
    store.changes.wait(store.changes.count, 30)
    assert not store.changes.wait(store.changes.count + 1000, 0.01)


def test_a_forked_child_opens_its_own_connections(store: Store) -> None:
    insert_tenant(store, "parent")
    assert slugs(store) == {"default", "parent"}

    def child() -> None:
        insert_tenant(store, "child")
        assert slugs(store) == {"default", "parent", "child"}
        store.close()

    assert in_child(child) == 0
    insert_tenant(store, "parent again")
    assert slugs(store) == {"default", "parent", "child", "parent again"}


def test_a_child_forked_inside_a_transaction_leaves_it_to_its_parent(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.execute("UPDATE tenant SET slug = 'changed'")

        def child() -> None:
            transaction.__exit__(None, None, None)  # type: ignore[attr-defined]
            assert slugs(store) == {"default"}

        assert in_child(child) == 0
    assert slugs(store) == {"changed"}


def test_a_child_forked_inside_a_snapshot_leaves_it_to_its_parent(store: Store) -> None:
    with store.snapshot() as snapshot:
        assert snapshot.fetch_one("SELECT count(*) FROM tenant") == (1,)

        def child() -> None:
            snapshot.__exit__(None, None, None)  # type: ignore[attr-defined]
            assert slugs(store) == {"default"}

        assert in_child(child) == 0
        assert snapshot.fetch_one("SELECT count(*) FROM tenant") == (1,)


def test_a_closed_store_opens_again_when_it_is_used(store: Store) -> None:
    insert_tenant(store, "before")
    store.close()
    insert_tenant(store, "after")
    assert slugs(store) == {"default", "before", "after"}


def test_it_says_where_it_is_and_what(place: Place) -> None:
    kind = "postgresql" if place.name.startswith("postgresql://") else "sqlite"
    assert place.store.kind == kind
    assert place.store.place
    assert place.store.place in repr(place.store)


def test_nothing_is_kept_of_a_snapshot_that_failed(store: Store) -> None:
    def read(snapshot: Snapshot) -> None:
        snapshot.fetch_one("SELECT 1")
        raise ZeroDivisionError

    for _ in range(50):
        with pytest.raises(ZeroDivisionError), store.snapshot() as snapshot:
            read(snapshot)
    assert slugs(store) == {"default"}
