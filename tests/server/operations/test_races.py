"""Processes that race for the same runs: each version has one winner."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import prefect

if TYPE_CHECKING:
    from tests.server.conftest import Backend

RACER = """
import json, sys
from prefect.server.embedded import open_endpoint

endpoint = open_endpoint(sys.argv[1])
document = (
    "mutation($input: set_task_run_states_input!) { set_task_run_states(input: $input) { states { status version } } }"
)
print("ready", flush=True)
won, lost = [], []
for task_run in sys.stdin.readline().split():
    state = {"type": "Running", "message": "Starting task run."}
    proposal = {"task_run_id": task_run, "version": 1, "state": state, "timestamp": sys.argv[2]}
    reply = json.loads(endpoint.answer(document, {"input": {"states": [proposal]}}))
    if "errors" in reply:
        assert reply["errors"][0]["extensions"]["code"] == "VERSION_LOCKING_ERROR", reply
        lost.append(task_run)
    else:
        assert reply["data"]["set_task_run_states"]["states"] == [{"status": "SUCCESS", "version": 2}]
        won.append(task_run)
print(json.dumps([won, lost]))
"""


def test_processes_that_race_for_a_version_have_one_winner(backend: Backend) -> None:
    import json

    run = backend.run(backend.flow(tasks=60))
    ids = [task_run["id"] for task_run in backend.task_runs(run)]
    with ExitStack() as stack:
        racers = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", RACER, backend.place, f"2024-01-01T00:00:0{number}+00:00"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "PYTHONPATH": str(Path(prefect.__file__).parents[1])},
                )
            )
            for number in range(2)
        ]
        assert [racer.stdout.readline() for racer in racers if racer.stdout is not None] == ["ready\n"] * 2
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write(" ".join(ids) + "\n")
            racer.stdin.flush()
        told = [racer.communicate() for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0], told
    (first_won, first_lost), (second_won, second_lost) = (json.loads(output) for output, _ in told)
    assert sorted(first_won + second_won) == sorted(ids)
    assert sorted(first_lost) == sorted(second_won)
    assert sorted(second_lost) == sorted(first_won)
    assert {task_run["version"] for task_run in backend.task_runs(run)} == {2}
    numbers = [number for number, _ in backend.history(run)]
    assert numbers == list(range(1, len(numbers) + 1))
