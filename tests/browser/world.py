"""Real runs of every kind for the page to show, recorded in a file of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pendulum
import pytest

import prefect
from prefect import Client, Flow, Parameter, task, unmapped
from prefect.backend import run_flow
from prefect.server import embedded

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"
LONG = "a_task_with_a_name_that_does_not_end_" * 14


@dataclass(frozen=True)
class World:
    """Where the runs are, and the ids of some by what became of them."""

    database: Path
    succeeded: str
    failed: str
    mapped: str
    cancelled: str
    late: str
    running: str
    odd: str


@task
def extract(source: str) -> list[int]:
    prefect.context.logger.info("Reading %s", source)
    return list(range(12))


@task
def transform(row: int, divisor: int) -> float:
    prefect.context.logger.debug("Row %d", row)
    if row == 7:
        prefect.context.logger.error("Row %d cannot be divided by what it should be", row)
        raise ZeroDivisionError(f"row {row} of the source has no divisor")
    return row / divisor


@task
def load(rows: list[float]) -> int:
    prefect.context.logger.warning("Wrote \x1b[32m%d rows\x1b[0m", len(rows))
    return len(rows)


@task
def report(rows: int) -> str:
    return f"{rows} rows"


@task
def square(number: int) -> int:
    return number * number


_tries: list[int] = []


@task(max_retries=2, retry_delay=timedelta(0))
def unsteady() -> str:
    _tries.append(1)
    if len(_tries) < 3:
        raise ConnectionError("the other side hung up")
    return "at last"


def _steady() -> Flow:
    with Flow("count rows") as flow:
        source = Parameter("source", default="s3://warehouse/orders.csv")
        report(load(extract(source)))
        unsteady()
    return flow


def _failing() -> Flow:
    with Flow("nightly report") as flow:
        source = Parameter("source", default="s3://warehouse/orders.csv")
        report(load(transform.map(extract(source), divisor=unmapped(3))))
    return flow


def _wide(width: int) -> Flow:
    with Flow("square all numbers") as flow:
        square.map(list(range(width)))
    return flow


def _odd() -> Flow:
    with Flow(MARKUP) as flow:
        square.copy(name=LONG)(2)
    return flow


def _waiting(started: threading.Event, go_on: threading.Event) -> Flow:
    @task
    def wait() -> None:
        prefect.context.logger.info("Waiting to be told")
        started.set()
        go_on.wait(300)

    with Flow("hourly sync") as flow:
        first = extract("s3://warehouse/live.csv")
        wait(upstream_tasks=[first])
    return flow


@contextmanager
def world(home: Path, *, width: int = 300) -> Iterator[World]:
    """The runs, one of which goes on as long as the block lasts."""
    from prefect.client.transport import forget_endpoints
    from prefect.configuration import config

    path = home / "quaestor.db"
    started, go_on = threading.Event(), threading.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(config, "backend", "embedded")
        patch.setitem(config.embedded, "database", str(path))
        patch.setitem(config, "home_dir", str(home / "home"))
        made = _make(width)
        waiting = _waiting(started, go_on)
        running: list[Any] = []
        thread = threading.Thread(
            target=lambda: running.append(run_flow(waiting, project_name="sales", run_name="live-one")), name="live run"
        )
        thread.start()
        try:
            assert started.wait(60), "The run that shall go on did not begin."
            found = Client().graphql('{ flow_run(where: {name: {_eq: "live-one"}}) { id } }')
            yield World(database=path, running=found["data"]["flow_run"][0]["id"], **made)
        finally:
            go_on.set()
            thread.join()
            endpoint = embedded._endpoints.pop(str(path.resolve()), None)
            if endpoint is not None:
                forget_endpoints()
                endpoint.store.close()


def _make(width: int) -> dict[str, str]:
    client = Client()
    succeeded = run_flow(_steady(), project_name="sales", run_name="steady-heron", labels=["eu", "nightly"])
    for name in ("brave-otter", "quiet-lynx"):
        run_flow(_steady(), project_name="sales", run_name=name)
    mapped = run_flow(_wide(width), project_name="science", run_name="wide-swan")
    odd = run_flow(_odd(), project_name="science", run_name=MARKUP)
    failed = run_flow(_failing(), project_name="sales", run_name="fierce-crane")
    nightly = failed.flow_id
    now = pendulum.now("UTC")
    late = client.create_flow_run(flow_id=nightly, run_name="tardy-snail", scheduled_start_time=now.subtract(hours=2))
    client.create_flow_run(flow_id=nightly, run_name="early-bird", scheduled_start_time=now.add(hours=3))
    cancelled = client.create_flow_run(flow_id=nightly, run_name="halted-mule", scheduled_start_time=now.add(minutes=5))
    client.cancel_flow_run(cancelled)
    return {
        "succeeded": succeeded.flow_run_id,
        "mapped": mapped.flow_run_id,
        "odd": odd.flow_run_id,
        "failed": failed.flow_run_id,
        "late": late,
        "cancelled": cancelled,
    }
