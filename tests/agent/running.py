"""What tests of agents share: registered flows, an agent in a thread, and waiting for what runs become."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect.agent import Agent
from prefect.backend import FlowRunView
from prefect.client.client import Client
from prefect.run_configs import LocalRun, RunConfig
from prefect.storage import Local
from prefect.utilities.storage import extract_flow_from_file

# Longer than anything takes on a busy machine.
PATIENCE_SECONDS = 60.0

PROGRAM = """
import os
import signal
import sys
import time
from datetime import timedelta

import prefect
from prefect import Flow, Parameter, task

@task(log_stdout=True)
def act(what):
    print("told to", what)
    if what == "die":
        print("about to die", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "leave":
        print("leaving", file=sys.stderr, flush=True)
        os._exit(17)
    if what == "stay":
        while True:
            time.sleep(0.1)
    if what == "resist":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            try:
                time.sleep(0.1)
            except KeyboardInterrupt:
                pass
    return {"run": prefect.context.flow_run_id, "variable": os.environ.get("GIVEN"), "directory": os.getcwd()}

with Flow("acting") as flow:
    act(Parameter("what", default="return"))
"""


def register(tmp_path: Path, run_config: RunConfig | None = None, program: str = PROGRAM) -> str:
    """The id of the flow of a program, stored as its script; by default for agents with the label "here"."""
    path = tmp_path / "acting.py"
    path.write_text(program)
    flow = extract_flow_from_file(str(path))
    flow.storage = Local(path=str(path), stored_as_script=True, add_default_labels=False)
    flow.run_config = run_config or LocalRun(labels=["here"])
    Client().create_project("default")
    flow_id = flow.register(project_name="default", no_url=True)
    assert flow_id is not None
    return flow_id


@contextmanager
def started(agent: Agent) -> Iterator[Agent]:
    """An agent at work in a thread."""
    thread = threading.Thread(target=agent.start, name="agent under test")
    thread.start()
    try:
        yield agent
    finally:
        agent.stop()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something holds."""
    pause, end = threading.Event(), time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"It never came: {what}"
        pause.wait(0.02)


def view(flow_run_id: str) -> FlowRunView:
    return FlowRunView.from_flow_run_id(flow_run_id)


def finished(flow_run_id: str) -> FlowRunView:
    """The run, once it has ended."""
    until(lambda: view(flow_run_id).state.is_finished(), f"the end of {view(flow_run_id)!r}")
    return view(flow_run_id)


def states(flow_run_id: str) -> list[str]:
    """The names of all states that a run has been in."""
    document = (
        "query($id: uuid!) { flow_run_state(where: {flow_run_id: {_eq: $id}}, order_by: {version: asc}) { state } }"
    )
    return [row["state"] for row in Client().graphql_fast(document, {"id": flow_run_id})["flow_run_state"]]


def logs(flow_run_id: str) -> str:
    return "\n".join(line.message for line in view(flow_run_id).get_logs())
