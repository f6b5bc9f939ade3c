import logging
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from prefect import Flow, task
from prefect.executors import LocalDaskExecutor
from prefect.executors.pool import TRIES, InProcesses, PoolScheduler


@pytest.fixture
def pool() -> Iterator[PoolScheduler]:
    scheduler = PoolScheduler(2)
    yield scheduler
    scheduler.stop()


def add(*numbers: int) -> int:
    return sum(numbers)


def test_calls_get_the_values_of_those_they_need(pool: PoolScheduler) -> None:
    pool.add("one", lambda: 1, [])
    pool.add("two", lambda one: one + 1, ["one"])
    pool.add("three", add, ["one", "two"])
    assert pool.wait(["three", "one"]) == [3, 1]
    pool.add("six", add, ["three", "three"])
    assert pool.wait(["six"]) == [6]
    assert pool.wait([]) == []


def test_a_call_runs_before_anybody_waits_and_while_others_still_run(pool: PoolScheduler) -> None:
    go_on, came = threading.Event(), threading.Event()
    pool.add("slow", lambda: go_on.wait(30), [])
    pool.add("quick", lambda: None, [])
    pool.add("after quick", lambda _: came.set(), ["quick"])
    assert came.wait(30)
    go_on.set()
    assert pool.wait(["slow"]) == [True]


def test_what_is_furthest_down_goes_first() -> None:
    pool = PoolScheduler(1)
    begin = threading.Event()
    seen: list[str] = []
    pool.add("begin", lambda: begin.wait(30), [])
    for name in ("a", "b"):
        pool.add(name, lambda _, name=name: seen.append(name), ["begin"])
        pool.add(f"after {name}", lambda _, name=name: seen.append(f"after {name}"), [name])
    begin.set()
    pool.wait(["after a", "after b"])
    pool.stop()
    assert seen == ["a", "after a", "b", "after b"]


def test_an_error_ends_what_needs_it_and_wakes_who_waits(pool: PoolScheduler) -> None:
    go_on = threading.Event()
    pool.add("slow", lambda: go_on.wait(30), [])
    pool.add("bad", lambda: 1 / 0, [])
    pool.add("after", lambda _: None, ["bad"])
    with pytest.raises(ZeroDivisionError):
        pool.wait(["slow", "after"])
    pool.add("later", lambda _: None, ["bad"])
    with pytest.raises(ZeroDivisionError):
        pool.wait(["later"])
    go_on.set()
    assert pool.wait(["slow"]) == [True]


def test_a_stopped_pool_starts_nothing_more() -> None:
    pool = PoolScheduler(1)
    started, go_on = threading.Event(), threading.Event()
    seen: list[int] = []

    def first() -> None:
        started.set()
        go_on.wait(30)

    pool.add("first", first, [])
    pool.add("second", lambda: seen.append(2), [])
    assert started.wait(30)
    stopping = threading.Thread(target=pool.stop)
    stopping.start()
    while not pool._stopped:
        threading.Event().wait(0.001)
    go_on.set()
    stopping.join()
    assert seen == []


def test_a_long_chain_of_failures_is_no_deep_recursion(pool: PoolScheduler) -> None:
    begin = threading.Event()

    def fail() -> None:
        begin.wait(30)
        raise ValueError("at the beginning")

    pool.add("0", fail, [])
    for number in range(1, 5_000):
        pool.add(str(number), lambda _: None, [str(number - 1)])
    begin.set()
    with pytest.raises(ValueError, match="at the beginning"):
        pool.wait(["4999"])


# --- processes --------------------------------------------------------------------------------------------------------


@pytest.fixture
def processes() -> Iterator[InProcesses]:
    made = InProcesses(lambda: ProcessPoolExecutor(1, mp_context=get_context("spawn")), logging.getLogger("prefect"))
    yield made
    made.close()


def kill_this_process(directory: str, times: int) -> int:
    killed = len(os.listdir(directory))
    if killed < times:
        Path(directory, str(killed)).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return killed


class Unpicklable(Exception):
    def __init__(self) -> None:
        super().__init__("cannot be sent")
        self.lock = threading.Lock()


def fail_with(kind: Any) -> None:
    raise kind


def test_a_process_that_dies_costs_its_call_another_try(processes: InProcesses, tmp_path: Path) -> None:
    assert processes(kill_this_process, [str(tmp_path), 1]) == 1


def test_a_call_that_always_kills_its_process_comes_to_an_end(processes: InProcesses, tmp_path: Path) -> None:
    with pytest.raises(BrokenExecutor):
        processes(kill_this_process, [str(tmp_path), 100])
    assert len(os.listdir(tmp_path)) == TRIES
    assert processes(add, [1, 2]) == 3


def test_errors_come_back_with_the_place_where_they_came_up(processes: InProcesses) -> None:
    with pytest.raises(ValueError, match="no such luck") as raised:
        processes(fail_with, [ValueError("no such luck")])
    assert "in fail_with" in raised.value.__notes__[0]
    with pytest.raises(RuntimeError, match="cannot be sent"):
        processes(fail_with_what_cannot_be_sent, [])


def fail_with_what_cannot_be_sent() -> None:
    raise Unpicklable


# --- in a flow --------------------------------------------------------------------------------------------------------


def test_branches_do_not_wait_for_each_other() -> None:
    """Each of two sources goes on once the other one runs, and so does a task that is mapped over neither."""
    meeting = threading.Barrier(3)

    @task
    def source(count: int) -> list[int]:
        meeting.wait(30)
        return list(range(count))

    @task
    def alone() -> int:
        return meeting.wait(30)

    @task
    def double(number: int) -> int:
        return 2 * number

    with Flow("branches") as flow:
        first = double.map(source(2))
        second = double.map(source(3))
        alone()
    state = flow.run(executor=LocalDaskExecutor("threads", num_workers=3))
    assert state is not None
    assert state.is_successful(), state
    assert (state.result[first].result, state.result[second].result) == ([0, 2], [0, 2, 4])
