"""Three mapped layers on a Dask cluster, one of whose workers is killed on the way: every value arrives, once."""

import os
import signal
from pathlib import Path

import pytest

from prefect import Flow, task, unmapped
from prefect.backend import run_flow
from prefect.client.client import Client
from prefect.executors import DaskExecutor, LocalDaskExecutor
from prefect.executors.base import Executor

# The third-party code behind this test leaves sockets to the garbage collector when a worker dies.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed (socket|event loop|transport):ResourceWarning")

STATES = """query($id: uuid!, $state: String!) {
  task_run_aggregate(where: {flow_run_id: {_eq: $id}, state: {_eq: $state}}) { aggregate { count } }
}"""


@task(checkpoint=False)
def numbers(count: int) -> list[int]:
    return list(range(count))


@task
def increment(number: int) -> int:
    return number + 1


@task
def double(number: int, mark: str) -> int:
    """In the middle of the middle layer the first to come kills its worker."""
    if mark and number == int(os.path.basename(mark)) and not os.path.exists(mark):
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


@task
def ten() -> int:
    return 10


@task
def add(left: int, right: int) -> int:
    return left + right


@task
def total(values: list[int]) -> int:
    return sum(values)


def wide(count: int, mark: Path) -> Flow:
    with Flow("wide") as flow:
        doubled = double.map(increment.map(numbers(count)), unmapped(str(mark)))
        total(add.map(doubled, unmapped(ten())))
    return flow


def expected(count: int) -> int:
    return sum(2 * (number + 1) + 10 for number in range(count))


def cluster() -> Executor:
    return DaskExecutor(cluster_kwargs={"n_workers": 2, "threads_per_worker": 2, "dashboard_address": ":0"})


def processes() -> Executor:
    return LocalDaskExecutor("processes", num_workers=2)


@pytest.fixture(params=[cluster, processes], ids=["cluster", "processes"])
def executor(request: pytest.FixtureRequest) -> Executor:
    made: Executor = request.param()
    return made


def run_unrecorded(count: int, mark: Path, executor: Executor) -> None:
    flow = wide(count, mark)
    state = flow.run(executor=executor)
    assert state is not None
    assert state.is_successful(), state.message
    assert state.result[flow.get_tasks("total")[0]].result == expected(count)
    assert os.path.exists(mark)


def run_recorded(count: int, mark: Path, executor: Executor) -> None:
    view = run_flow(wide(count, mark), executor=executor)
    assert view.state.is_successful(), view.state.message
    assert view.get_task_run(task_slug="total-1").get_result() == expected(count)
    assert os.path.exists(mark)
    ended = {
        state: Client()
        .graphql(STATES, variables={"id": view.flow_run_id, "state": state})
        .data.task_run_aggregate.aggregate.count
        for state in ("Success", "Mapped")
    }
    # Beside the children: the numbers, the ten, and the sum.
    assert ended["Mapped"] == 3
    assert ended["Success"] >= 3 * count + 3


def test_an_unrecorded_run_loses_a_worker_and_no_value(tmp_path: Path, executor: Executor) -> None:
    run_unrecorded(24, tmp_path / "12", executor)


@pytest.mark.embedded
def test_a_recorded_run_loses_a_worker_and_no_value(database: Path, tmp_path: Path, executor: Executor) -> None:
    run_recorded(24, tmp_path / "12", executor)


@pytest.mark.chaos
@pytest.mark.timeout(1800)
def test_ten_thousand_in_each_layer_on_dask(tmp_path: Path) -> None:
    run_unrecorded(10_000, tmp_path / "5000", cluster())


@pytest.mark.chaos
@pytest.mark.embedded
@pytest.mark.timeout(1800)
def test_ten_thousand_in_each_layer_on_dask_recorded(database: Path, tmp_path: Path) -> None:
    run_recorded(10_000, tmp_path / "5000", cluster())
