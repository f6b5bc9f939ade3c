"""The 1.x name for a flow runner whose states live in a backend."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pendulum

from prefect.client.client import Client
from prefect.configuration import config
from prefect.engine.cloud.backend_runs import BackendRuns, owner, why_unreadable
from prefect.engine.cloud.task_runner import CloudTaskRunner
from prefect.engine.flow_runner import FlowRunner, FlowRunnerInitializeResult
from prefect.engine.result.base import Result
from prefect.engine.results.local_result import LocalResult
from prefect.engine.run_context import entered
from prefect.engine.run_store import RunStore, TaskRunFacts
from prefect.engine.runner import StateHandler
from prefect.engine.state import Cancelled, Cancelling, Mapped, Pending, Scheduled, Skipped, State, Success
from prefect.engine.until_finished import next_start_time
from prefect.exceptions import ClientError
from prefect.serialization.state import load_state
from prefect.tasks.secrets.base import SecretBase
from prefect.utilities.context import context as _prefect_context
from prefect.utilities.datetimes import utc_now
from prefect.utilities.executors import heartbeat_of
from prefect.utilities.logging import LOG_MANAGER

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.core.task import Task
    from prefect.engine.walk import TaskContexts, TaskStates
    from prefect.executors.base import Executor


# Most runs are over before a heartbeat would tell anybody anything; a process of its own costs as much as they do.
FIRST_HEARTBEAT_SECONDS = 2
# So long nobody looks whether a run that has just begun is to stop, and then at most so long at a time.
FIRST_LOOK_SECONDS = 1.0
WAIT_SECONDS = 25.0


class CloudFlowRunner(FlowRunner):
    """A flow runner that reads its run from a backend, and writes every state there.

    The flow run is the one that `prefect.context.flow_run_id` names. It goes on where that run stands: what is durably
    finished is not run again, unless its value cannot be read, which is logged.
    """

    # Replaced in tests, which do not sleep.
    sleep = staticmethod(time.sleep)

    def __init__(self, flow: Flow, state_handlers: Iterable[StateHandler] | None = None) -> None:
        super().__init__(flow=flow, task_runner_cls=CloudTaskRunner, state_handlers=state_handlers)
        self.client = Client()
        # Where signs of life are entered, as long as they have not begun.
        self._to_beat: ExitStack | None = None

    def flow_result(self) -> Result | None:
        """A recorded run always keeps its values: where the flow says, else where its storage does, else here."""
        kept = super().flow_result()
        if kept is None and self.flow.storage is not None:
            kept = self.flow.storage.result
        return LocalResult() if kept is None else kept

    def initialize_run(  # type: ignore[override]  # as in FlowRunner
        self,
        state: State | None,
        task_states: TaskStates,
        context: dict[str, Any],
        task_contexts: TaskContexts,
        parameters: dict[str, Any],
    ) -> FlowRunnerInitializeResult:
        """The run as the backend has it: its state, parameters and context, and the states of its task runs.

        Raises:
            ClientError: no flow run is named, or there is none of that id.
        """
        flow_run_id = context.get("flow_run_id") or _prefect_context.__dict__.get("flow_run_id")
        if flow_run_id is None:
            raise ClientError("No flow run to run: prefect.context.flow_run_id is not set.")
        runs = self.run_store
        if not isinstance(runs, BackendRuns) or runs.flow_run_id != flow_run_id:
            runs = self.run_store = BackendRuns(flow_run_id, self.client)
        found = runs.read_flow_run()
        if found["auto_scheduled"] and found["state"] == "Scheduled":
            # What a schedule has planned has no task runs before somebody takes it.
            runs.take(load_state(found["serialized_state"]))
            found = runs.read_flow_run()
        self._begin_to_beat()
        given = {**(found["context"] or {}), **context}
        given.update(
            flow_run_id=flow_run_id,
            flow_run_name=found["name"],
            flow_run_version=found["version"],
            flow_id=found["flow_id"],
            project_name=found["flow"]["project"]["name"],
            project_id=found["flow"]["project"]["id"],
            checkpointing=True,
            running_with_backend=True,
        )
        if found["scheduled_start_time"] is not None:
            given["scheduled_start_time"] = pendulum.parse(found["scheduled_start_time"])
        known = load_state(found["serialized_state"]) if state is None else state
        values = {**(found["parameters"] or {}), **parameters}
        contexts = {
            task: {"task_id": runs.task_id(slug), **task_contexts.get(task, {})}
            for task, slug in self.flow.slugs.items()
        }
        missing = [slug for slug in self.flow.slugs.values() if runs.task_run(slug) is None]
        if missing:
            raise ClientError(
                f"The flow '{self.flow.name}' is not the one that was registered: the backend knows no task "
                f"{missing[0]!r}. Register it again and start a new run."
            )
        return super().initialize_run(known, task_states, given, contexts, values)

    def known_state(self, task: Task, facts: TaskRunFacts) -> State | None:
        """The state that a task run goes on from, its value read from where it is kept.

        A success whose value cannot be read is run again, and says so; secrets are looked up anew, never read.
        """
        state = facts.state
        if not isinstance(state, Success) or isinstance(state, (Mapped, Skipped)):
            return state
        if isinstance(task, SecretBase):
            state.result = task.run()
            return state
        reason = why_unreadable(state, task.result)
        return state if reason is None else self._run_again(task, facts, reason)

    def _run_again(self, task: Task, facts: TaskRunFacts, reason: str) -> State:
        name = self.flow.slugs[task]
        self.logger.warning("Task '%s': its value cannot be read (%s), so it runs again.", name, reason)
        assert isinstance(self.run_store, BackendRuns)
        return self.run_store.restart(facts.task_run_id, f"The value could not be read ({reason}); running again.")

    def run(
        self,
        state: State | None = None,
        task_states: TaskStates | None = None,
        return_tasks: Iterable[Task] | None = None,
        parameters: dict[str, Any] | None = None,
        task_runner_state_handlers: Iterable[StateHandler] | None = None,
        executor: Executor | None = None,
        context: dict[str, Any] | None = None,
        task_contexts: TaskContexts | None = None,
        *,
        run_store: RunStore | None = None,
    ) -> State:
        """The state in which the flow run ends, having waited for retries and start times."""
        context = dict(context or {})
        flow_run_id = context.get("flow_run_id") or _prefect_context.__dict__.get("flow_run_id")
        # Everything logged from here on belongs to the run, before it has been read too.
        with entered({"flow_run_id": flow_run_id, "running_with_backend": True}), self._beating():
            try:
                return self._run_until_over(
                    state,
                    dict(task_states or {}),
                    {
                        "return_tasks": self.flow.tasks if return_tasks is None else set(return_tasks),
                        "parameters": parameters,
                        "task_runner_state_handlers": task_runner_state_handlers,
                        "executor": executor,
                        "context": context,
                        "task_contexts": task_contexts,
                        "run_store": run_store,
                    },
                )
            finally:
                LOG_MANAGER.flush()
                if isinstance(self.run_store, BackendRuns):
                    self.run_store.await_delivery()

    def _run_until_over(self, state: State | None, task_states: TaskStates, arguments: dict[str, Any]) -> State:
        while True:
            state = super().run(state=state, task_states=task_states, **arguments)
            if isinstance(state.result, dict):
                task_states.update(state.result)
            if state.is_finished() or not isinstance(self.run_store, BackendRuns) or self.run_store.is_taken:
                return state
            waiting = self._wait_until(state, task_states)
            if waiting is None:
                return self._cancelled_or(state)
            if waiting > 0:
                self.sleep(waiting)
            if isinstance(state, Scheduled):
                state = None

    # --- signs of life ------------------------------------------------------------------------------------------------

    @property
    def flow_run_id(self) -> str:
        """The run that this process executes."""
        assert isinstance(self.run_store, BackendRuns)
        return self.run_store.flow_run_id

    @property
    def heartbeat_cmd(self) -> list[str]:
        """What a process of its own runs to say that this one lives, and to notice when it does not."""
        command = [sys.executable, "-m", "prefect", "heartbeat", "flow-run", "--id", self.flow_run_id]
        me = owner()
        return [*command, "--pid", str(me["pid"]), "--started", me["started"] or ""]

    def _heartbeat(self) -> bool:
        """Whether to say that the run is alive: unless its flow is told not to."""
        return isinstance(self.run_store, BackendRuns) and self.run_store.beats

    @contextmanager
    def _beating(self) -> Iterator[None]:
        """A block that gives signs of life, once the run has been read and has lasted a moment."""
        with ExitStack() as stack:
            self._to_beat = stack
            try:
                yield
            finally:
                self._to_beat = None

    def _begin_to_beat(self) -> None:
        """See to the signs of life before user code runs, which may keep the interpreter from any other thread."""
        stack, self._to_beat = self._to_beat, None
        if stack is None:
            return
        mode = str(config.cloud.heartbeat_mode)
        if mode == "process" and config.backend == "embedded":
            # Whoever opens the file sees whether the process lives: a second one for each run would tell no more.
            mode = "thread"
        stack.enter_context(heartbeat_of(self, mode, after=FIRST_HEARTBEAT_SECONDS, holder=owner()))

    def determine_final_state(
        self,
        state: State,
        key_states: set[State],
        return_states: TaskStates,
        terminal_states: set[State],
    ) -> State:
        """`Cancelled` where task runs could not start since the run was cancelled meanwhile, else as ever."""
        if any(isinstance(each, Cancelled) for each in key_states | terminal_states):
            assert isinstance(self.run_store, BackendRuns)
            if isinstance(self.run_store.current_flow_state(), (Cancelling, Cancelled)):
                self.logger.info("Flow run CANCELLED.")
                return Cancelled("Flow run is cancelled", result=return_states)
        return super().determine_final_state(state, key_states, return_states, terminal_states)

    def _wait_until(self, state: State, task_states: TaskStates) -> float | None:
        """Seconds until something may go on; None where nothing will by itself."""
        start = getattr(state, "start_time", None) or next_start_time(task_states.values())
        return None if start is None else float((start - utc_now()).total_seconds())

    def _cancelled_or(self, state: State) -> State:
        """The state, or what the run has become where it was cancelled, or taken from this process, meanwhile."""
        assert isinstance(self.run_store, BackendRuns)
        current = self.run_store.current_flow_state()
        if self.run_store.is_taken:
            return current
        if isinstance(current, Cancelling):
            return self.run_store.propose_flow_state(current, Cancelled("Flow run is cancelled"))
        return current if isinstance(current, Cancelled) else state

    @contextmanager
    def check_for_cancellation(self) -> Iterator[None]:
        """A block that is interrupted when the backend is asked to cancel the run, at once where it tells."""
        runs = self.run_store
        assert isinstance(runs, BackendRuns)
        over = threading.Event()
        asked = threading.Event()
        interval = float(config.cloud.check_cancellation_interval)
        main = threading.main_thread()

        def watch() -> None:
            if over.wait(min(FIRST_LOOK_SECONDS, interval)):
                return
            while not runs.is_to_stop(over, min(WAIT_SECONDS, interval), interval):
                if over.is_set():
                    return
            if not over.is_set():
                asked.set()
                # A signal, because one that waits for a lock or sleeps is not reached by anything less.
                signal.pthread_kill(main.ident or 0, signal.SIGINT)

        watcher = threading.Thread(target=watch, name="cancellation-watcher", daemon=True)
        former = None
        if threading.current_thread() is main and interval > 0:
            if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, signal.SIG_DFL):
                # As in a process that was started in the background of a shell.
                former = signal.signal(signal.SIGINT, signal.default_int_handler)
            watcher.start()
        try:
            yield
        except KeyboardInterrupt:
            if not asked.is_set():
                raise
            runs.settle()
            from prefect.engine.signals import ENDRUN

            raise ENDRUN(self._cancelled_or(Pending())) from None
        finally:
            over.set()
            if watcher.is_alive() and not self.client.resends:
                watcher.join()  # it must not look into a file that its program has closed
            if former is not None:
                signal.signal(signal.SIGINT, former)
