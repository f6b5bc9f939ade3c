"""Promise: an agent that waits has claimed a run half a second after it is due; a thousand that wait cost nothing.

The agent is a real one that deploys nothing; what is measured is from the moment a run is made, or its time has come,
to its state Submitted, by the clock of the server.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measure import Measurement, report
from benchmarks.served import Client, serving

RUNS = 20
WAITING = 1_000
IDLE_SECONDS = 5.0
STATES = """query($id: uuid!) { flow_run_by_pk(id: $id) {
  scheduled_start_time states(order_by: {version: asc}) { state timestamp }
} }"""


def do(client: Client, name: str, /, **values: Any) -> dict[str, Any]:
    """The id of what a mutation makes."""
    document = f"mutation($input: {name}_input!) {{ {name}(input: $input) {{ id }} }}"
    answer: dict[str, Any] = json.loads(client.ask(document, {"input": values}))["data"][name]
    return answer


def latency(client: Client, run: str) -> float:
    """Milliseconds from the time at which the run was due, or made if later, to its submission."""
    pause, end = threading.Event(), time.monotonic() + 30
    while True:
        found = json.loads(client.ask(STATES, {"id": run}))["data"]["flow_run_by_pk"]
        moments = {row["state"]: datetime.fromisoformat(row["timestamp"]) for row in found["states"]}
        if "Submitted" in moments:
            due = max(moments["Scheduled"], datetime.fromisoformat(found["scheduled_start_time"]))
            return (moments["Submitted"] - due).total_seconds() * 1000
        if time.monotonic() > end:
            raise RuntimeError(f"Run {run} was never submitted.")
        pause.wait(0.02)


async def wait_all(port: int, asked: bytes) -> list[asyncio.StreamWriter]:
    """A thousand connections, on each of which an agent waits."""
    writers = []
    for number in range(WAITING):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        body = asked.replace(b"HOST", f"host {number}".encode())
        head = f"POST /wait HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writers.append(writer)
    return writers


def measure() -> Iterator[Measurement]:
    with tempfile.TemporaryDirectory() as directory:
        with serving("--database", str(Path(directory) / "pickup.db")) as server:
            os.environ["PREFECT__BACKEND"] = "server"
            os.environ["PREFECT__CLOUD__AGENT__LEVEL"] = "CRITICAL"  # what it logs would be taken for figures
            os.environ["PREFECT__CLOUD__API"] = f"http://127.0.0.1:{server.port}"
            from prefect.agent import Agent

            class Idle(Agent):
                def deploy_flow(self, flow_run: Any) -> str:
                    return "nowhere"

            client = Client(server.port)
            tenant = json.loads(client.ask("{ tenant { id } }"))["data"]["tenant"][0]["id"]
            project = do(client, "create_project", tenant_id=tenant, name="pickup")["id"]
            described: dict[str, Any] = {"name": "pickup", "tasks": [], "edges": [], "parameters": [], "storage": None}
            flow = do(client, "create_flow", project_id=project, serialized_flow=described)["id"]
            agent = Idle(labels=["pickup"])
            thread = threading.Thread(target=agent.start, daemon=True)
            thread.start()

            def made(start: datetime | None = None) -> str:
                given = {"scheduled_start_time": start.isoformat()} if start else {}
                run: str = do(client, "create_flow_run", flow_id=flow, labels=["pickup"], **given)["id"]
                return run

            latency(client, made())  # the first one loads what the others find loaded
            at_once = [latency(client, made()) for _ in range(RUNS)]
            yield Measurement("pickup.at_once", statistics.median(at_once))
            yield Measurement("pickup.at_once_worst", max(at_once))
            later = [latency(client, made(datetime.now(UTC) + timedelta(seconds=0.5))) for _ in range(RUNS)]
            yield Measurement("pickup.scheduled", statistics.median(later))
            yield Measurement("pickup.scheduled_worst", max(later))

            loop = asyncio.new_event_loop()
            asked = json.dumps({"tenant_id": tenant, "labels": ["HOST"], "seconds": 30}).encode()
            before = server.resident_mebibytes()
            writers = loop.run_until_complete(wait_all(server.port, asked))
            threading.Event().wait(1.0)
            cpu = server.cpu_seconds()
            threading.Event().wait(IDLE_SECONDS)
            yield Measurement("pickup.waiting_cpu", (server.cpu_seconds() - cpu) / IDLE_SECONDS * 1000)
            yield Measurement("pickup.waiting_memory", server.resident_mebibytes() - before)
            amid = [latency(client, made()) for _ in range(RUNS)]
            yield Measurement("pickup.amid_a_thousand", statistics.median(amid))
            for writer in writers:
                writer.close()
            loop.close()
            agent.stop()
            thread.join(60)
            client.close()


if __name__ == "__main__":
    report(measure())
