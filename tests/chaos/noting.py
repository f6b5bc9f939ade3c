"""Runs that write down what they do, and agents in processes of their own that start them."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.server_process import SOURCE, Server

TASKS = 4
PROGRAM = f"""
import prefect
from prefect import Flow, Parameter, task

@task
def note(path, number):
    with open(path, "a") as file:
        file.write(f"{{prefect.context.flow_run_id}} {{number}}\\n")
    prefect.context.logger.info("noted %s", number)
    return number + 1

with Flow("noting") as flow:
    path = Parameter("path")
    number = 0
    for _ in range({TASKS}):
        number = note(path, number)
"""

HISTORY = """query($ids: [uuid!]!) { flow_run(where: {id: {_in: $ids}}) {
  id state_message states(order_by: {version: asc}) { state serialized_state } logs { message }
  task_runs { states(order_by: {version: asc}) { state } }
} }"""
UNFINISHED = """query($ids: [uuid!]!, $final: [String!]!) {
  flow_run(where: {id: {_in: $ids}, state: {_nin: $final}}) { id } }"""


def noted(path: Path) -> Counter[str]:
    """How often each task of each run has run."""
    return Counter(path.read_text().splitlines()) if path.exists() else Counter()


def expected(runs: list[str]) -> Counter[str]:
    """What is noted where each task of these runs has run once."""
    return Counter(f"{run} {number}" for run in runs for number in range(TASKS))


def are_over(server: Server, runs: list[str]) -> bool:
    return not server.ask(UNFINISHED, {"ids": runs, "final": ["Success", "Failed"]})["flow_run"]


def start_agent(server: Server, home: Path, **settings: str) -> subprocess.Popen[bytes]:
    """An agent for runs with the label "here"."""
    environment = {
        **server.environment,
        "PYTHONPATH": str(SOURCE),
        "PREFECT__HOME_DIR": str(home),
        "PREFECT__BACKEND": "server",
        "PREFECT__CLOUD__API": server.url,
        "PREFECT__CLOUD__API_KEY": server.key or "",
        **settings,
    }
    command = [sys.executable, "-m", "prefect", "agent", "local", "start", "--no-hostname-label", "-l", "here"]
    # For whoever has to find out what went wrong.
    with home.with_name("log of the agents").open("ab") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)
