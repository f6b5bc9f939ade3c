"""A Dask worker that is killed in the middle of a run costs a second start of its task, not the run."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

from prefect import Flow, task, unmapped
from prefect.backend import FlowRunView, run_flow
from prefect.client.client import Client
from prefect.executors import DaskExecutor, LocalExecutor

# The third-party code behind this test leaves sockets to the garbage collector when a worker dies.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed (socket|event loop|transport):ResourceWarning")


@task
def kill_the_worker_once(number: int, mark: str) -> int:
    if number == 1 and not os.path.exists(mark):
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 10 * number


@task
def total(numbers: list[int]) -> int:
    return sum(numbers)


def build(mark: Path) -> Flow:
    with Flow("lost workers") as flow:
        total(kill_the_worker_once.map([0, 1, 2], mark=unmapped(str(mark))))
    return flow


def executor() -> DaskExecutor:
    return DaskExecutor(cluster_kwargs={"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0"})


def test_a_lost_worker_costs_a_second_start(database: Path, tmp_path: Path) -> None:
    view = run_flow(build(tmp_path / "mark"), executor=executor())
    assert view.state.is_successful()
    assert view.get_task_run(task_slug="total-1").get_result() == 30
    assert states_of(view, 1) == ["Pending", "Running", "Pending", "Running", "Success"]
    # What was finished before the worker died is read, not run again.
    assert states_of(view, 0) == ["Pending", "Running", "Success"]


class DoesAllTwice(LocalExecutor):
    """As Dask does with work whose inputs were lost with another worker meanwhile: once more, on the same one."""

    def submit(self, fn: Callable[..., Any], *args: Any, extra_context: Any = None, **kwargs: Any) -> Any:
        fn, args, kwargs = cloudpickle.loads(cloudpickle.dumps((fn, args, kwargs)))
        first, again = fn(*args, **kwargs), fn(*args, **kwargs)
        assert type(first) is type(again)
        return again


@task
def tenfold(number: int) -> int:
    return 10 * number


def test_work_that_the_same_worker_does_again_ends_as_it_did(database: Path) -> None:
    with Flow("twice") as flow:
        total(tenfold.map([0, 1, 2]))
    view = run_flow(flow, executor=DoesAllTwice())
    assert view.state.is_successful(), view.state.message
    assert view.get_task_run(task_slug="total-1").get_result() == 30
    assert states_of(view, 1, "tenfold-1") == ["Pending", "Running", "Success"]


def states_of(view: FlowRunView, map_index: int, slug: str = "kill_the_worker_once-1") -> list[str]:
    query = (
        "query($id: uuid!) { task_run_state(where: {task_run_id: {_eq: $id}}, order_by: {sequence: asc}) { state } }"
    )
    child = view.get_task_run(task_slug=slug, map_index=map_index)
    found = Client().graphql(query, variables={"id": child.task_run_id}).data.task_run_state
    return [each.state for each in found]


def test_an_unrecorded_run_survives_it_too(tmp_path: Path) -> None:
    flow = build(tmp_path / "mark")
    state = flow.run(executor=executor())
    assert state is not None
    assert state.is_successful()
