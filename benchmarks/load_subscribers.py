"""Promise: a thousand subscribers of one run all receive a burst of ten thousand lines, without a gap, within a minute.

Run by `make load`: it wants both processors for itself.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.measure import Measurement, report
from benchmarks.served import Client, serving

SUBSCRIBERS = 1_000
LINES = 10_000
BATCH = 500
CONNECTING_AT_ONCE = 50
# By then something hangs; the promise is a fraction of it.
LONGEST_SECONDS = 300
# Lines are as long as those of real programs.
LINE = "2024-06-01 12:00:00+0000 | extracted 1,024 rows from the source in 0.31 s, line {:,}"
FEED = (
    "subscription($id: uuid!, $after: bigint) { flow_run_events(flow_run_id: $id, after_sequence: $after)"
    " { sequence kind message } }"
)


def do(client: Client, name: str, selection: str = "id", /, **values: Any) -> dict[str, Any]:
    """The payload of a mutation."""
    document = f"mutation($input: {name}_input!) {{ {name}(input: $input) {{ {selection} }} }}"
    answer: dict[str, Any] = json.loads(client.ask(document, {"input": values}))["data"][name]
    return answer


def start_run(client: Client) -> tuple[str, int]:
    """A running flow run, and how far its feed has come."""
    tenant = json.loads(client.ask("{ tenant { id } }"))["data"]["tenant"][0]["id"]
    project = do(client, "create_project", tenant_id=tenant, name="load")["id"]
    described: dict[str, Any] = {"name": "load", "tasks": [], "edges": [], "parameters": [], "storage": None}
    flow = do(client, "create_flow", project_id=project, serialized_flow=described)["id"]
    run = do(client, "create_flow_run", flow_id=flow)["id"]
    running = [{"flow_run_id": run, "state": {"type": "Running"}}]
    answer = do(client, "set_flow_run_states", "states { sequence }", states=running)
    return run, answer["states"][0]["sequence"]


class Checked:
    """What has come of a feed: every subscriber must see the same events, so each text is looked at once."""

    def __init__(self) -> None:
        self._ends: dict[str, tuple[int, int]] = {}

    def ends(self, text: str) -> tuple[int, int]:
        """The first and the last sequence of a message, whose events are checked to follow each other."""
        found = self._ends.get(text)
        if found is None:
            events = json.loads(text)["payload"]["data"]["flow_run_events"]
            sequences = [event["sequence"] for event in events]
            if sequences != list(range(sequences[0], sequences[-1] + 1)):
                raise RuntimeError(f"There is a gap in {sequences}")
            found = self._ends[text] = (sequences[0], sequences[-1])
        return found


async def subscribe_all(port: int, run: str, after: int, tell: Connection) -> None:
    """Connect everybody, tell that they are there, and tell again when they all have everything."""
    from websockets.asyncio.client import connect

    checked, connected = Checked(), asyncio.Semaphore(CONNECTING_AT_ONCE)
    there: list[int] = []
    everybody = asyncio.Event()

    async def subscriber(number: int) -> None:
        async with connected:
            socket = await connect(
                f"ws://127.0.0.1:{port}/graphql",
                subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
                compression=None,
                max_size=None,
                ping_interval=None,
                open_timeout=60,
            )
            await socket.send('{"type":"connection_init"}')
            await socket.recv()
            payload = {"query": FEED, "variables": {"id": run, "after": after}}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            await socket.send('{"type":"ping"}')
            await socket.recv()
        there.append(number)
        if len(there) == SUBSCRIBERS:
            everybody.set()
        reached = after
        while reached < after + LINES:
            text = await socket.recv()
            assert isinstance(text, str)
            first, last = checked.ends(text)
            if first != reached + 1:
                raise RuntimeError(f"Subscriber {number} had {reached} and was sent {first}")
            reached = last
        await socket.close()

    async def announce() -> None:
        await everybody.wait()
        tell.send("subscribed")

    await asyncio.gather(announce(), *(subscriber(number) for number in range(SUBSCRIBERS)))
    tell.send("received")


def listen(port: int, run: str, after: int, tell: Connection) -> None:
    _many_sockets()
    asyncio.run(subscribe_all(port, run, after, tell))


def _many_sockets() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def heard(ear: Connection, word: str, process: Any) -> None:
    """Wait until the subscribers say this."""
    began = time.monotonic()
    while not ear.poll(1):
        if not process.is_alive():
            raise RuntimeError("The subscribers have failed; their message is above.")
        if time.monotonic() - began > LONGEST_SECONDS:
            raise RuntimeError(f"The subscribers have not {word} everything within {LONGEST_SECONDS} seconds.")
    if ear.recv() != word:
        raise RuntimeError("The subscribers said something else.")


def measure() -> Iterator[Measurement]:
    with tempfile.TemporaryDirectory() as directory:
        with serving("--database", str(Path(directory) / "load.db")) as server:
            client = Client(server.port)
            run, after = start_run(client)
            before = server.resident_mebibytes()
            ear, mouth = multiprocessing.Pipe(duplex=False)
            process = multiprocessing.get_context("spawn").Process(
                target=listen, args=(server.port, run, after, mouth), daemon=True
            )
            process.start()
            heard(ear, "subscribed", process)
            cpu, began = server.cpu_seconds(), time.perf_counter()
            for start in range(0, LINES, BATCH):
                lines = [{"flow_run_id": run, "message": LINE.format(start + line)} for line in range(BATCH)]
                do(client, "write_run_logs", "success", logs=lines)
            written = time.perf_counter() - began
            heard(ear, "received", process)
            took = time.perf_counter() - began
            process.join()
            yield Measurement("load_subscribers.seconds", took, "writing them", took / written)
            yield Measurement("load_subscribers.cpu", server.cpu_seconds() - cpu)
            yield Measurement("load_subscribers.memory", server.resident_mebibytes() - before)
            client.close()


if __name__ == "__main__":
    report(measure())
