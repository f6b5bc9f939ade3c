"""Journey (b) under a concurrency limit: who finds it full waits, and every run comes to its end."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prefect import Flow, Task, task
from prefect.backend.execution import run_flow
from prefect.client.client import Client
from prefect.configuration import config
from prefect.executors import LocalDaskExecutor, LocalExecutor


class Gauge:
    """How many are at work at once, now and at most."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = 0
        self.most = 0
        self.done = 0

    def __enter__(self) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *error: object) -> None:
        with self.lock:
            self.now -= 1
            self.done += 1


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config.cloud, "queue_interval", 0.01)


def measuring(gauge: Gauge) -> Task:
    @task(tags=["db"])
    def work(x: int) -> int:
        with gauge:
            return x

    return work


@pytest.mark.parametrize("executor", [LocalExecutor, lambda: LocalDaskExecutor("threads", num_workers=4)])
def test_children_of_a_map_take_turns(database: Path, executor: Callable[[], LocalExecutor]) -> None:
    Client().update_task_tag_limit("db", 2)
    gauge = Gauge()
    work = measuring(gauge)
    with Flow("mapped", executor=executor()) as flow:
        done = work.map(list(range(8)))
    view = run_flow(flow)
    assert view.state.is_successful(), view.state
    assert gauge.done == 8
    assert gauge.most <= 2
    assert view.get_task_run(task_slug=flow.slugs[done]).get_result() == list(range(8))


def test_runs_take_turns_and_each_comes_to_its_end(database: Path) -> None:
    client = Client()
    client.update_task_tag_limit("db", 1)
    gauge = Gauge()

    def run(number: int) -> bool:
        work = measuring(gauge)
        with Flow(f"flow {number}") as flow:
            second = work(work(number))
        view = run_flow(flow)
        assert view.get_task_run(task_slug=flow.slugs[second]).get_result() == number
        return view.state.is_successful()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, range(3))) == [True] * 3
    assert (gauge.done, gauge.most) == (6, 1)
    assert client.get_task_tag_limit("db") == 1


def test_a_run_waits_for_the_run_before_it(database: Path) -> None:
    document = 'mutation { update_flow_concurrency_limit(input: {label: "one-at-a-time", limit: 1}) { id } }'
    Client().graphql(document)
    gauge = Gauge()

    def run(number: int) -> bool:
        @task
        def work() -> None:
            with gauge:
                pass

        with Flow(f"flow {number}") as flow:
            work()
        return run_flow(flow, labels=["one-at-a-time"]).state.is_successful()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, range(3))) == [True] * 3
    assert (gauge.done, gauge.most) == (3, 1)
