"""What a server counts of itself, and the text in which it tells."""

import os
import re
import threading
from collections.abc import Callable

from prefect.server.metrics import (
    BATCH,
    FAULT,
    LOG_LINES,
    OK,
    QUERY,
    REFUSED,
    SUBSCRIPTIONS,
    TRANSITIONS,
    UNKNOWN,
    WAITING,
    Metrics,
)

LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? (\+Inf|[0-9.e+-]+)')


def counting(workers: int = 1) -> Metrics:
    metrics = Metrics()
    metrics.serve(["set_flow_run_states", "write_run_logs"], workers)
    return metrics


def told(metrics: Metrics) -> dict[str, str]:
    lines = list(metrics.lines())
    assert all(line.startswith("# ") or LINE.fullmatch(line) for line in lines), lines
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_requests_are_counted_by_operation_and_outcome() -> None:
    metrics = counting()
    for operation, outcome in ((QUERY, OK), (QUERY, OK), (QUERY, REFUSED), ("write_run_logs", OK), (BATCH, FAULT)):
        metrics.answered(operation, outcome, 0.002)
    found = told(metrics)
    assert found['quaestor_requests_total{operation="query",status="ok"}'] == "2"
    assert found['quaestor_requests_total{operation="query",status="refused"}'] == "1"
    assert found['quaestor_requests_total{operation="write_run_logs",status="ok"}'] == "1"
    assert found['quaestor_requests_total{operation="batch",status="fault"}'] == "1"


def test_what_a_client_makes_up_is_no_label() -> None:
    metrics = counting()
    size = len(told(metrics))
    for number in range(1000):
        metrics.answered(f"made_up_{number}", REFUSED, 0.001)
    found = told(metrics)
    assert len(found) == size + 1
    assert found[f'quaestor_requests_total{{operation="{UNKNOWN}",status="refused"}}'] == "1000"
    assert not metrics.knows("made_up_1")
    assert metrics.knows("write_run_logs")


def test_durations_are_a_histogram() -> None:
    metrics = counting()
    for seconds in (0.0004, 0.0005, 0.02, 100.0):
        metrics.answered(QUERY, OK, seconds)
    found = told(metrics)
    buckets = {key: value for key, value in found.items() if 'bucket{kind="query"' in key}
    assert list(buckets.values()) == sorted(buckets.values(), key=int)
    assert buckets['quaestor_request_seconds_bucket{kind="query",le="0.0005"}'] == "2"
    assert buckets['quaestor_request_seconds_bucket{kind="query",le="0.025"}'] == "3"
    assert buckets['quaestor_request_seconds_bucket{kind="query",le="10"}'] == "3"
    assert buckets['quaestor_request_seconds_bucket{kind="query",le="+Inf"}'] == "4"
    assert found['quaestor_request_seconds_count{kind="query"}'] == "4"
    assert float(found['quaestor_request_seconds_sum{kind="query"}']) == 100.0209


def test_threads_lose_no_count() -> None:
    metrics = counting()

    def count() -> None:
        for _ in range(5000):
            metrics.moved([("task_run", "Running")], 2)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert metrics.value(TRANSITIONS, "task_run", "Running") == 20_000
    assert metrics.value(LOG_LINES) == 40_000


def test_workers_count_together(in_child: Callable[[Callable[[], None]], int]) -> None:
    metrics = counting(workers=3)

    def worker(number: int) -> Callable[[], None]:
        def work() -> None:
            metrics.be(number)
            metrics.moved([("flow_run", "Success")] * (number + 1), 0)
            metrics.add(SUBSCRIPTIONS)
            metrics.add(WAITING)

        return work

    for number in range(3):
        assert in_child(worker(number)) == 0
    assert metrics.value(TRANSITIONS, "flow_run", "Success") == 6
    assert metrics.value(SUBSCRIPTIONS) == 3
    assert told(metrics)["quaestor_workers"] == "3"
    # Another one comes in the place of one that died: it goes on counting, and nobody is subscribed to it.
    metrics.be(1)
    metrics.moved([("flow_run", "Success")], 0)
    assert metrics.value(TRANSITIONS, "flow_run", "Success") == 7
    assert metrics.value(SUBSCRIPTIONS) == 2


def test_a_child_that_is_forked_while_somebody_counts_can_count(
    in_child: Callable[[Callable[[], None]], int],
) -> None:
    metrics = counting()
    with metrics._lock:
        assert in_child(lambda: metrics.add(LOG_LINES)) == 0
    assert metrics.value(LOG_LINES) == 1
    assert os.getpid()
