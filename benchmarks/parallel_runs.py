"""Promise: 500 mapped tasks that sleep are run at once as well as the same calls are without an engine.

Time is that of the clock here, since a task that sleeps costs none of the processor's.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from distributed import Client, LocalCluster

from benchmarks.measure import Measurement, report
from prefect import Flow, task
from prefect.executors import DaskExecutor, Executor, LocalDaskExecutor

COUNT = 500
SECONDS = 0.005
THREADS = 8
REPEATS = 7


def sleep(number: int) -> int:
    time.sleep(SECONDS)
    return number


def sleeping() -> Flow:
    with Flow("sleeping") as flow:
        task(sleep, checkpoint=False).map(list(range(COUNT)))
    return flow


def run(flow: Flow, executor: Executor) -> None:
    state = flow.run(executor=executor)
    if state is None or not state.is_successful():
        raise RuntimeError(f"The run to be measured ended as {state!r}")


def seconds(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


@dataclass(frozen=True)
class SideBySide:
    """Median time of ours, and the median ratio to what was measured just before or after it."""

    seconds: float
    ratio: float


def side_by_side(ours: Callable[[], object], by_hand: Callable[[], object]) -> SideBySide:
    """Both in turns, so that a busy minute hits both."""
    ours(), by_hand()
    pairs = [(seconds(ours), seconds(by_hand)) for _ in range(REPEATS)]
    return SideBySide(statistics.median(pair[0] for pair in pairs), statistics.median(one / two for one, two in pairs))


def in_threads() -> Measurement:
    flow = sleeping()
    ideal = COUNT / THREADS * SECONDS

    def by_hand() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(sleep, range(COUNT)))

    found = side_by_side(lambda: run(flow, LocalDaskExecutor("threads", num_workers=THREADS)), by_hand)
    return Measurement("parallel.threads", found.seconds / ideal, "a bare pool of threads", found.ratio)


def on_a_cluster() -> Measurement:
    flow = sleeping()
    with LocalCluster(n_workers=2, threads_per_worker=THREADS // 2, dashboard_address=":0") as cluster:

        def by_hand() -> Any:
            # Connects as a run does.
            with Client(cluster.scheduler_address) as client:
                return client.gather([client.submit(sleep, number, pure=False) for number in range(COUNT)])

        executor = DaskExecutor(address=cluster.scheduler_address)
        found = side_by_side(lambda: run(flow, executor), by_hand)
    return Measurement("parallel.cluster", found.ratio)


def measure() -> Iterator[Measurement]:
    yield in_threads()
    yield on_a_cluster()


if __name__ == "__main__":
    report(measure())
