"""A program that records a run and tells, line by line, what the backend acknowledged. The kill test runs and kills it.

    python -m tests.journeys.killed_run <executor> <file for executions> <descriptor for acknowledgements>

The database and the home are those of the environment.
"""

import json
import os
import sys
from datetime import timedelta
from typing import Any

import prefect
from prefect import Flow, Parameter, task, unmapped
from prefect.client.transport import EmbeddedTransport, Reply
from prefect.executors import LocalDaskExecutor, LocalExecutor

WIDTH = 8
RESULT = sum((number + 1) * 2 for number in range(WIDTH)) + 3 + 10


def note(path: str) -> int:
    """Writes down that a task runs; how often it has by now."""
    slug, index = prefect.context.task_slug, prefect.context.map_index
    line = f"{slug} {-1 if index is None else index}\n"
    with open(path, "a") as file:
        file.write(line)
    with open(path) as file:
        return file.readlines().count(line)


@task
def source(path: str) -> list[int]:
    note(path)
    return list(range(WIDTH))


@task
def inc(number: int, path: str) -> int:
    note(path)
    prefect.context.logger.info("increasing %s", number)
    return number + 1


@task
def double(number: int, path: str) -> int:
    note(path)
    return number * 2


@task
def total(numbers: list[int], path: str) -> int:
    note(path)
    return sum(numbers)


@task(max_retries=2, retry_delay=timedelta(0))
def unsteady(number: int, path: str) -> int:
    """Fails the first time it runs."""
    if note(path) == 1:
        raise RuntimeError("once")
    return number + 10


def make_flow() -> Flow:
    with Flow("killed") as flow:
        path = Parameter("path")
        number = total(double.map(inc.map(source(path), unmapped(path)), unmapped(path)), path)
        for _ in range(3):
            number = inc(number, path)
        unsteady(number, path)
    return flow


def tell_acknowledgements(descriptor: int) -> None:
    """From now on writes one line of JSON for each request that the backend has answered without an error."""
    send = EmbeddedTransport.send

    def telling(self: EmbeddedTransport, document: str, variables: Any, *args: Any, **kwargs: Any) -> Reply:
        reply = send(self, document, variables, *args, **kwargs)
        answer = json.loads(reply.body)
        if not answer.get("errors"):
            for line in acknowledged((variables or {}).get("input"), answer["data"]):
                os.write(descriptor, line.encode() + b"\n")
        return reply

    EmbeddedTransport.send = telling  # type: ignore[method-assign]


def acknowledged(given: Any, data: dict[str, Any]) -> list[str]:
    """What an answer promises to have kept."""
    for table, key in (("task_run", "set_task_run_states"), ("flow_run", "set_flow_run_states")):
        if key in data:
            pairs = zip(given["states"], data[key]["states"], strict=True)
            return [
                json.dumps([table, done["id"], done["version"], proposed["state"]["type"]]) for proposed, done in pairs
            ]
    if "get_or_create_mapped_task_runs" in data:
        runs = data["get_or_create_mapped_task_runs"]["task_runs"]
        return [json.dumps(["mapped", run["id"], 0, ""]) for run in runs]
    if "write_run_logs" in data:
        return [json.dumps(["logs", "", len(given["logs"]), ""])]
    if "create_flow_run" in data:
        return [json.dumps(["created", data["create_flow_run"]["id"], 0, ""])]
    return []


def main() -> None:
    executor, path, descriptor = sys.argv[1:]
    tell_acknowledgements(int(descriptor))
    from prefect.backend import run_flow

    chosen = LocalExecutor() if executor == "local" else LocalDaskExecutor(executor, num_workers=3)
    run_flow(make_flow(), parameters={"path": path}, executor=chosen)


if __name__ == "__main__":
    main()
