"""Promise: 10,000 active schedules cost little, and planning them holds no writer up."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measure import Measurement, report
from prefect.server.endpoint import Endpoint
from prefect.server.identifiers import stamp
from prefect.server.services import scheduler
from prefect.server.store.database import Store

FLOWS = 10_000
START = datetime(2030, 1, 1, tzinfo=UTC)
CREATE = "mutation($input: create_flow_input!) { create_flow(input: $input) { id } }"


def flows(store: Store) -> None:
    """Ten thousand flows of three tasks, each with an hourly schedule that has just been activated."""
    endpoint = Endpoint(store)

    def ask(document: str, **given: Any) -> Any:
        return json.loads(endpoint.answer(document, {"input": given}))["data"]

    tenant = json.loads(endpoint.answer("{ tenant { id } }"))["data"]["tenant"][0]["id"]
    document = "mutation($input: create_project_input!) { create_project(input: $input) { id } }"
    project = ask(document, tenant_id=tenant, name="p")["create_project"]["id"]
    for number in range(FLOWS):
        start = {"dt": f"2020-01-01T00:{number % 60:02}:00", "tz": "UTC"}
        described = {
            "name": f"flow-{number}",
            "tasks": [{"slug": f"task-{task}", "name": "task", "type": "Task", "tags": []} for task in range(3)],
            "schedule": {"clocks": [{"type": "IntervalClock", "interval": 3_600_000_000, "start_date": start}]},
        }
        ask(CREATE, project_id=project, serialized_flow=described)
    with store.transaction() as transaction:
        transaction.execute("UPDATE flow_schedule SET planned_until = ?1, looked_at = ?1, due = ?1", (stamp(START),))


def cpu(function: Callable[[], object]) -> float:
    started = time.process_time()
    function()
    return time.process_time() - started


def plan_all(store: Store, moment: datetime) -> None:
    while scheduler.plan(store, lambda: moment).more:
        pass


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "quaestor.db", synchronous="FULL")
        flows(store)
        slices: list[float] = []
        write = scheduler._write

        def timed(*given: Any) -> int:
            started = time.thread_time()
            made = write(*given)
            slices.append((time.thread_time() - started) * 1000)
            return made

        scheduler.__dict__["_write"] = timed
        first = cpu(lambda: plan_all(store, START))
        idle = statistics.median(cpu(lambda: plan_all(store, START + timedelta(minutes=1))) for _ in range(5))
        # Half of the runs have passed of those flows whose events lie in one minute of the hour.
        steady = cpu(lambda: plan_all(store, START + timedelta(hours=4, minutes=1)))
        # All that are left fall short at once: the worst that can come.
        worst = cpu(lambda: plan_all(store, START + timedelta(hours=6)))
        store.close()
    report(
        [
            Measurement("scheduler.first", first),
            Measurement("scheduler.slice", sorted(slices)[-1 - len(slices) // 100]),
            Measurement("scheduler.idle", idle * 1000),
            Measurement("scheduler.steady", steady),
            Measurement("scheduler.worst", worst),
        ]
    )


if __name__ == "__main__":
    main()
