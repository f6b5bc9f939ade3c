"""Workers of the driver's host open the file themselves; one on another host never does."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

import prefect
from prefect import Flow, task
from prefect.backend import run_flow
from prefect.configuration import config
from prefect.executors import DaskExecutor

# Dask leaves sockets to the garbage collector when a cluster is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed (socket|event loop|transport):ResourceWarning")


@task
def inc(number: int) -> int:
    prefect.context.logger.info("increasing %s", number)
    return number + 1


def make_flow() -> Flow:
    with Flow("far away") as flow:
        inc.map([1, 2, 3])
    return flow


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster:
        yield cluster


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "runs.db"
    monkeypatch.setitem(config.embedded, "database", str(path))
    monkeypatch.setitem(config, "home_dir", str(tmp_path))
    return path


def pretend_to_be(host: str) -> None:
    """Gives this process another host name."""
    socket.gethostname = lambda: host


def test_a_run_is_refused_at_its_start_when_a_worker_is_elsewhere(cluster: LocalCluster, database: Path) -> None:
    with Client(cluster, set_as_default=False) as client:
        client.run(pretend_to_be, "elsewhere")
    view = run_flow(make_flow(), executor=DaskExecutor(address=cluster.scheduler_address))
    assert view.state.is_failed()
    assert view.state.message is not None
    for part in (str(database), repr(socket.gethostname()), "'elsewhere'", "`prefect server start`"):
        assert part in view.state.message
    assert all(run.state.is_pending() for run in view.get_all_task_runs())


def test_a_worker_that_comes_later_from_elsewhere_is_refused_by_the_file(
    cluster: LocalCluster, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Client(cluster, set_as_default=False) as client:
        client.run(pretend_to_be, "elsewhere")
    monkeypatch.setattr(DaskExecutor, "hosts", lambda self: {socket.gethostname()})
    view = run_flow(make_flow(), executor=DaskExecutor(address=cluster.scheduler_address))
    assert view.state.is_failed()
    assert "`prefect server start`" in str(view.state.message)
    assert not any(run.state.is_successful() for run in view.get_all_task_runs() if run.map_index >= 0)


def test_unrecorded_runs_go_anywhere(cluster: LocalCluster) -> None:
    with Client(cluster, set_as_default=False) as client:
        client.run(pretend_to_be, "elsewhere")
    state = make_flow().run(executor=DaskExecutor(address=cluster.scheduler_address))
    assert state is not None
    assert state.is_successful()
