"""A run on Dask is cancelled through its server: nothing more starts, what runs is interrupted, workers are free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client as DaskClient
from distributed import LocalCluster

from prefect.agent.local import LocalAgent
from prefect.client.client import Client
from prefect.configuration import config
from prefect.engine.state import Cancelled
from tests.agent.running import finished, logs, register, started, states, until

pytestmark = [
    pytest.mark.served,
    pytest.mark.filterwarnings("ignore:unclosed (socket|event loop|transport):ResourceWarning"),
]

# Of six tasks two have a place. Each says when it begins, and when it is interrupted.
PROGRAM = """
import os
import signal
import time
from pathlib import Path

from prefect import Flow, task
from prefect.executors import DaskExecutor

if "RESIST" in os.environ and "PREFECT__CONTEXT__FLOW_RUN_ID" in os.environ:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

@task
def stay(number):
    folder = Path(FOLDER)
    (folder / f"begun {number}").touch()
    try:
        while True:
            time.sleep(0.02)
    except KeyboardInterrupt:
        (folder / f"interrupted {number}").touch()
        raise

@task
def after(number):
    (Path(FOLDER) / "after").touch()

with Flow("on dask") as flow:
    after.map(stay.map(list(range(6))))

if ADDRESS:
    flow.executor = DaskExecutor(address=ADDRESS)
else:
    flow.executor = DaskExecutor(
        cluster_kwargs={"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    )
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=":0") as cluster:
        yield cluster


@pytest.mark.parametrize("driver", ["reacts", "is killed"])
@pytest.mark.parametrize("where", ["a cluster elsewhere", "a cluster of its own"])
def test_a_cancelled_run_lets_go_of_its_workers(
    database: Path, tmp_path: Path, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch, where: str, driver: str
) -> None:
    address = cluster.scheduler_address if where == "a cluster elsewhere" else ""
    folder = tmp_path / "notes"
    folder.mkdir()
    program = PROGRAM.replace("ADDRESS", repr(address)).replace("FOLDER", repr(str(folder)))
    flow_id = register(tmp_path, program=program)
    more = {}
    if driver == "is killed":
        # Nobody tells it to stop, and it does not listen to SIGTERM.
        more = {"RESIST": "1", "PREFECT__CLOUD__CHECK_CANCELLATION_INTERVAL": "0"}
        monkeypatch.setitem(config.cloud.agent, "terminate_after", 0.2)
        monkeypatch.setitem(config.cloud.agent, "kill_after", 0.5)
    else:
        monkeypatch.setitem(config.cloud.agent, "terminate_after", 600)
    agent = LocalAgent(labels=["here"], hostname_label=False, env_vars=more)
    run = Client().create_flow_run(flow_id)
    try:
        with started(agent):
            until(lambda: len(list(folder.glob("begun *"))) == 2, "two tasks at work")
            Client().cancel_flow_run(run)
            done = finished(run)
            until(lambda: not agent.processes, "the end of the process")
    finally:
        for process in list(agent.processes):
            process.process.kill()
    assert states(run)[-3:] == ["Running", "Cancelling", "Cancelled"], (done.state.message, logs(run))
    assert isinstance(done.state, Cancelled)
    assert ("was ended by SIGKILL" in str(done.state.message)) == (driver == "is killed")
    if address:
        until(lambda: len(list(folder.glob("interrupted *"))) == 2, "the end of what ran on the workers")
        with DaskClient(address, set_as_default=False) as client:
            until(lambda: not any(client.processing().values()), "workers without work")
            assert client.submit(sum, [1, 2]).result(60) == 3
    # Nothing has begun since.
    assert len(list(folder.glob("begun *"))) == 2
    assert not (folder / "after").exists()
    query = "query($id: uuid!) { task_run(where: {flow_run_id: {_eq: $id}}) { state states { state } task { name } } }"
    found = Client().graphql_fast(query, {"id": run})["task_run"]
    ran = [each for each in found if "Running" in [state["state"] for state in each["states"]]]
    assert Counter(each["state"] for each in ran) == {"Cancelled": 2}
    assert {each["state"] for each in found if each["task"]["name"] in ("stay", "after")} <= {"Cancelled", "Mapped"}
