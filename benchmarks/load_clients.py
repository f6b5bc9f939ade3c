"""Promise: a thousand connected clients, each asking once a second, nine of ten to read, are answered without an error.

The load is made by wrk, a compiled generator (Debian's package `wrk`). Run by `make load`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.http_writes import Run
from benchmarks.load_subscribers import LINE
from benchmarks.measure import Measurement, report
from benchmarks.served import Client, serving

CLIENTS = 1_000
SECONDS = 20
# Every tenth request writes a log line; the others read a run and its newest lines. Each client waits a second between
# two requests: `delay` is in milliseconds.
SCRIPT = """
local head = {{ ["Content-Type"] = "application/json", ["Host"] = "localhost" }}
local read = wrk.format("POST", "/graphql", head, {read})
local write = wrk.format("POST", "/graphql", head, {write})
local count = 0
request = function()
  count = count + 1
  if count % 10 == 0 then return write end
  return read
end
delay = function() return 900 + math.random(0, 200) end
response = function(status, headers, body)
  if status ~= 200 or body:sub(1, 8) ~= '{{"data":' then refused = refused + 1 end
end
init = function() refused = 0 end
local threads = {{}}
setup = function(thread) table.insert(threads, thread) end
done = function(summary, latency, requests)
  local refusals = 0
  for _, thread in ipairs(threads) do refusals = refusals + thread:get("refused") end
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("FOUND %d %d %d %f\\n", summary.requests, errors, refusals, latency:percentile(99)))
end
"""
READ = (
    "query($id: uuid!) { flow_run_by_pk(id: $id) { id state version logs(order_by: {sequence: desc}, limit: 10)"
    " { message level } } }"
)
WRITE = "mutation($input: write_run_logs_input!) { write_run_logs(input: $input) { success } }"


def lua(query: str, variables: dict[str, object]) -> str:
    """A request's body as a string of Lua."""
    return f"[==[{json.dumps({'query': query, 'variables': variables})}]==]"


def measure() -> Iterator[Measurement]:
    program = shutil.which("wrk")
    if program is None:
        raise RuntimeError("The load is made by wrk, which is not installed: apt-get install wrk.")
    with tempfile.TemporaryDirectory() as directory:
        with serving("--database", str(Path(directory) / "load.db")) as server:
            client = Client(server.port)
            run = Run(client, 10)
            lines = [{"flow_run_id": run.id, "message": LINE.format(number)} for number in range(1000)]
            client.ask(WRITE, {"input": {"logs": lines}})
            script = Path(directory) / "load.lua"
            line = {"logs": [{"flow_run_id": run.id, "message": LINE.format(0)}]}
            script.write_text(SCRIPT.format(read=lua(READ, {"id": run.id}), write=lua(WRITE, {"input": line})))
            cpu = server.cpu_seconds()
            command = [program, "--threads", "1", "--connections", str(CLIENTS), "--duration", f"{SECONDS}s"]
            done = subprocess.run(
                [*command, "--timeout", "10s", "--script", str(script), f"http://127.0.0.1:{server.port}/graphql"],
                capture_output=True,
                text=True,
                check=True,
            )
            found = re.search(r"FOUND (\d+) (\d+) (\d+) ([\d.]+)", done.stdout)
            if found is None:
                raise RuntimeError(f"wrk said nothing of its requests:\n{done.stdout}{done.stderr}")
            requests, errors, refusals, percentile = (float(part) for part in found.groups())
            yield Measurement("load_clients.errors", errors + refusals)
            yield Measurement("load_clients.percentile_99", percentile / 1e6)
            yield Measurement("load_clients.requests", requests / SECONDS)
            yield Measurement("load_clients.cpu", (server.cpu_seconds() - cpu) / requests * 1000)
            client.close()


if __name__ == "__main__":
    report(measure())
