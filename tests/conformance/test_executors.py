"""One flow, every executor: the same states and values, unrecorded and recorded."""

import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

import prefect
from prefect.backend import run_flow
from prefect.configuration import config
from prefect.core.building import task
from prefect.core.flow import Flow
from prefect.core.parameter import Parameter
from prefect.engine import signals
from prefect.engine.state import State
from prefect.executors import DaskExecutor, LocalDaskExecutor, LocalExecutor
from prefect.executors.base import Executor
from prefect.triggers import all_finished, any_failed
from prefect.utilities.edges import flatten, unmapped

# Dask leaves sockets to the garbage collector when a cluster is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed (socket|event loop|transport):ResourceWarning")


@task
def numbers(count: int) -> list[int]:
    return list(range(count))


@task
def divide(number: int, by: int) -> float:
    prefect.context.logger.info("dividing %s", number)
    return by / number


@task(skip_on_upstream_skip=False, trigger=all_finished)
def describe(values: list[Any]) -> list[str]:
    return [repr(value) for value in values]


@task
def digits(number: int) -> list[int]:
    return [int(digit) for digit in str(number * 37)]


@task
def total(values: list[int]) -> int:
    return sum(values)


@task(max_retries=2, retry_delay=timedelta(0))
def unsteady(directory: str) -> int:
    """Succeeds the third time."""
    attempt = len(os.listdir(directory))
    Path(directory, str(attempt)).touch()
    if attempt < 2:
        raise RuntimeError(f"attempt {attempt}")
    return attempt


@task(timeout=2)
def too_slow() -> None:
    prefect.context.logger.info("waiting in vain")
    threading.Event().wait(120)


@task(trigger=any_failed)
def clean_up(_: Any) -> str:
    return "cleaned"


@task
def never_runs(_: Any) -> None: ...


@task
def skips() -> None:
    raise signals.SKIP("not today")


@task
def counts_to(limit: int) -> int:
    loops: int = prefect.context.get("task_loop_count", 1)
    if loops < limit:
        raise signals.LOOP(result=loops)
    return loops


def make_flow() -> Flow:
    with Flow("conformance") as flow:
        count = Parameter("count", default=3)
        found = numbers(count)
        quotients = divide.map(found, by=unmapped(6))
        describe(quotients)
        lists = digits.map(found)
        total(lists)
        total(flatten(lists))
        unsteady(Parameter("directory"))
        slow = too_slow()
        clean_up(slow)
        never_runs(slow)
        skipped = skips()
        never_runs(skipped)
        counts_to(3)
    return flow


EXPECTED: dict[str, tuple[str, Any]] = {
    "count": ("Success", 3),
    "numbers-1": ("Success", [0, 1, 2]),
    "divide-1": ("Mapped", ["ZeroDivisionError", 6.0, 3.0]),
    "describe-1": ("Success", ["ZeroDivisionError('division by zero')", "6.0", "3.0"]),
    "digits-1": ("Mapped", [[0], [3, 7], [7, 4]]),
    "total-1": ("Failed", "TypeError"),
    "total-2": ("Success", 21),
    "unsteady-1": ("Success", 2),
    "too_slow-1": ("TimedOut", "TaskTimeoutSignal"),
    "clean_up-1": ("Success", "cleaned"),
    "never_runs-1": ("TriggerFailed", "TRIGGERFAIL"),
    "skips-1": ("Skipped", "SKIP"),
    "never_runs-2": ("Skipped", None),
    "counts_to-1": ("Success", 3),
}
EXPECTED_CHILDREN = {"divide-1": ["Failed", "Success", "Success"], "digits-1": ["Success"] * 3}

EXECUTORS: dict[str, Callable[[Any], Executor]] = {
    "local": lambda _: LocalExecutor(),
    "threads": lambda _: LocalDaskExecutor("threads", num_workers=2),
    "processes": lambda _: LocalDaskExecutor("processes", num_workers=2),
    "synchronous": lambda _: LocalDaskExecutor("synchronous"),
    "cluster in this process": lambda _: DaskExecutor(
        cluster_kwargs={"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": ":0"}
    ),
    "cluster of processes": lambda cluster: DaskExecutor(address=cluster.scheduler_address),
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        yield cluster


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> Executor:
    cluster = request.getfixturevalue("cluster") if request.param == "cluster of processes" else None
    return EXECUTORS[request.param](cluster)


@pytest.fixture
def attempts(tmp_path: Path) -> str:
    directory = tmp_path / "attempts"
    directory.mkdir()
    return str(directory)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "runs.db"
    monkeypatch.setitem(config.embedded, "database", str(path))
    monkeypatch.setitem(config, "home_dir", str(tmp_path))
    return path


def plain(value: Any) -> Any:
    """A value that can be compared: an exception is the name of its class."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    return type(value).__name__ if isinstance(value, BaseException) else value


def seen(flow: Flow, state: State) -> dict[str, tuple[str, Any]]:
    return {flow.slugs[each]: (type(found).__name__, plain(found.result)) for each, found in state.result.items()}


def test_unrecorded(executor: Executor, attempts: str) -> None:
    flow = make_flow()
    state = flow.run(parameters={"directory": attempts}, executor=executor)
    assert state is not None
    assert type(state).__name__ == "Failed"
    assert state.message == "Some reference tasks failed."
    found = seen(flow, state)
    assert found.pop("directory") == ("Success", attempts)
    assert found == EXPECTED
    children = {
        flow.slugs[each]: [type(child).__name__ for child in mapped.map_states]
        for each, mapped in state.result.items()
        if mapped.is_mapped()
    }
    assert children == EXPECTED_CHILDREN


def test_recorded(executor: Executor, attempts: str, database: Path) -> None:
    flow = make_flow()
    view = run_flow(flow, parameters={"directory": attempts}, executor=executor)
    assert type(view.state).__name__ == "Failed"
    runs = view.get_all_task_runs()
    states = {run.task_slug: type(run.state).__name__ for run in runs if run.map_index == -1}
    assert states.pop("directory") == "Success"
    assert states == {slug: name for slug, (name, _) in EXPECTED.items()}
    for slug, names in EXPECTED_CHILDREN.items():
        children = view.get_task_run(task_slug=slug).iter_mapped()
        assert [type(child.state).__name__ for child in children] == names
    assert view.get_task_run(task_slug="total-2").get_result() == 21
    assert view.get_task_run(task_slug="divide-1", map_index=1).get_result() == 6.0
    lines = [log.message for log in view.get_logs()]
    assert sorted(line for line in lines if line.startswith("dividing")) == ["dividing 0", "dividing 1", "dividing 2"]
    assert len([line for line in lines if "ZeroDivisionError: division by zero" in line]) == 1
    # In a thread this task runs in a process of its own, which is killed.
    assert lines.count("waiting in vain") == 1
    assert lines[0] == "Beginning Flow run for 'conformance'"
    assert lines[-1] == "Flow run FAILED: some reference tasks failed."
