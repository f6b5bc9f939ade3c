"""A program that records a run and tells, line by line, what the backend acknowledged. The kill test runs and kills it.

    python -m tests.journeys.killed_run <executor> <file for executions> <descriptor for acknowledgements> [<moment>]

The backend and the home are those of the environment. At its moment it kills itself: `sent:12` is when the twelfth
request that writes is on its way and not answered, `before:12` just before it, `acknowledged:12` just after the answer.
"""

import http.client
import itertools
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import prefect
from prefect import Flow, Parameter, task, unmapped
from prefect.client.transport import EmbeddedTransport, HTTPTransport, Reply
from prefect.executors import LocalDaskExecutor, LocalExecutor

WIDTH = 8
# What a run writes as it goes on; a heartbeat comes at its own time.
WRITING = (
    "create_flow_run",
    "set_flow_run_states",
    "set_task_run_states",
    "get_or_create_mapped_task_runs",
    "write_run_logs",
)
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


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Moment:
    """When the program kills itself: at one of the requests that write, in one of three positions."""

    def __init__(self, position: str, number: int) -> None:
        self.position, self.number = position, number
        self._numbers = itertools.count(1)
        self._of_thread = threading.local()
        if position == "sent":
            self._die_in_place_of(http.client.HTTPConnection.getresponse)

    @classmethod
    def read(cls, text: str) -> "Moment":
        position, _, number = text.partition(":")
        return cls(position, int(number))

    def is_next(self) -> bool:
        """Whether the request that is about to be sent is the one."""
        return next(self._numbers) == self.number

    def reach(self, position: str) -> None:
        if position == self.position:
            die()

    def send_last(self, send: Callable[[], Reply]) -> Reply:
        self._of_thread.is_last = True
        return send()

    def _die_in_place_of(self, getresponse: Callable[..., Any]) -> None:
        def dying(connection: http.client.HTTPConnection) -> Any:
            if getattr(self._of_thread, "is_last", False):
                die()
            return getresponse(connection)

        http.client.HTTPConnection.getresponse = dying  # type: ignore[method-assign,assignment]


def tell_acknowledgements(descriptor: int, moment: Moment) -> None:
    """From now on writes one line of JSON for each thing that the backend has answered without an error."""
    for transport in (EmbeddedTransport, HTTPTransport):
        _tell_acknowledgements(transport, descriptor, moment)


def _tell_acknowledgements(transport: Any, descriptor: int, moment: Moment) -> None:
    send: Callable[..., Reply] = transport.send

    def telling(self: Any, document: str, variables: Any, *args: Any, **kwargs: Any) -> Reply:
        def ask() -> Reply:
            return send(self, document, variables, *args, **kwargs)

        if not any(f"{{ {name}(" in " ".join(document.split()) for name in WRITING):
            return ask()
        if not moment.is_next():
            return tell(ask(), variables)
        moment.reach("before")
        reply = tell(moment.send_last(ask), variables)
        moment.reach("acknowledged")
        return reply

    def tell(reply: Reply, variables: Any) -> Reply:
        answer = json.loads(reply.body)
        if not answer.get("errors"):
            for line in acknowledged((variables or {}).get("input"), answer["data"]):
                os.write(descriptor, line.encode() + b"\n")
        return reply

    transport.send = telling


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
    executor, path, descriptor, *moments = sys.argv[1:]
    tell_acknowledgements(int(descriptor), Moment.read(moments[0]) if moments else Moment("never", 0))
    from prefect.backend import run_flow

    chosen = LocalExecutor() if executor == "local" else LocalDaskExecutor(executor, num_workers=3)
    run_flow(make_flow(), parameters={"path": path}, executor=chosen)


if __name__ == "__main__":
    main()
