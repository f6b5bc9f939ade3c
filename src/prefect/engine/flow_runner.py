"""Moves one flow run from state to state: starts a walk over its graph, and decides the flow's final state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.configuration import config
from prefect.engine.result.base import Result
from prefect.engine.run_context import date_values, entered, flow_values, random_ids, task_values
from prefect.engine.run_store import RunStore, TaskRunFacts
from prefect.engine.runner import Runner, StateHandler, call_state_handlers, handled, without_secrets
from prefect.engine.signals import ENDRUN
from prefect.engine.state import Failed, Running, Scheduled, State, Success
from prefect.engine.task_runner import TaskRunner
from prefect.engine.walk import TaskContexts, TaskStates, Walk, run_task
from prefect.exceptions import ClientError
from prefect.executors.local import LocalExecutor
from prefect.utilities.context import context as _prefect_context
from prefect.utilities.datetimes import utc_now
from prefect.utilities.importtools import import_object
from prefect.utilities.logging import logging_at

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.core.task import Task
    from prefect.executors.base import Executor


RUNNING_FLOW = "Running flow."
ALL_SUCCEEDED = "All reference tasks succeeded."
SOME_FAILED = "Some reference tasks failed."
NONE_FAILED = "No reference tasks failed."


class FlowRunnerInitializeResult(NamedTuple):
    """What a flow run starts with."""

    state: State
    task_states: TaskStates
    context: dict[str, Any]
    task_contexts: TaskContexts


class FlowRunner(Runner):
    """Moves one flow run from state to state.

    Args:
        flow: the flow to run.
        task_runner_cls: runs each task; None means the default class.
        state_handlers: called as `handler(flow_runner, old_state, new_state)`, after the flow's own.
    """

    def __init__(
        self,
        flow: Flow,
        task_runner_cls: type[TaskRunner] | None = None,
        state_handlers: Iterable[StateHandler] | None = None,
    ) -> None:
        super().__init__(state_handlers)
        self.flow = flow
        self.task_runner_cls: type[TaskRunner] = TaskRunner if task_runner_cls is None else task_runner_cls

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.flow.name}>"

    # --- changes of state ---------------------------------------------------------------------------------------------

    def call_runner_target_handlers(self, old_state: State, new_state: State) -> State:
        """Call the flow's handlers as `handler(flow, old_state, new_state)`."""
        for handler in self.flow.state_handlers:
            new_state = handled(self.flow, handler(self.flow, old_state, new_state), new_state)
        return new_state

    def has_handlers(self) -> bool:
        return bool(self.state_handlers or self.flow.state_handlers)

    def propose(self, old_state: State, new_state: State) -> State:
        return self.run_store.propose_flow_state(old_state, without_secrets(new_state))

    # --- the run ------------------------------------------------------------------------------------------------------

    def initialize_run(  # type: ignore[override]  # 1.x gives flow runners more to start from
        self,
        state: State | None,
        task_states: TaskStates,
        context: dict[str, Any],
        task_contexts: TaskContexts,
        parameters: dict[str, Any],
    ) -> FlowRunnerInitializeResult:
        """The state to start from, the states of the tasks, and the contexts of the flow run and of each task."""
        values = flow_values(self.flow, context)
        known = dict(_prefect_context.__dict__.get("parameters") or {})
        known.update(context.get("parameters") or {})
        known.update(parameters or {})
        for parameter in self.flow.parameters():
            if not parameter.required:
                known.setdefault(parameter.name, parameter.default)
        values["parameters"] = known
        values.update(self._dates({**_prefect_context.__dict__, **values}))
        values["logger"] = self.flow.logger
        recorded = values.get("running_with_backend") or _prefect_context.__dict__.get("running_with_backend")
        slugs = self.flow.slugs
        contexts = {task: {**task_values(task, slugs[task]), **task_contexts.get(task, {})} for task in self.flow.tasks}
        if not ("task_run_id" in values or "task_run_id" in _prefect_context.__dict__ or recorded):
            # As 1.x has it: an id for each task and try, the same for all children of one that is mapped.
            for given, id in zip(contexts.values(), random_ids(len(contexts)), strict=True):
                given.setdefault("task_run_id", id)
        state = super().initialize_run(state, values)[0]
        return FlowRunnerInitializeResult(state, task_states, values, contexts)

    def _dates(self, known: dict[str, Any]) -> dict[str, Any]:
        """The date keys of the context; of those that somebody has set already only `date` itself is read."""
        given, now = known.get("date"), utc_now()
        try:
            values = date_values(given, now)
        except (ValueError, TypeError, AttributeError):
            self.logger.warning(
                "`date` was set in the context manually but could not be parsed into a pendulum `DateTime` object. "
                "Additional context variables that rely on the current date i.e `today` and `tomorrow` will be based "
                "on the current time instead of the `date` context variable."
            )
            values = {**date_values(None, now), "date": given}
        return {name: value for name, value in values.items() if name == "date" or name not in known}

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
        """The state in which this walk over the graph ends.

        A task that has to wait (for a retry, a start time, a person) leaves the flow `Running`: walk again later with
        the task states found in the result.

        Args:
            state: the state to start from; None means `Pending`.
            task_states: states that tasks start from.
            return_tasks: the tasks whose states the result holds.
            parameters: values of the flow's parameters by name.
            task_runner_state_handlers: handed to each task runner.
            executor: where tasks run; None means the flow's own, or the configured default.
            context: further keys of `prefect.context`.
            task_contexts: further keys of `prefect.context` by task.
            run_store: where states are read and proposed; None means in memory.
        """
        if run_store is not None:
            self.run_store = run_store
        self.logger.info("Beginning Flow run for '%s'", self.flow.name)
        returned = set(return_tasks or [])
        if executor is None:
            executor = self.flow.executor or import_object(config.engine.executor.default_class)()
        self.logger.debug("Using executor type %s", type(executor).__name__)
        try:
            if not returned.issubset(self.flow.tasks):
                raise ValueError("Some tasks in return_tasks were not found in the flow.")
            state, task_states, context, task_contexts = self.initialize_run(
                state, dict(task_states or {}), dict(context or {}), dict(task_contexts or {}), dict(parameters or {})
            )
            with entered(context), logging_at(context.get("log_level")):
                state = self.check_flow_is_pending_or_running(state)
                state = self.check_flow_reached_start_time(state)
                state = self.set_flow_to_running(state)
                state = self.get_flow_run_state(
                    state,
                    task_states=task_states,
                    task_contexts=task_contexts,
                    return_tasks=returned,
                    task_runner_state_handlers=task_runner_state_handlers,
                    executor=executor,
                )
        except ENDRUN as end:
            return end.state
        except KeyboardInterrupt:
            self.logger.debug("Interrupt signal raised, cancelling Flow run.")
            raise
        except Exception as error:
            # Of a backend that cannot be written the sentence says all; where it was noticed is of no use to anybody.
            traceback = not isinstance(error, ClientError)
            raises = _prefect_context.__dict__.get("raise_on_exception")
            if raises:
                self.logger.error("Unexpected error while running flow: %r", error, exc_info=traceback)
            self.logger.error("Unexpected error: %r", error, exc_info=traceback)
            if raises:
                raise
            failed = Failed(f"Unexpected error: {error!r}", result=error)
            return self.propose(state if state is not None else Scheduled(), failed)
        finally:
            self.run_store.settle()
        return state

    def flow_result(self) -> Result | None:
        """How task runs keep their values where the task does not say."""
        return self.flow.result

    def known_state(self, task: Task, facts: TaskRunFacts) -> State | None:
        """The state that a task run goes on from, given what the run store knows of it."""
        return facts.state

    @contextmanager
    def check_for_cancellation(self) -> Iterator[None]:
        """A block that watches for cancellation; nobody can cancel a run that is kept in memory."""
        yield

    @call_state_handlers
    def check_flow_reached_start_time(self, state: State) -> State:
        """The state, where its start time has come.

        Raises:
            ENDRUN: it has not.
        """
        if isinstance(state, Scheduled) and state.start_time is not None and state.start_time > utc_now():
            self.logger.debug("Flow '%s': start_time has not been reached; ending run.", self.flow.name)
            raise ENDRUN(state)
        return state

    @call_state_handlers
    def check_flow_is_pending_or_running(self, state: State) -> State:
        """The state, where there is something to run.

        Raises:
            ENDRUN: the run is over.
        """
        if state.is_finished():
            self.logger.info("Flow run has already finished.")
            raise ENDRUN(state)
        if not (state.is_pending() or state.is_running()):
            self.logger.info("Flow is not ready to run.")
            raise ENDRUN(state)
        return state

    @call_state_handlers
    def set_flow_to_running(self, state: State) -> State:
        """`Running`.

        Raises:
            ENDRUN: the state is neither pending nor running.
        """
        if state.is_pending():
            return Running(RUNNING_FLOW)
        if state.is_running():
            return state
        raise ENDRUN(state)

    @call_state_handlers
    def get_flow_run_state(
        self,
        state: State,
        task_states: TaskStates,
        task_contexts: TaskContexts,
        return_tasks: set[Task],
        task_runner_state_handlers: Iterable[StateHandler] | None,
        executor: Executor,
    ) -> State:
        """Run every task of the flow, in order, and decide the flow's state.

        Raises:
            ENDRUN: the flow is not running.
        """
        if not state.is_running():
            self.logger.info("Flow is not in a Running state.")
            raise ENDRUN(state)
        self.run_store.share(sequential=type(executor) is LocalExecutor)
        with self.check_for_cancellation(), executor.start():
            self.run_store.check_executor(executor)
            walk = Walk(self, task_states, task_contexts, task_runner_state_handlers, executor)
            walk.submit_all(self.flow.sorted_tasks())
            final_states = walk.finish()
        key_states = set(walk.with_children(final_states, self.flow.reference_tasks()))
        terminal_states = set(walk.with_children(final_states, self.flow.terminal_tasks()))
        return_states = {task: final_states[task] for task in return_tasks}
        new_state = self.determine_final_state(state, key_states, return_states, terminal_states)
        handler = self.flow.terminal_state_handler
        if handler is not None:
            new_state = handler(self.flow, new_state, key_states) or new_state
        return new_state

    def determine_final_state(
        self,
        state: State,
        key_states: set[State],
        return_states: TaskStates,
        terminal_states: set[State],
    ) -> State:
        """The flow's state, which follows from its terminal and its reference tasks; children count one by one.

        Args:
            state: the state so far, kept while terminal tasks are unfinished.
            key_states: the states of the reference tasks.
            return_states: becomes the result.
            terminal_states: the states of the terminal tasks.
        """
        if not all(terminal.is_finished() for terminal in terminal_states):
            self.logger.info("Flow run RUNNING: terminal tasks are incomplete.")
            state.result = return_states
            return state
        if any(key.is_failed() for key in key_states):
            self.logger.info("Flow run FAILED: some reference tasks failed.")
            return Failed(SOME_FAILED, result=return_states)
        if all(key.is_successful() for key in key_states):
            self.logger.info("Flow run SUCCESS: all reference tasks succeeded")
            return Success(ALL_SUCCEEDED, result=return_states)
        self.logger.info("Flow run SUCCESS: no reference tasks failed")
        return Success(NONE_FAILED, result=return_states)


__all__ = ["FlowRunner", "FlowRunnerInitializeResult", "run_task"]
