"""Transactions, snapshots, and files that other processes use at the same time."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

import prefect
from prefect.server.errors import StoreError
from prefect.server.identifiers import now
from prefect.server.store import database, sqlite
from prefect.server.store.database import Snapshot, Store, Transaction

InChild = Callable[[Callable[[], None]], int]


def insert_tenant(store: Store, slug: str) -> None:
    with store.transaction() as transaction:
        transaction.execute(
            "INSERT INTO tenant (id, created, updated, name, slug) VALUES (?1, ?2, ?2, ?1, ?1)", (slug, now())
        )


def slugs(store: Store) -> set[str]:
    with store.snapshot() as snapshot:
        return {slug for (slug,) in snapshot.fetch_all("SELECT slug FROM tenant")}


def test_a_fresh_file_carries_our_marks_and_a_tenant(store: Store) -> None:
    with store.snapshot() as snapshot:
        read = {
            name: snapshot.fetch_one(f"PRAGMA {name}")
            for name in ("application_id", "user_version", "auto_vacuum", "journal_mode", "synchronous")
        }
    assert read == {
        "application_id": (sqlite.APPLICATION_ID,),
        "user_version": (sqlite.USER_VERSION,),
        "auto_vacuum": (2,),
        "journal_mode": ("wal",),
        "synchronous": (1,),
    }
    assert slugs(store) == {"default"}


def test_a_server_can_ask_for_writes_that_survive_a_loss_of_power(tmp_path: Path) -> None:
    store = Store(tmp_path / "full.db", synchronous="FULL")
    with store.transaction() as transaction:
        assert transaction.fetch_one("PRAGMA synchronous") == (2,)
    store.close()


def test_the_directory_is_made(tmp_path: Path) -> None:
    store = Store(tmp_path / "some" / "where" / "quaestor.db")
    assert slugs(store) == {"default"}
    store.close()


def test_an_error_undoes_everything(store: Store) -> None:
    def fail_halfway() -> None:
        with store.transaction() as transaction:
            transaction.execute("UPDATE tenant SET slug = 'changed'")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert slugs(store) == {"default"}
    insert_tenant(store, "after")
    assert slugs(store) == {"default", "after"}


def test_an_error_of_sqlite_comes_as_one_of_ours(store: Store) -> None:
    with pytest.raises(StoreError, match="no such table: missing"), store.transaction() as transaction:
        transaction.execute("SELECT * FROM missing")
    with pytest.raises(StoreError, match="no such table: missing"), store.snapshot() as snapshot:
        snapshot.fetch_all("SELECT * FROM missing")
    insert_tenant(store, "after")


def test_a_snapshot_sees_one_moment(store: Store) -> None:
    with store.snapshot() as snapshot:
        before = snapshot.fetch_all("SELECT slug FROM tenant")
        insert_tenant(store, "meanwhile")
        assert snapshot.fetch_all("SELECT slug FROM tenant") == before
    assert slugs(store) == {"default", "meanwhile"}


def test_a_snapshot_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError), store.snapshot() as snapshot:
        snapshot.fetch_all("DELETE FROM tenant RETURNING id")
    assert slugs(store) == {"default"}


def test_readers_and_writers_of_many_threads_do_not_disturb_each_other(store: Store) -> None:
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(20):
                insert_tenant(store, f"{number}-{turn}")
                assert f"{number}-{turn}" in slugs(store)
        except (StoreError, AssertionError) as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(slugs(store)) == 121


WRITER = """
import sys
from prefect.server.identifiers import now
from prefect.server.store.database import Store
store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for turn in range(50):
    with store.transaction() as transaction:
        transaction.execute(
            "INSERT INTO tenant (id, created, updated, name, slug) VALUES (?1, ?2, ?2, ?1, ?1)",
            (f"{sys.argv[2]}-{turn}", now()),
        )
"""


def test_many_processes_write_and_nobody_is_told_to_wait(tmp_path: Path) -> None:
    path = tmp_path / "quaestor.db"
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", WRITER, str(path), str(number)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "PYTHONPATH": str(Path(prefect.__file__).parents[1])},
                )
            )
            for number in range(4)
        ]
        # All of them open the same fresh file at once, and only one lays it out.
        ready = [process.stdout.readline() for process in processes if process.stdout is not None]
        told = [process.communicate("go\n") for process in processes]
        assert ready == ["ready\n"] * 4, told
        assert [process.returncode for process in processes] == [0] * 4, told
    store = Store(path)
    assert len(slugs(store)) == 201
    with store.snapshot() as snapshot:
        assert snapshot.fetch_one("PRAGMA integrity_check") == ("ok",)
    store.close()


def test_a_forked_child_opens_its_own_connections(store: Store, in_child: InChild) -> None:
    insert_tenant(store, "parent")
    assert slugs(store) == {"default", "parent"}
    writer, readers = store._writer, list(store._readers)

    def child() -> None:
        assert store._writer is None
        insert_tenant(store, "child")
        assert slugs(store) == {"default", "parent", "child"}
        assert store._writer is not writer
        assert not set(map(id, store._readers)) & set(map(id, readers))

    assert in_child(child) == 0
    insert_tenant(store, "parent again")
    assert slugs(store) == {"default", "parent", "child", "parent again"}


def test_a_child_forked_inside_a_transaction_leaves_it_to_its_parent(store: Store, in_child: InChild) -> None:
    with store.transaction() as transaction:
        transaction.execute("UPDATE tenant SET slug = 'changed'")

        def child() -> None:
            transaction.__exit__(None, None, None)
            assert slugs(store) == {"default"}

        assert in_child(child) == 0
    assert slugs(store) == {"changed"}


@pytest.mark.parametrize("using", [Store.transaction, Store.snapshot])
def test_a_fork_waits_for_the_threads_that_are_inside_the_library(
    store: Store,
    in_child: InChild,
    monkeypatch: pytest.MonkeyPatch,
    using: Callable[[Store], AbstractContextManager[Transaction | Snapshot]],
) -> None:
    """Its global locks, held by a thread that the child does not have, would stop the child for ever."""
    monkeypatch.setattr(database, "FORK_PATIENCE_SECONDS", 60)
    slugs(store)
    inside = threading.Event()
    left: list[bool] = []

    def use() -> None:
        with using(store) as used:
            inside.set()
            while store._may_read.is_set():
                used.fetch_one("SELECT 1")
            left.append(True)

    thread = threading.Thread(target=use)
    thread.start()
    inside.wait()

    def child() -> None:
        assert left
        insert_tenant(store, "child")

    assert in_child(child) == 0
    thread.join()
    assert slugs(store) == {"default", "child"}


def test_a_fork_while_this_thread_reads_happens_all_the_same(
    store: Store, in_child: InChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "FORK_PATIENCE_SECONDS", 0.01)
    with store.snapshot():
        assert in_child(lambda: insert_tenant(store, "child")) == 0
    assert slugs(store) == {"default", "child"}


def test_a_child_does_not_keep_the_writers_lock(store: Store) -> None:
    reading, writing = os.pipe()
    with store.transaction():
        child = os.fork()
        if child == 0:
            # Lives on while the parent, whose lock it inherited, has long left.
            os.close(writing)
            os.read(reading, 1)
            os._exit(0)
    insert_tenant(store, "parent")
    other = Store(store.path)
    insert_tenant(other, "other")
    other.close()
    os.close(reading)
    os.close(writing)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert slugs(store) == {"default", "parent", "other"}


def test_a_closed_store_opens_again_when_it_is_used(store: Store) -> None:
    insert_tenant(store, "before")
    store.close()
    insert_tenant(store, "after")
    assert slugs(store) == {"default", "before", "after"}


def test_a_change_by_this_process_wakes_who_waits(store: Store) -> None:
    seen = store.changes.count
    started = threading.Event()
    woken: list[bool] = []

    def wait() -> None:
        started.set()
        woken.append(store.changes.wait(seen, 30))

    thread = threading.Thread(target=wait)
    thread.start()
    started.wait()
    insert_tenant(store, "news")
    thread.join()
    assert woken == [True]


def test_a_change_by_another_process_wakes_who_waits(store: Store) -> None:
    # The first look counts as a change, since something may have happened before it.
    assert store.changes.wait(store.changes.count, 30)
    seen = store.changes.count
    other = sqlite3.connect(store.path)
    changed: list[bool] = []
    thread = threading.Thread(target=lambda: changed.append(store.changes.wait(seen, 30)))
    thread.start()
    other.execute("UPDATE tenant SET slug = 'elsewhere'")
    other.commit()
    other.close()
    thread.join()
    assert changed == [True]


def test_waiting_for_a_change_ends_with_its_time(store: Store) -> None:
    store.changes.wait(store.changes.count, 30)
    assert not store.changes.wait(store.changes.count + 1000, 0.01)


def test_a_transaction_inside_a_transaction_is_refused_instead_of_waiting_for_itself(store: Store) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="writing already"):
        insert_tenant(store, "inside")
    insert_tenant(store, "after")
    assert slugs(store) == {"default", "after"}


def test_where_files_cannot_be_locked_sqlite_waits_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "fcntl", None)
    store = Store(tmp_path / "quaestor.db")
    insert_tenant(store, "one")
    assert slugs(store) == {"default", "one"}
    assert not (tmp_path / "quaestor.db-lock").exists()
    with store.transaction() as transaction:
        timeout = transaction.fetch_one("PRAGMA busy_timeout")
    assert timeout == (int(sqlite.BUSY_TIMEOUT_SECONDS * 1000),)
    store.close()
