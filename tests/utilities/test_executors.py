import logging
import os
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import pytest

from prefect.configuration import config
from prefect.core.edge import Edge
from prefect.core.task import Task
from prefect.engine.state import Failed, Mapped, Pending, Skipped, State, Success
from prefect.executors.local import LocalExecutor
from prefect.utilities import executors
from prefect.utilities.executors import (
    HeartbeatThread,
    RecursiveCall,
    flatten_mapped_children,
    flatten_upstream_state,
    log_heartbeat_failure,
    no_heartbeat,
    prepare_upstream_states_for_mapping,
    run_with_heartbeat,
    send_heartbeat,
    subprocess_heartbeat,
    tail_recursive,
    threaded_heartbeat,
)
from prefect.utilities.processes import parents
from tests.waiting import is_alive, wait_until

if TYPE_CHECKING:
    from prefect.client.client import Client

logger = logging.getLogger("prefect.test_heartbeats")


class Backend:
    """Counts heartbeats, and refuses some."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.beats: list[str] = []
        self.beaten = threading.Event()

    def update_flow_run_heartbeat(
        self,
        flow_run_id: str,
        *,
        interval_seconds: float | None = None,
        holder: dict[str, Any] | None = None,
    ) -> None:
        self.beats.append(flow_run_id)
        self.beaten.set()
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    backend = Backend()
    module = ModuleType("prefect.client.client")
    module.__dict__["Client"] = lambda: backend
    monkeypatch.setitem(sys.modules, "prefect.client.client", module)
    return backend


class TestHeartbeats:
    def test_a_failed_beat_is_logged_and_the_run_goes_on(self, caplog: pytest.LogCaptureFixture) -> None:
        backend = Backend(ValueError("backend is away"))
        send_heartbeat("run-1", cast("Client", backend), logger)
        assert backend.beats == ["run-1"]
        assert "Failed to send heartbeat with exception: ValueError('backend is away')" in caplog.messages

    def test_a_thread_beats_as_often_as_asked(self, backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(config.cloud, "heartbeat_interval", 0.001)
        thread = HeartbeatThread(threading.Event(), "run-1", num=3)
        thread.start()
        thread.join(60)
        assert backend.beats == ["run-1"] * 3

    def test_a_thread_beats_while_one_is_inside(self, backend: Backend) -> None:
        with threaded_heartbeat("run-1"):
            assert backend.beaten.wait(60)
        assert "PrefectHeartbeat-run-1" not in [thread.name for thread in threading.enumerate()]
        assert backend.beats == ["run-1"]

    def test_a_process_beats_while_one_is_inside(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        program = (
            "import os, sys, threading\n"
            "with open(sys.argv[1], 'w') as pipe:\n"
            "    print(os.environ['PREFECT__BACKEND'], file=pipe, flush=True)\n"
            "    threading.Event().wait()"
        )
        with ExitStack() as stack:
            with subprocess_heartbeat([sys.executable, "-c", program, str(pipe)], logger):
                lines = stack.enter_context(open(pipe))
                assert lines.readline() == f"{config.backend}\n"
            assert lines.read() == ""  # the other end is closed: nobody is left

    def test_a_process_that_is_to_wait_before_its_first_beat_leaves_nothing_behind(self, tmp_path: Path) -> None:
        # Of other tests: a database server, say.
        others = {child for child, parent in parents() if parent == os.getpid()}
        with subprocess_heartbeat(["touch", str(tmp_path / "beaten")], logger, after=3600):
            (shell,) = {child for child, parent in parents() if parent == os.getpid()} - others
            wait_until(lambda: any(parent == shell for _, parent in parents()))
            waiting = [shell, *(child for child, parent in parents() if parent == shell)]
        wait_until(lambda: not any(is_alive(pid) for pid in waiting))
        assert not (tmp_path / "beaten").exists()

    def test_a_process_that_cannot_start_is_logged_and_the_run_goes_on(self, caplog: pytest.LogCaptureFixture) -> None:
        ran = False
        with subprocess_heartbeat(["/no/such/program"], logger):
            ran = True
        assert ran
        assert "Heartbeat process failed to start.  This could result in a zombie run." in caplog.messages

    def test_a_process_that_died_meanwhile_is_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        with subprocess_heartbeat([sys.executable, "-c", "raise SystemExit(3)"], logger):
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        assert "Heartbeat process died with exit code 3" in caplog.messages

    def test_what_ends_a_heartbeat_is_logged_and_raised(self, caplog: pytest.LogCaptureFixture) -> None:
        with pytest.raises(ValueError, match="no client"), log_heartbeat_failure(logger):
            raise ValueError("no client")
        assert "Heartbeat process encountered terminal exception: ValueError('no client')" in caplog.messages

    def test_no_heartbeat_does_nothing(self, backend: Backend) -> None:
        with no_heartbeat():
            pass
        assert backend.beats == []


class Runner:
    flow_run_id = "run-1"
    heartbeat_cmd = ["/no/such/program"]
    logger = logger

    def __init__(self, beats: bool) -> None:
        self.beats = beats

    def _heartbeat(self) -> bool:
        return self.beats

    @run_with_heartbeat
    def run(self, left: int, right: int) -> Any:
        """Adds."""
        return left + right


class TestRunWithHeartbeat:
    def test_the_setting_chooses_how(
        self, backend: Backend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setitem(config.cloud, "heartbeat_mode", "off")
        assert Runner(True).run(1, right=2) == 3
        assert not caplog.messages
        monkeypatch.setitem(config.cloud, "heartbeat_mode", "process")
        assert Runner(True).run(1, right=2) == 3
        assert "Heartbeat process failed to start.  This could result in a zombie run." in caplog.messages
        assert backend.beats == []
        monkeypatch.setitem(config.cloud, "heartbeat_mode", "thread")
        assert Runner(True).run(1, right=2) == 3
        assert set(backend.beats) <= {"run-1"}

    def test_a_runner_may_have_none(self, backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
        assert Runner(False).run(1, right=2) == 3
        assert (backend.beats, caplog.messages) == ([], [])

    def test_the_method_keeps_its_name(self) -> None:
        assert (Runner.run.__name__, Runner.run.__doc__) == ("run", "Adds.")


class TestMapping:
    def test_each_child_sees_its_element_and_what_is_not_mapped(self) -> None:
        above, other, below = Task("above"), Task("other"), Task("below")
        mapped, whole = Edge(above, below, key="x", mapped=True), Edge(other, below, key="y")
        upstream: dict[Edge, State] = {mapped: Success(result=[1, 2, 3]), whole: Success(result="all")}
        children = prepare_upstream_states_for_mapping(Mapped(), upstream, {}, LocalExecutor())
        assert [(child[mapped].result, child[whole].result) for child in children] == [(n, "all") for n in (1, 2, 3)]

    def test_children_of_a_mapped_upstream_are_taken_as_they_are(self) -> None:
        above, below = Task("above"), Task("below")
        edge = Edge(above, below, key="x", mapped=True)
        known = [Success(result=10), Success(result=20)]
        children = prepare_upstream_states_for_mapping(Mapped(), {edge: Mapped()}, {above: known}, LocalExecutor())
        assert [child[edge] for child in children] == known

    def test_flattened_children_are_waited_for(self) -> None:
        above, below = Task("above"), Task("below")
        edge = Edge(above, below, key="x", mapped=True, flattened=True)
        known = [Success(result=[1, 2]), Success(result=[3])]
        children = prepare_upstream_states_for_mapping(Mapped(), {edge: Mapped()}, {above: known}, LocalExecutor())
        assert [child[edge].result for child in children] == [1, 2, 3]

    @pytest.mark.parametrize("state", [Pending(), Failed(), Skipped()])
    def test_a_parent_that_is_not_mapped_has_no_children(self, state: State) -> None:
        edge = Edge(Task("above"), Task("below"), key="x", mapped=True)
        assert prepare_upstream_states_for_mapping(state, {edge: Success(result=[1])}, {}, LocalExecutor()) == []

    def test_children_are_flattened_and_failures_pass(self, caplog: pytest.LogCaptureFixture) -> None:
        failed, skipped = Failed(result=ValueError("x")), Skipped(result=[7])
        states = flatten_mapped_children(
            [Success(result=[1, 2]), failed, skipped, Success(result=3), Success(result=[])], LocalExecutor()
        )
        assert [state.result for state in states] == [1, 2, failed.result, [7], 3]
        assert "`flatten` was used on upstream task that did not return an iterable" in caplog.text

    @pytest.mark.parametrize(
        ("value", "flattened"), [([[1], [2, 3]], [1, 2, 3]), ([[1], 2], [[1], 2]), (5, 5), (None, None)]
    )
    def test_a_state_is_flattened_where_its_value_has_two_levels(self, value: Any, flattened: Any) -> None:
        assert flatten_upstream_state(Success(result=value)).result == flattened


class TestTailRecursion:
    def test_calls_do_not_nest(self) -> None:
        @tail_recursive
        def count(n: int, limit: int) -> int:
            if n == limit:
                return n
            raise RecursiveCall(count, n + 1, limit=limit)

        assert count(0, 5000) == 5000
        assert count.__name__ == "count"

    def test_one_may_go_on_with_another(self) -> None:
        @tail_recursive
        def is_even(n: int) -> bool:
            if n == 0:
                return True
            raise RecursiveCall(is_odd, n - 1)

        @tail_recursive
        def is_odd(n: int) -> bool:
            if n == 0:
                return False
            raise RecursiveCall(is_even, n - 1)

        assert is_even(3000)

    def test_a_function_that_is_not_wrapped_is_refused(self) -> None:
        def plain() -> None: ...

        @tail_recursive
        def wrapped() -> None:
            raise RecursiveCall(plain)

        with pytest.raises(RecursionError, match="function has not been wrapped to provide tail recursion"):
            wrapped()

    def test_a_call_keeps_its_arguments(self) -> None:
        call = RecursiveCall(len, 1, a=2)
        assert (call.func, call.args, call.kwargs) == (len, (1,), {"a": 2})


def test_every_name_of_1x_is_here() -> None:
    assert all(hasattr(executors, name) for name in executors.__all__)
