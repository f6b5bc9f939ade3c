"""Promise: what runs report over HTTP costs little of the server: transitions, one at a time and in batches, and logs.

One server process on a file of SQLite, `synchronous=FULL`; clients are threads of another process, each with a
connection of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks.load_subscribers import LINE, do
from benchmarks.measure import Measurement, report
from benchmarks.served import Client, Server, encoded, serving

CLIENTS = 8
# Task runs of each client, each of which is moved twice.
TASK_RUNS = 1_000
STATES = ("Running", "Success")
BATCH = 100
LOG_LINES = 40_000

MOVE = "mutation($input: set_task_run_states_input!) { set_task_run_states(input: $input) { states { id status } } }"
LOG = "mutation($input: write_run_logs_input!) { write_run_logs(input: $input) { success } }"
# As a client sends it.
STATE: dict[str, Any] = {
    "context": {"tags": []},
    "cached_inputs": {},
    "_result": {"type": "NoResultType", "__version__": "1.5.0"},
    "__version__": "1.5.0",
}


class Run:
    """A running flow run with task runs that are Pending."""

    def __init__(self, client: Client, task_runs: int) -> None:
        tenant = json.loads(client.ask("{ tenant { id } }"))["data"]["tenant"][0]["id"]
        project = do(client, "create_project", tenant_id=tenant, name=f"writes {time.monotonic_ns()}")["id"]
        described: dict[str, Any] = {"name": "writes", "edges": [], "parameters": [], "storage": None}
        described["tasks"] = [{"slug": "task-1", "name": "task", "type": "prefect.core.task.Task", "tags": []}]
        flow = do(client, "create_flow", project_id=project, serialized_flow=described)["id"]
        self.id: str = do(client, "create_flow_run", flow_id=flow)["id"]
        running = [{"flow_run_id": self.id, "state": {"type": "Running"}}]
        do(client, "set_flow_run_states", "states { id }", states=running)
        found = client.ask("query($id: uuid!) { task(where: {flow_id: {_eq: $id}}) { id } }", {"id": flow})
        task = json.loads(found)["data"]["task"][0]["id"]
        made = do(
            client,
            "get_or_create_mapped_task_runs",
            "task_runs { id }",
            flow_run_id=self.id,
            task_id=task,
            count=task_runs,
        )
        self.task_runs: list[str] = [child["id"] for child in made["task_runs"]]


def moves(task_runs: list[str], batch: int) -> list[bytes]:
    """Requests that move each of these through its states, ready to be sent."""
    steps = [(run, version, state) for run in task_runs for version, state in enumerate(STATES, 1)]
    if batch > 1:
        steps.sort(key=lambda step: step[1])
    proposals = [
        {"task_run_id": run, "version": version, "state": {"type": state, "message": f"Task run is {state}.", **STATE}}
        for run, version, state in steps
    ]
    return [
        encoded(MOVE, {"input": {"states": proposals[start : start + batch]}})
        for start in range(0, len(proposals), batch)
    ]


def send_all(port: int, requests: list[list[bytes]], tell: Connection) -> None:
    """Send each list from a thread of its own, and tell how long all of them took."""
    clients = [Client(port) for _ in requests]
    failed: list[bytes] = []

    def send(client: Client, mine: list[bytes]) -> None:
        for request in mine:
            body = client.send(request)
            if not body.startswith(b'{"data":') or b"REFUSED" in body:
                failed.append(body[:300])

    threads = [Thread(target=send, args=pair) for pair in zip(clients, requests, strict=True)]
    tell.send("ready")
    tell.recv()
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell.send((time.perf_counter() - began, failed[:1]))


def cost(server: Server, requests: list[list[bytes]]) -> tuple[float, float]:
    """Seconds, and CPU seconds of the server, that it took to answer all of these."""
    ear, mouth = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=send_all, args=(server.port, requests, mouth))
    process.start()
    ear.recv()
    cpu = server.cpu_seconds()
    ear.send("go")
    seconds, failed = ear.recv()
    used = server.cpu_seconds() - cpu
    process.join()
    if failed:
        raise RuntimeError(f"A request to be measured was refused: {failed[0]!r}")
    return seconds, used


def measure() -> Iterator[Measurement]:
    with tempfile.TemporaryDirectory() as directory:
        with serving("--database", str(Path(directory) / "writes.db")) as server:
            client = Client(server.port)
            yield Measurement("http_writes.idle_memory", server.resident_mebibytes())
            rates, costs = [], []
            for _ in range(3):
                runs = [Run(client, TASK_RUNS) for _ in range(CLIENTS)]
                seconds, cpu = cost(server, [moves(run.task_runs, 1) for run in runs])
                count = CLIENTS * TASK_RUNS * len(STATES)
                rates.append(count / seconds)
                costs.append(cpu / count * 1000)
            # At least so many a second, said as at most so long.
            yield Measurement("http_writes.seconds_for_1500", 1500 / max(rates))
            yield Measurement("http_writes.transition_cpu", min(costs))
            costs = []
            for _ in range(3):
                run = Run(client, 5_000)
                _, cpu = cost(server, [moves(run.task_runs, BATCH)])
                costs.append(cpu / len(run.task_runs) / len(STATES) * 1e6)
            yield Measurement("http_writes.batch_cpu", min(costs))
            times, costs = [], []
            for _ in range(3):
                run = Run(client, 1)
                lines = [{"flow_run_id": run.id, "message": LINE.format(number)} for number in range(LOG_LINES)]
                batches = [
                    encoded(LOG, {"input": {"logs": lines[start : start + 100]}}) for start in range(0, LOG_LINES, 100)
                ]
                seconds, cpu = cost(server, [batches])
                began = time.perf_counter()
                found = client.ask(
                    'query($id: uuid!) { log_aggregate(search: "source", where: {flow_run_id: {_eq: $id}})'
                    " { aggregate { count } } }",
                    {"id": run.id},
                )
                if json.loads(found)["data"]["log_aggregate"]["aggregate"]["count"] != LOG_LINES:
                    raise RuntimeError(f"Not every line is found: {found!r}")
                # Until they are found by their words.
                times.append(seconds + time.perf_counter() - began)
                costs.append(cpu / LOG_LINES * 1e6)
            yield Measurement("http_writes.seconds_for_20000_lines", 20_000 / LOG_LINES * min(times))
            yield Measurement("http_writes.line_cpu", min(costs))
            client.close()


if __name__ == "__main__":
    print(f"load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    report(measure())
