"""Writers that wait together are written together, and fail alone."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from prefect.server.errors import DiskFull, StoreError
from prefect.server.store.database import Store, Transaction
from prefect.server.store.line import LARGEST_GROUP, Line, Turn

Work = Callable[[Transaction], Any]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "quaestor.db")
    with store.transaction() as transaction:
        transaction.execute("CREATE TABLE line (number INTEGER PRIMARY KEY)")
    yield store
    store.close()


def insert(number: int) -> Work:
    def work(transaction: Transaction) -> int:
        transaction.execute("INSERT INTO line VALUES (?)", (number,))
        return number

    return work


def numbers(store: Store) -> list[int]:
    with store.snapshot() as snapshot:
        return [row[0] for row in snapshot.fetch_all("SELECT number FROM line ORDER BY number")]


@contextmanager
def commits(store: Store) -> Iterator[list[str]]:
    """The statements that end transactions."""
    ended: list[str] = []
    assert store._writer is not None
    store._writer.set_trace_callback(lambda sql: ended.append(sql) if sql in ("COMMIT", "ROLLBACK") else None)
    yield ended
    store._writer.set_trace_callback(None)


def together(store: Store, works: list[Work]) -> list[Any]:
    """What becomes of works that wait for each other: of each what it gave, or what it raised."""
    found: list[Any] = [None] * len(works)

    def write(place: int) -> None:
        try:
            found[place] = store.write(works[place])
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            found[place] = error

    first, threads = threading.Event(), []
    with store.transaction():
        for place in range(len(works)):
            threads.append(threading.Thread(target=write, args=(place,)))
            threads[-1].start()
            # In this order: each stands in line before the next one comes.
            while len(store._line._waiting) <= place:
                first.wait(0.001)
    for thread in threads:
        thread.join(30)
    return found


def test_alone_a_writer_has_a_transaction_of_its_own(store: Store) -> None:
    with commits(store) as ended:
        assert [store.write(insert(number)) for number in range(3)] == [0, 1, 2]
    assert ended == ["COMMIT"] * 3
    assert numbers(store) == [0, 1, 2]


def test_writers_that_wait_together_are_written_together(store: Store) -> None:
    with commits(store) as ended:
        assert together(store, [insert(number) for number in range(10)]) == list(range(10))
    assert ended == ["COMMIT"] * 2  # that of the transaction for which they waited, and theirs
    assert numbers(store) == list(range(10))


def test_a_group_has_a_limit(store: Store) -> None:
    with commits(store) as ended:
        together(store, [insert(number) for number in range(LARGEST_GROUP + 1)])
    assert ended == ["COMMIT"] * 3
    assert len(numbers(store)) == LARGEST_GROUP + 1


def test_what_fails_is_undone_alone(store: Store) -> None:
    def fails(transaction: Transaction) -> None:
        insert(100)(transaction)
        raise ValueError("not this one")

    found = together(store, [insert(0), fails, insert(2), insert(2), insert(4)])
    assert (found[0], found[2], found[4]) == (0, 2, 4)
    assert isinstance(found[1], ValueError)
    assert isinstance(found[3], StoreError)
    assert "UNIQUE constraint failed" in found[3].message
    assert numbers(store) == [0, 2, 4]


def test_a_writer_alone_fails_as_ever(store: Store) -> None:
    store.write(insert(1))
    with pytest.raises(StoreError, match="UNIQUE constraint failed"):
        store.write(insert(1))
    with pytest.raises(ZeroDivisionError):
        store.write(lambda transaction: 1 // 0)
    assert store.write(insert(2)) == 2


def test_where_everything_was_undone_everybody_is_told(store: Store) -> None:
    def disk_is_full(transaction: Transaction) -> None:
        transaction.execute("ROLLBACK")  # as SQLite does it by itself
        raise DiskFull("There is no room left.")

    found = together(store, [insert(0), disk_is_full, insert(2)])
    assert [type(error) for error in found] == [DiskFull] * 3
    assert numbers(store) == []
    assert store.write(insert(3)) == 3


def test_an_interrupted_leader_tells_those_for_whom_it_wrote(store: Store) -> None:
    def interrupted(transaction: Transaction) -> None:
        raise KeyboardInterrupt

    found = together(store, [interrupted, insert(1)])
    assert isinstance(found[0], KeyboardInterrupt)
    assert isinstance(found[1], StoreError)
    assert numbers(store) == []
    assert store.write(insert(2)) == 2


def test_a_transaction_that_cannot_begin_fails_its_writer_and_nobody_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter, tries = store._enter_writer, []

    def busy_once() -> sqlite3.Connection:
        tries.append(1)
        if len(tries) == 1:
            raise StoreError("busy")
        return enter()

    monkeypatch.setattr(store, "_enter_writer", busy_once)
    with pytest.raises(StoreError, match="busy"):
        store.write(insert(1))
    assert store.write(insert(2)) == 2
    assert numbers(store) == [2]


def test_writing_within_writing_is_refused_instead_of_waiting_for_ever(store: Store) -> None:
    with pytest.raises(RuntimeError, match="wait for itself"):
        store.write(lambda transaction: store.write(insert(1)))
    assert store.write(insert(2)) == 2


def test_the_next_in_line_leads_when_a_group_is_done() -> None:
    line, first, second, third = Line(), Turn(str), Turn(str), Turn(str)
    line.join(first)
    threads = [threading.Thread(target=line.join, args=(turn,)) for turn in (second, third)]
    for number, thread in enumerate(threads, 2):
        thread.start()
        while len(line._waiting) < number:
            pass
    assert line.take(1) == [first]
    line.leave([first])
    threads[0].join(30)
    assert (first.is_done, second.is_done, third.is_done) == (True, False, False)
    assert line.take() == [second, third]
    line.leave([second, third])
    threads[1].join(30)
    assert third.is_done


def test_many_writers_lose_nothing(store: Store) -> None:
    found: list[int] = []
    start = threading.Barrier(16, timeout=30)

    def write(first: int) -> None:
        start.wait()
        for number in range(first, 800, 16):
            found.append(store.write(insert(number)))

    threads = [threading.Thread(target=write, args=(first,)) for first in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == numbers(store) == list(range(800))
