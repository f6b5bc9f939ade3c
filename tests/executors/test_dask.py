import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import cloudpickle
import pytest
from dask.delayed import Delayed
from distributed import Future, LocalCluster

from prefect.executors import DaskExecutor, LocalDaskExecutor
from prefect.executors.base import Executor
from prefect.executors.dask import _BusyThreads
from tests.waiting import is_alive, wait_until

IN_PROCESS = {"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": ":0"}

# The third-party code behind these tests leaves sockets to the garbage collector when a cluster is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed (socket|event loop|transport):ResourceWarning")


def add(left: int, right: int) -> int:
    return left + right


def fail(message: str) -> None:
    raise ValueError(message)


def same(value: Any) -> Any:
    return value


def interrupted_by_somebody_else() -> None:
    raise KeyboardInterrupt


def process_id() -> int:
    return os.getpid()


class Point(NamedTuple):
    x: Any
    y: Any


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """A cluster with a worker process of its own, reached by address."""
    with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=":0") as cluster:
        yield cluster


EXECUTORS: dict[str, Callable[[Any], Executor]] = {
    "threads": lambda _: LocalDaskExecutor("threads", num_workers=2),
    "processes": lambda _: LocalDaskExecutor("processes", num_workers=2),
    "synchronous": lambda _: LocalDaskExecutor("synchronous"),
    "cluster in this process": lambda _: DaskExecutor(cluster_kwargs=IN_PROCESS),
    "cluster of processes": lambda cluster: DaskExecutor(address=cluster.scheduler_address),
}


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> Executor:
    cluster = request.getfixturevalue("cluster") if request.param == "cluster of processes" else None
    return EXECUTORS[request.param](cluster)


def test_futures_are_exchanged_for_values_wherever_they_are(executor: Executor) -> None:
    with executor.start():
        three = executor.submit(add, 1, 2)
        seven = executor.submit(add, three, right=4)
        nested = executor.submit(same, {"list": [three, (seven, {"deep": three})], "point": Point(three, 0)})
        assert executor.wait({"all": [three, seven], "plain": "text", "nested": nested}) == {
            "all": [3, 7],
            "plain": "text",
            "nested": {"list": [3, (7, {"deep": 3})], "point": Point(3, 0)},
        }
        assert executor.wait(seven) == 7
        assert executor.wait({three}) == {3}
        assert executor.wait("no future") == "no future"


def test_values_that_dask_would_take_for_tasks_and_keys_arrive_as_they_are(executor: Executor) -> None:
    with executor.start():
        first = executor.submit(add, 1, 2)
        looks_like_a_task = (add, 1, 2)
        looks_like_a_key = first.key
        future = executor.submit(same, [looks_like_a_task, looks_like_a_key, first])
        assert executor.wait(future) == [looks_like_a_task, looks_like_a_key, 3]


def test_errors_are_raised_where_one_waits(executor: Executor) -> None:
    with executor.start():
        good, bad = executor.submit(add, 1, 2), executor.submit(fail, "no such luck")
        with pytest.raises(ValueError, match="no such luck"):
            executor.wait([good, bad])
        assert executor.wait(good) == 3


def test_the_same_arguments_are_run_again_each_time(executor: Executor, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    with executor.start():
        futures = [executor.submit(leave_a_line, str(trace)) for _ in range(3)]
        executor.wait(futures)
        executor.wait(futures)
    assert trace.read_text() == "x\n" * 3


def leave_a_line(path: str) -> None:
    with open(path, "a") as file:
        file.write("x\n")


def test_keys_begin_with_the_name_and_index_of_the_task(executor: Executor) -> None:
    with executor.start():
        named = executor.submit(
            add, 1, 2, extra_context={"task_name": "say hello", "task_index": 0, "task_tags": {"a"}}
        )
        no_index = executor.submit(add, 1, 2, extra_context={"task_name": "say hello"})
        unnamed = executor.submit(add, 1, 2)
        assert named.key.startswith("say hello-0-")
        assert no_index.key.startswith("say hello-")
        assert unnamed.key.startswith("add-")
        executor.wait([named, no_index, unnamed])


def test_a_long_chain_is_waited_for_at_once() -> None:
    executor = LocalDaskExecutor("synchronous")
    with executor.start():
        future: Any = 0
        for _ in range(2000):
            future = executor.submit(add, future, 1)
        assert executor.wait(future) == 2000


def test_an_executor_that_was_not_started_says_so() -> None:
    for executor in (LocalDaskExecutor(), DaskExecutor(cluster_kwargs=IN_PROCESS)):
        with pytest.raises(ValueError, match="This executor has not been started"):
            executor.submit(add, 1, 2)
        with pytest.raises(ValueError, match="This executor has not been started"):
            executor.wait([])


@pytest.mark.parametrize("dumps", [pickle.dumps, cloudpickle.dumps])
def test_started_executors_are_pickled_without_what_is_alive_in_them(dumps: Callable[[Any], bytes]) -> None:
    local = LocalDaskExecutor("threads", num_workers=2)
    with local.start():
        local.wait(local.submit(add, 1, 2))
        copied = pickle.loads(dumps(local))
    assert (copied.scheduler, copied.dask_config, copied.callback.cache) == ("threads", {"num_workers": 2}, {})
    with copied.start():
        assert copied.wait(copied.submit(add, 1, 2)) == 3

    remote = DaskExecutor(cluster_kwargs=IN_PROCESS, adapt_kwargs={"minimum": 1, "maximum": 1})
    with remote.start():
        assert pickle.loads(dumps(remote)).client is None
    assert pickle.loads(dumps(remote)).cluster_kwargs == remote.cluster_kwargs


class TestLocalDaskExecutor:
    @pytest.mark.parametrize(
        ("given", "understood"),
        [("threads", "threads"), ("multiprocessing", "processes"), ("sync", "synchronous"), ("Threading", "threads")],
    )
    def test_schedulers_by_all_their_names(self, given: str, understood: str) -> None:
        assert LocalDaskExecutor(given).scheduler == understood

    def test_unknown_schedulers_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"Unknown scheduler 'bogus'; .* 'threads', 'processes', 'synchronous'"):
            LocalDaskExecutor("bogus")

    def test_a_future_is_a_delayed_that_can_also_be_computed_alone(self) -> None:
        executor = LocalDaskExecutor("synchronous")
        with executor.start():
            future = executor.submit(add, executor.submit(add, 1, 2), 4)
            assert isinstance(future, Delayed)
            assert future.compute() == 7

    def test_delayed_values_of_the_user_are_left_alone(self) -> None:
        from dask import delayed

        foreign = delayed(add)(1, 2)
        executor = LocalDaskExecutor("synchronous")
        with executor.start():
            assert executor.wait(executor.submit(isinstance, foreign, Delayed)) is True

    def test_processes_are_others(self) -> None:
        executor = LocalDaskExecutor("processes", num_workers=1)
        with executor.start():
            assert executor.wait(executor.submit(process_id)) != os.getpid()

    def test_many_tasks_run_at_once_in_threads(self) -> None:
        meeting = threading.Barrier(4)
        executor = LocalDaskExecutor("threads", num_workers=4)
        with executor.start():
            executor.wait([executor.submit(meeting.wait, 30) for _ in range(4)])
        assert not meeting.broken

    def test_many_tasks_run_at_once_in_processes(self, tmp_path: Path) -> None:
        executor = LocalDaskExecutor("processes", num_workers=2)
        with executor.start():
            seen = executor.wait([executor.submit(meet, str(tmp_path), name) for name in ("left", "right")])
        assert seen == [True, True]

    def test_worker_processes_do_not_outlive_a_program_that_is_killed(self, tmp_path: Path) -> None:
        program = subprocess.Popen(
            [sys.executable, "-c", WAITING_FOR_WORKERS, str(tmp_path)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        try:
            wait_until(lambda: len(os.listdir(tmp_path)) == 2)
        finally:
            program.kill()
            program.wait()
        workers = [int(name) for name in os.listdir(tmp_path)]
        wait_until(lambda: not any(is_alive(worker) for worker in workers))

    def test_a_pool_of_the_user_is_used_and_left_open(self) -> None:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1, thread_name_prefix="mine") as pool:
            executor = LocalDaskExecutor("threads", pool=pool)
            with executor.start():
                name = executor.wait(executor.submit(lambda: threading.current_thread().name))
            assert name.startswith("mine")
            assert pool.submit(add, 1, 2).result() == 3

    def test_tasks_see_the_settings_of_the_executor(self) -> None:
        import dask

        executor = LocalDaskExecutor("synchronous", optimization_of_mine=17)
        with executor.start():
            assert executor.wait(executor.submit(dask.config.get, "optimization_of_mine")) == 17
        assert dask.config.get("optimization_of_mine", None) is None

    def test_an_error_interrupts_running_threads_and_starts_nothing_more(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        running, ended = threading.Event(), []

        def run_until_interrupted() -> None:
            running.set()
            try:
                while True:
                    threading.Event().wait(0.001)
            except KeyboardInterrupt:
                ended.append("interrupted")
                raise

        def fail_once_the_other_runs() -> None:
            running.wait(30)
            raise ValueError("boom")

        executor = LocalDaskExecutor("threads", num_workers=2)

        def run() -> None:
            with executor.start():
                first = [executor.submit(run_until_interrupted), executor.submit(fail_once_the_other_runs)]
                later = executor.submit(ended.append, first)
                executor.wait([*first, later])

        with caplog.at_level(logging.INFO, "prefect.LocalDaskExecutor"), pytest.raises(ValueError, match="boom"):
            run()
        assert ended == ["interrupted"]
        assert "Attempting to interrupt and cancel all running tasks..." in caplog.messages


WAITING_FOR_WORKERS = """
import sys
from prefect.executors import LocalDaskExecutor
from tests.executors.test_dask import wait_for_ever
executor = LocalDaskExecutor("processes", num_workers=2)
if __name__ == "__main__":
    with executor.start():
        executor.wait([executor.submit(wait_for_ever, sys.argv[1]) for _ in range(2)])
"""


def wait_for_ever(directory: str) -> None:
    Path(directory, str(os.getpid())).touch()
    threading.Event().wait()


def meet(directory: str, name: str) -> bool:
    """True once the other one is here too."""
    Path(directory, name).touch()
    deadline = threading.Event()
    for _ in range(3000):
        if len(os.listdir(directory)) == 2:
            return True
        deadline.wait(0.01)
    return False


DRIVER = """
import sys, time
from pathlib import Path
from prefect.executors import DaskExecutor

address, folder = sys.argv[1:]

def stay(number, folder):
    Path(folder, f"begun {number}").touch()
    try:
        while True:
            time.sleep(0.02)
    except KeyboardInterrupt:
        Path(folder, f"interrupted {number}").touch()
        raise

if __name__ == "__main__":
    executor = DaskExecutor(address=address)
    with executor.start():
        futures = [executor.submit(stay, number, folder) for number in range(6)]
        executor.wait(futures)
"""


class Meeting:
    """Two tasks in threads of this process that end only when told to."""

    started: threading.Barrier
    go_on: threading.Event
    finished: list[int]

    @classmethod
    def begin(cls) -> None:
        cls.started, cls.go_on, cls.finished = threading.Barrier(3), threading.Event(), []

    @classmethod
    def take_part(cls, number: int) -> None:
        if number < 2:
            cls.started.wait(30)
        cls.go_on.wait(30)
        cls.finished.append(number)


class TestDaskExecutor:
    def test_defaults_are_those_of_the_configuration(self) -> None:
        executor = DaskExecutor()
        assert executor.address is None
        assert executor.cluster_class is LocalCluster
        assert executor.cluster_kwargs == {"silence_logs": logging.CRITICAL}
        assert executor.adapt_kwargs == {}
        assert executor.client_kwargs == {"set_as_default": False}
        assert DaskExecutor(debug=True).cluster_kwargs == {"silence_logs": logging.WARNING}

    def test_address_and_cluster_exclude_each_other(self) -> None:
        for wrong in ({"cluster_class": LocalCluster}, {"cluster_kwargs": {"n_workers": 1}}):
            with pytest.raises(ValueError, match="Cannot specify `address` and `cluster_class`/`cluster_kwargs`"):
                DaskExecutor(address="tcp://127.0.0.1:1", **wrong)

    def test_given_keywords_are_not_changed(self) -> None:
        cluster_kwargs = dict(IN_PROCESS)
        DaskExecutor(cluster_kwargs=cluster_kwargs)
        assert cluster_kwargs == IN_PROCESS

    def test_a_callable_makes_the_cluster(self) -> None:
        made = []

        def make_cluster(**kwargs: Any) -> LocalCluster:
            made.append(LocalCluster(**kwargs))
            return made[0]

        executor = DaskExecutor(cluster_class=make_cluster, cluster_kwargs=IN_PROCESS)
        assert executor.cluster_kwargs == IN_PROCESS
        with executor.start():
            future = executor.submit(add, 1, 2)
            assert isinstance(future, Future)
            assert executor.wait(future) == 3
        assert made[0].status.name == "closed"
        assert executor.client is None

    def test_an_existing_cluster_goes_on_afterwards(self, cluster: LocalCluster) -> None:
        for _ in range(2):
            executor = DaskExecutor(address=cluster.scheduler_address)
            with executor.start():
                assert executor.wait(executor.submit(process_id)) != os.getpid()
        assert cluster.status.name == "running"

    def test_a_cluster_adapts(self) -> None:
        executor = DaskExecutor(
            cluster_kwargs={**IN_PROCESS, "n_workers": 0}, adapt_kwargs={"minimum": 0, "maximum": 1, "interval": "10ms"}
        )
        with executor.start():
            assert executor.wait(executor.submit(add, 1, 2)) == 3

    def test_tags_ask_for_resources(self) -> None:
        executor = DaskExecutor(cluster_kwargs={**IN_PROCESS, "resources": {"GPU": 1}})
        with executor.start():
            future = executor.submit(add, 1, 2, extra_context={"task_tags": {"dask-resource:GPU=1", "other"}})
            assert executor.wait(future) == 3
            with pytest.raises(ValueError, match="'dask-resource:GPU' does not name a Dask resource"):
                executor.submit(add, 1, 2, extra_context={"task_tags": {"dask-resource:GPU"}})

    @pytest.mark.parametrize("error", [None, RuntimeError, KeyboardInterrupt])
    def test_leaving_waits_for_what_runs_and_starts_nothing_more(
        self, error: type[BaseException] | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        executor = DaskExecutor(cluster_kwargs=IN_PROCESS)
        Meeting.begin()

        def run() -> None:
            with executor.start():
                _futures = [executor.submit(Meeting.take_part, number) for number in range(6)]
                Meeting.started.wait(30)
                if error is not None:
                    raise error

        class Letting(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                if "active tasks" in record.getMessage():
                    Meeting.go_on.set()

        handler = Letting()
        executor.logger.addHandler(handler)
        try:
            with caplog.at_level(logging.INFO, "prefect.DaskExecutor"):
                with pytest.raises(error) if error else nullcontext():
                    run()
        finally:
            executor.logger.removeHandler(handler)
        if error is KeyboardInterrupt:
            # As a cancelled run leaves it: what runs is interrupted, and what waits is let go.
            assert Meeting.finished == []
            assert "Attempting to interrupt and cancel all running tasks..." in caplog.messages
        else:
            assert sorted(Meeting.finished) == [0, 1]
            assert "Stopping executor, waiting for 6 active tasks to complete" in caplog.messages

    def test_a_worker_outlives_interruptions_that_come_when_its_task_has_just_ended(self) -> None:
        """Whoever took the thread first decides: an interruption is waited for, or is not sent."""
        busy = _BusyThreads()

        def end_as_it_is_interrupted(how: BaseException | None) -> None:
            busy.interrupt(lambda work: work.event_name == "mine")
            # Caught here, as by user code that catches everything; or it arrives after the call.
            if how is not None:
                raise how

        for how in (None, ValueError(), KeyboardInterrupt()):
            assert busy.run("mine", lambda how=how: end_as_it_is_interrupted(how)) is None  # type: ignore[misc]
        assert busy.run("mine", lambda: 3) == 3
        with pytest.raises(KeyboardInterrupt):
            busy.run("mine", interrupted_by_somebody_else)

    @pytest.mark.parametrize("how", ["cancelled", "killed"])
    def test_a_worker_elsewhere_is_free_again_when_the_driver_lets_go(
        self, cluster: LocalCluster, tmp_path: Path, how: str
    ) -> None:
        """Its tasks are interrupted, whether or not the driver can still say so."""
        program = tmp_path / "driver.py"
        program.write_text(DRIVER)
        # Functions of a program are pickled by value only where it is the main one.
        driver = subprocess.Popen(
            [sys.executable, str(program), cluster.scheduler_address, str(tmp_path)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        try:
            wait_until(lambda: len(list(tmp_path.glob("begun *"))) == 2)
            driver.send_signal(signal.SIGINT if how == "cancelled" else signal.SIGKILL)
            driver.wait(60)
            wait_until(lambda: len(list(tmp_path.glob("interrupted *"))) == 2)
        finally:
            driver.kill()
            driver.wait()
        # The same worker goes on with the work of others, and nothing more of that run was begun.
        executor = DaskExecutor(address=cluster.scheduler_address)
        with executor.start():
            assert executor.wait([executor.submit(add, 1, 2), executor.submit(add, 3, 4)]) == [3, 7]
        assert len(list(tmp_path.glob("begun *"))) == 2

    def test_leaving_waits_on_a_cluster_elsewhere_too(self, cluster: LocalCluster, tmp_path: Path) -> None:
        executor = DaskExecutor(address=cluster.scheduler_address)
        with executor.start():
            _futures = [executor.submit(meet, str(tmp_path), name) for name in ("left", "right")]
            wait_until(lambda: len(os.listdir(tmp_path)) == 2)

    def test_without_the_event_tasks_do_not_ask(self) -> None:
        executor = DaskExecutor(cluster_kwargs=IN_PROCESS, disable_cancellation_event=True)
        with executor.start():
            assert executor._should_run_event is None
            assert executor.wait(executor.submit(add, 1, 2)) == 3

    def test_changes_of_workers_are_told(self, cluster: LocalCluster) -> None:
        told: dict[str, Any] = {}
        came, went = threading.Event(), threading.Event()

        class Watching(DaskExecutor):
            async def on_worker_status_changed(self, op: str, message: Any) -> None:
                await super().on_worker_status_changed(op, message)
                told[op] = message
                (came if op == "add" else went).set()

        executor = Watching(address=cluster.scheduler_address, watch_worker_status=True)
        with executor.start():
            executor.wait(executor.submit(add, 1, 2))
            cluster.scale(2)
            assert came.wait(60)
            cluster.scale(1)
            assert went.wait(60)
        [(address, description)] = told["add"]["workers"].items()
        assert address.startswith("tcp://")
        assert description["nthreads"] == 2
        assert told["remove"].startswith("tcp://")

    def test_only_clusters_made_for_the_run_are_watched_unless_asked(self) -> None:
        assert DaskExecutor()._watches_workers
        assert not DaskExecutor(address="tcp://127.0.0.1:1")._watches_workers
        assert not DaskExecutor(watch_worker_status=False)._watches_workers

    def test_a_report_needs_bokeh_and_says_so(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "bokeh", None)
        executor = DaskExecutor(cluster_kwargs=IN_PROCESS, performance_report_path=str(tmp_path / "report.html"))
        with pytest.raises(ImportError, match=r"performance_report_path=...\) needs bokeh.*pip install bokeh"):
            with executor.start():
                pass  # pragma: no cover

    def test_the_report_is_read_from_its_file(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        report = tmp_path / "report.html"
        report.write_text("<html>")
        assert DaskExecutor(performance_report_path=str(report)).performance_report == "<html>"
        assert DaskExecutor().performance_report == ""
        assert "Executor was not configured to generate performance report" in caplog.messages


WITHOUT_DASK = """
import sys
for name in ("dask", "distributed"):
    sys.modules[name] = None
from prefect.executors import DaskExecutor, LocalDaskExecutor
for kind in (DaskExecutor, LocalDaskExecutor):
    try:
        kind()
    except ImportError as error:
        print(error)
"""


def test_without_dask_one_learns_how_to_install_it() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", WITHOUT_DASK],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ).stdout.splitlines()
    assert printed == [
        "DaskExecutor needs distributed, which is not installed. Install it: pip install 'quaestor[dask]'",
        "LocalDaskExecutor needs dask, which is not installed. Install it: pip install 'quaestor[dask]'",
    ]
