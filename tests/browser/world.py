"""Real runs of every kind for the page to show, made by a process of its own, one of which goes on as long as it does.

    python -m tests.browser.world

records them where its settings say, prints the ids of some as a line of JSON, and then reads its standard input: the
id of a run has it executed, and its state printed; the end of the input ends it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pendulum

import prefect
from prefect import Client, Flow, Parameter, task, unmapped
from prefect.backend import run_flow
from prefect.backend.execution import execute_flow_run

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"
LONG = "a_task_with_a_name_that_does_not_end_" * 14


@dataclass(frozen=True)
class World:
    """Where the runs are, and the ids of some by what became of them."""

    database: Path
    process: subprocess.Popen[str]
    succeeded: str
    failed: str
    mapped: str
    cancelled: str
    late: str
    running: str
    odd: str
    bitten: str

    def execute(self, flow_run_id: str) -> str:
        """Have the run executed that was restarted; gives the name of its state."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{flow_run_id}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


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


_bites: list[int] = []


@task
def bite() -> str:
    if not _bites:
        _bites.append(1)
        raise RuntimeError("once bitten")
    return "twice shy"


def _bitten() -> Flow:
    with Flow("weekly audit") as flow:
        report(load(extract("s3://warehouse/audit.csv")), upstream_tasks=[bite()])
    return flow


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
def world(home: Path) -> Iterator[World]:
    """The runs, one of which goes on as long as the block lasts."""
    database = home / "quaestor.db"
    root = Path(__file__).resolve().parents[2]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(root / "src"), str(root))),
        "PREFECT__HOME_DIR": str(home),
        "PREFECT__EMBEDDED__DATABASE": str(database),
        "PREFECT__BACKEND": "embedded",
        "PREFECT__LOGGING__LEVEL": "DEBUG",
    }
    with (
        (home / "log.txt").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tests.browser.world"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, (home / "log.txt").read_text()[-3000:]
            yield World(database=database, process=process, **json.loads(line))
        finally:
            process.stdin.close()
            process.wait(60)


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    # Log lines go where errors go: standard output is for answers.
    os.dup2(2, 1)
    bitten = _bitten()
    made = _make(300, bitten)
    started, go_on = threading.Event(), threading.Event()
    waiting = _waiting(started, go_on)
    thread = threading.Thread(
        target=run_flow, args=(waiting,), kwargs={"project_name": "sales", "run_name": "live-one"}, name="live run"
    )
    thread.start()
    started.wait()
    found = Client().graphql('{ flow_run(where: {name: {_eq: "live-one"}}) { id } }')
    print(json.dumps({**made, "running": found["data"]["flow_run"][0]["id"]}), file=answers, flush=True)
    for line in sys.stdin:
        state = execute_flow_run(line.strip(), flow=bitten).state
        print(type(state).__name__, file=answers, flush=True)
    go_on.set()
    thread.join()


def _make(width: int, bitten: Flow) -> dict[str, str]:
    client = Client()
    succeeded = run_flow(_steady(), project_name="sales", run_name="steady-heron", labels=["eu", "nightly"])
    for name in ("brave-otter", "quiet-lynx"):
        run_flow(_steady(), project_name="sales", run_name=name)
    mapped = run_flow(_wide(width), project_name="science", run_name="wide-swan")
    odd = run_flow(_odd(), project_name="science", run_name=MARKUP)
    bit = run_flow(bitten, project_name="audits", run_name="wary-fox")
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
        "bitten": bit.flow_run_id,
        "failed": failed.flow_run_id,
        "late": late,
        "cancelled": cancelled,
    }


if __name__ == "__main__":
    main()
