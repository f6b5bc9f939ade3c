"""Runs of other flows, created, started, waited for and read: by real processes, in real files."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from prefect import Flow, Task, context, task
from prefect.backend import run_flow
from prefect.backend.execution import execute_flow_run_in_subprocess, start_flow_run
from prefect.backend.flow_run import FlowRunView
from prefect.client.client import Client
from prefect.configuration import config
from prefect.engine import signals
from prefect.engine.state import Cancelled, Failed, Running, State, Success
from prefect.run_configs import UniversalRun
from prefect.tasks.prefect import (
    CancelFlowRun,
    RenameFlowRun,
    StartFlowRun,
    create_flow_run,
    get_task_run_result,
    wait_for_flow_run,
)
from tests.tasks.prefect.conftest import Child

Logged = list[tuple[str, str]]
MISSING = "00000000-0000-4000-8000-000000000404"


def view_of(flow_run_id: Any) -> FlowRunView:
    return FlowRunView.from_flow_run_id(flow_run_id)


def finished(child: Child, state: State) -> str:
    """A run that has ended like this."""
    client = Client()
    flow_run_id = client.create_flow_run(flow_id=child.flow_id)
    client.set_flow_run_state(flow_run_id, Running())
    client.set_flow_run_state(flow_run_id, state)
    return flow_run_id


class TestCreating:
    def test_by_name_or_by_id(self, child: Child) -> None:
        by_name = create_flow_run.run(flow_name="child", project_name=child.project)
        by_id = create_flow_run.run(flow_id=child.flow_id)
        assert {view_of(by_name).flow_id, view_of(by_id).flow_id} == {child.flow_id}
        assert by_name != by_id
        assert view_of(by_name).state.is_scheduled()

    def test_with_all_that_a_run_is_given(self, child: Child) -> None:
        run = view_of(
            create_flow_run.run(
                flow_name="child",
                parameters={"x": 5},
                context={"a": 1},
                labels={"here"},
                run_name="mine",
                run_config=UniversalRun(env={"E": "1"}),
                scheduled_start_time=timedelta(hours=1),
            )
        )
        assert (run.name, run.parameters, run.context, run.labels) == ("mine", {"x": 5}, {"a": 1}, ["here"])
        assert run.run_config is not None
        assert run.run_config.env == {"E": "1"}
        wait = run.state.start_time - run.states[0].timestamp  # type: ignore[attr-defined]
        assert timedelta(minutes=59) < wait <= timedelta(hours=1)

    def test_the_name_of_the_run_that_creates_it_comes_first(self, child: Child) -> None:
        with context(flow_run_name="parent"):
            assert view_of(create_flow_run.run(flow_name="child")).name == "parent-child"

    def test_a_retry_creates_nothing_twice(self, child: Child) -> None:
        with context(task_run_id="T"):
            first, second = (create_flow_run.run(flow_name="child") for _ in range(2))
            other = create_flow_run.run(flow_name="child", idempotency_key="another")
        with context(task_run_id="T", map_index=1):
            mapped = create_flow_run.run(flow_name="child")
        assert first == second
        assert len({first, other, mapped}) == 3

    def test_it_is_logged(self, child: Child, logged: Logged) -> None:
        flow_run_id = create_flow_run.run(flow_name="child", run_name="mine")
        assert ("INFO", "Creating flow run 'mine' for flow 'child'...") in logged
        (created,) = [text for level, text in logged if text.startswith("Created flow run 'mine': ")]
        assert created.endswith(flow_run_id)

    def test_what_is_needed(self, child: Child) -> None:
        with pytest.raises(ValueError, match="Both `flow_id` and `flow_name` are null"):
            create_flow_run.run()
        with pytest.raises(ValueError, match="Received both `flow_id` and `flow_name`"):
            create_flow_run.run(flow_id=child.flow_id, flow_name="child")
        with pytest.raises(ValueError, match="No flow found"):
            create_flow_run.run(flow_name="nobody")
        with pytest.raises(ValueError, match=MISSING):
            create_flow_run.run(flow_id=MISSING)


class TestWaiting:
    def test_the_result_is_a_view_of_the_finished_run(self, child: Child, logged: Logged) -> None:
        flow_run_id = finished(child, Success("done"))
        run = wait_for_flow_run.run(flow_run_id)
        assert run.flow_run_id == flow_run_id
        assert run.state.is_successful()
        assert ("INFO", f"Flow {run.name!r}: Entered state <Success>: done") in logged

    def test_it_may_be_quiet(self, child: Child, logged: Logged) -> None:
        wait_for_flow_run.run(finished(child, Success("done")), stream_states=False)
        assert [text for _, text in logged if text.startswith("Flow ")] == []

    @pytest.mark.parametrize(
        ("state", "kind"),
        [(Success("done"), signals.SUCCESS), (Failed("no"), signals.FAIL), (Cancelled(), signals.FAIL)],
    )
    def test_the_task_may_end_as_the_run_did(self, child: Child, state: State, kind: Any) -> None:
        flow_run_id = finished(child, state)
        with pytest.raises(kind, match=f"^{flow_run_id} finished in state {state!r}$") as raised:
            wait_for_flow_run.run(flow_run_id, raise_final_state=True)
        assert raised.value.state.result.flow_run_id == flow_run_id

    def test_a_run_that_somebody_else_executes(self, child: Child) -> None:
        flow_run_id = create_flow_run.run(flow_name="child", parameters={"x": 4})
        process = start_flow_run(flow_run_id)
        try:
            assert wait_for_flow_run.run(flow_run_id).state.is_successful()
        finally:
            process.wait()

    def test_not_for_ever(self, child: Child) -> None:
        flow_run_id = create_flow_run.run(flow_name="child", scheduled_start_time=timedelta(hours=1))
        with pytest.raises(RuntimeError, match=r"Watched flow run .* for 0:00:00"):
            wait_for_flow_run.run(flow_run_id, max_duration=timedelta(0))
        with pytest.raises(ValueError, match="No flow run found"):
            wait_for_flow_run.run(MISSING)


class TestResults:
    def test_of_tasks_mapped_or_not(self, child: Child) -> None:
        flow_run_id = create_flow_run.run(flow_name="child", parameters={"x": 4})
        if config.backend != "embedded":
            execute_flow_run_in_subprocess(flow_run_id)
        assert get_task_run_result.run(flow_run_id, "double-1") == 8
        assert get_task_run_result.run(flow_run_id, "double-2") == [8, 10]
        assert get_task_run_result.run(flow_run_id, "double-2", map_index=1) == 10

    def test_not_of_the_run_that_asks(self, child: Child) -> None:
        with context(flow_run_id=MISSING), pytest.raises(ValueError, match="same as the currently running flow"):
            get_task_run_result.run(MISSING, "double-1")

    def test_not_of_what_did_not_succeed(self, child: Child) -> None:
        with pytest.raises(ValueError, match="is not finished"):
            get_task_run_result.run(finished(child, Failed()), "double-1")


@pytest.mark.embedded
class TestWithoutAServer:
    """Who waits for a run starts it, since nobody else would."""

    def test_a_whole_family(self, child: Child) -> None:
        with Flow("parent") as parent:
            created = create_flow_run(flow_name="child", project_name=child.project, parameters={"x": 4})
            waited = wait_for_flow_run(created, raise_final_state=True, stream_logs=True)
            doubled = get_task_run_result(created, task_slug="double-1", upstream_tasks=[waited])
        run = run_flow(parent)
        assert run.state.is_successful()
        assert run.get_task_run("get_task_run_result-1").get_result() == 8
        assert doubled in parent.tasks
        child_run = view_of(run.get_task_run("create_flow_run-1").get_result())
        assert child_run.name == f"{run.name}-child"
        told = {line.message for line in run.get_logs()}
        assert f"Flow '{child_run.name}': Beginning Flow run for 'child'" in told
        assert f"Flow '{child_run.name}': Entered state <Success>: All reference tasks succeeded." in told

    def test_many_at_once(self, child: Child) -> None:
        with Flow("parent") as parent:
            created = create_flow_run.map(
                flow_name=task(lambda: ["child"] * 2, name="names")(),
                parameters=[{"x": 1}, {"x": 13}],
            )
            waited = wait_for_flow_run.map(created, raise_final_state=task(lambda: [True] * 2, name="raise")())
        state = parent.run()
        assert state is not None
        assert [child.is_successful() for child in state.result[waited].map_states] == [True, False]

    def test_start_and_wait(self, child: Child) -> None:
        start = StartFlowRun(flow_name="child", project_name=child.project, wait=True)
        with pytest.raises(signals.SUCCESS, match="finished in state <Success") as succeeded:
            start.run(parameters={"x": 2})
        assert view_of(succeeded.value.state.result).get_task_run("double-1").get_result() == 4
        with pytest.raises(signals.FAIL, match="finished in state <Failed") as failed:
            start.run(parameters={"x": 13})
        assert view_of(failed.value.state.result).state.is_failed()

    def test_a_process_that_dies_is_noticed(self, child: Child) -> None:
        flow_run_id = create_flow_run.run(flow_name="child", parameters={"x": 666})
        run = wait_for_flow_run.run(flow_run_id)
        assert run.state.is_failed()
        assert "process" in str(run.state.message)

    def test_so_is_one_that_somebody_else_started(self, child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
        flow_run_id = create_flow_run.run(flow_name="child", parameters={"x": 666})
        process = start_flow_run(flow_run_id)
        assert process.wait() == -signal.SIGKILL
        assert view_of(flow_run_id).state.is_running()
        monkeypatch.setattr("prefect.backend.flow_run.POLL_LAST_SECONDS", 0.1)
        assert wait_for_flow_run.run(flow_run_id).state.is_failed()

    def test_a_process_that_cannot_begin_is_an_error(self, child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("prefect.backend.awaiting.start_flow_run", lambda flow_run_id: subprocess.Popen(["false"]))
        flow_run_id = create_flow_run.run(flow_name="child")
        with pytest.raises(RuntimeError, match=rf"{flow_run_id} ended with code 1 before the run began"):
            wait_for_flow_run.run(flow_run_id)

    def test_code_that_cannot_be_loaded_fails_the_run(self, register_program: Callable[[str], Child]) -> None:
        registered = register_program("from prefect import Flow, Task\nflow = Flow('child', tasks=[Task()])")
        assert registered.flow.storage is not None
        path = registered.flow.storage.path  # type: ignore[attr-defined]
        os.remove(path)
        run = wait_for_flow_run.run(create_flow_run.run(flow_name="child"))
        assert run.state.is_failed()
        assert "Failed to load and execute flow run" in str(run.state.message)

    def test_a_run_starts_when_it_is_due(self, child: Child) -> None:
        flow_run_id = create_flow_run.run(flow_name="child", scheduled_start_time=timedelta(seconds=1))
        run = wait_for_flow_run.run(flow_run_id)
        assert run.state.is_successful()
        started = next(state.__dict__["timestamp"] for state in run.states if state.is_running())
        assert started - run.states[0].__dict__["timestamp"] >= timedelta(seconds=1)

    def test_several_may_wait_for_one_run(self, child: Child) -> None:
        flow_run_id = create_flow_run.run(flow_name="child")
        views: list[FlowRunView] = []
        waiting = [threading.Thread(target=lambda: views.append(wait_for_flow_run.run(flow_run_id))) for _ in range(2)]
        for thread in waiting:
            thread.start()
        for thread in waiting:
            thread.join()
        assert [view.state.is_successful() for view in views] == [True, True]
        assert sum(state.is_running() for state in views[0].states) == 1


class TestStarting:
    def test_without_waiting(self, child: Child, logged: Logged) -> None:
        start = StartFlowRun(flow_name="child", project_name=child.project, run_name="mine", new_flow_context={"a": 1})
        run = view_of(start.run(parameters={"x": 2}))
        assert (run.name, run.parameters, run.context) == ("mine", {"x": 2}, {"a": 1})
        assert run.state.is_scheduled()
        assert any(text.startswith("Flow Run: ") and text.endswith(run.flow_run_id) for _, text in logged)

    def test_a_retry_starts_nothing_twice(self, child: Child) -> None:
        start = StartFlowRun(flow_name="child", project_name=child.project)
        with context(task_run_id="T"):
            assert start.run() == start.run()
        assert start.run(idempotency_key="k") == start.run(idempotency_key="k") != start.run()

    def test_what_is_needed(self, child: Child) -> None:
        with pytest.raises(ValueError, match=r"^Must provide a flow name\.$"):
            StartFlowRun().run()
        with pytest.raises(ValueError, match=r"^Must provide a project name\.$"):
            StartFlowRun(flow_name="child").run()
        with pytest.raises(ValueError, match=r"^Flow 'nobody' not found\.$"):
            StartFlowRun(flow_name="nobody", project_name=child.project).run()
        with pytest.raises(ValueError, match="at least 3 seconds"):
            StartFlowRun(poll_interval=timedelta(seconds=1))

    def test_it_is_named_after_the_flow(self) -> None:
        assert StartFlowRun(flow_name="child").name == "Flow child"
        assert StartFlowRun(flow_name="child", name="mine").name == "mine"
        assert StartFlowRun().name == "StartFlowRun"


class TestRenaming:
    def test_any_run(self, child: Child) -> None:
        flow_run_id = create_flow_run.run(flow_name="child")
        assert RenameFlowRun().run(flow_run_id=flow_run_id, flow_run_name="new") is True
        assert view_of(flow_run_id).name == "new"

    def test_the_run_that_the_task_belongs_to(self, database: Any) -> None:
        with Flow("renaming") as flow:
            RenameFlowRun(flow_run_name="renamed")()
        assert run_flow(flow).name == "renamed"

    def test_what_is_needed(self) -> None:
        with pytest.raises(ValueError, match="`flow_run_id` must be explicitly provided"):
            RenameFlowRun().run(flow_run_name="new")
        with pytest.raises(ValueError, match="Must provide a flow run name"):
            RenameFlowRun(flow_run_id=MISSING).run()


class TestCancelling:
    def test_any_run(self, child: Child) -> None:
        flow_run_id = create_flow_run.run(flow_name="child")
        assert CancelFlowRun().run(flow_run_id=flow_run_id) is True
        assert type(view_of(flow_run_id).state) is Cancelled

    def test_the_run_that_the_task_belongs_to(self, database: Any) -> None:
        with Flow("cancelling") as flow:
            Task(name="afterwards")(upstream_tasks=[CancelFlowRun()()])
        run = run_flow(flow)
        assert type(run.state) is Cancelled
        assert not run.get_task_run("afterwards-1").state.is_successful()

    def test_what_is_needed(self) -> None:
        with pytest.raises(ValueError, match="Can't cancel a flow run without flow run ID"):
            CancelFlowRun().run()
