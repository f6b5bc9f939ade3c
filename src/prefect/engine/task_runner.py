"""Walks the checklist of one task run: loads inputs, calls user code, keeps the result."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from pickle import PicklingError
from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.engine import mapping, signals, task_steps
from prefect.engine.result.base import NoResult, Result, ResultNotImplementedError
from prefect.engine.run_context import RunContext, checkpointing_wanted, entered
from prefect.engine.runner import Runner, StateHandler, call_state_handlers, handled, without_secrets
from prefect.engine.signals import ENDRUN
from prefect.engine.state import (
    Cached,
    Failed,
    Looped,
    Mapped,
    Pending,
    Resume,
    Running,
    Scheduled,
    State,
    Success,
    TimedOut,
    TriggerFailed,
)
from prefect.engine.task_steps import Check, Takes
from prefect.exceptions import PrefectException, TaskTimeoutSignal, ValueNotKeptError
from prefect.utilities.awaiting import finished
from prefect.utilities.context import context as _prefect_context
from prefect.utilities.datetimes import utc_now
from prefect.utilities.debug import is_serializable
from prefect.utilities.logging import child_logger, stdout_to_log
from prefect.utilities.timeouts import run_task_with_timeout

if TYPE_CHECKING:
    from prefect.core.edge import Edge
    from prefect.core.task import Task

UpstreamStates = dict["Edge", State]
Inputs = dict[str, Result]


class TaskRunnerInitializeResult(NamedTuple):
    """What a task run starts with."""

    state: State
    context: dict[str, Any]


class TaskRunner(Runner):
    """Moves one task run from state to state.

    Args:
        task: the task to run.
        state_handlers: called as `handler(task_runner, old_state, new_state)`, after the task's own.
        flow_result: how the flow keeps results; used where the task does not say.
    """

    def __init__(
        self,
        task: Task,
        state_handlers: Iterable[StateHandler] | None = None,
        flow_result: Result | None = None,
    ) -> None:
        super().__init__(state_handlers)
        self.context: dict[str, Any] = {}
        self.task = task
        self.flow_result = flow_result
        # A task that names no result of its own uses the flow's; a target needs the task's or flow's way of keeping.
        self.result: Result | None = task.result if task.result is not None else flow_result

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.task.name}>"

    # --- changes of state ---------------------------------------------------------------------------------------------

    def call_runner_target_handlers(self, old_state: State, new_state: State) -> State:
        """Call the task's handlers as `handler(task, old_state, new_state)`."""
        for handler in self.task.state_handlers:
            new_state = handled(self.task, handler(self.task, old_state, new_state), new_state)
        return new_state

    def has_handlers(self) -> bool:
        return bool(self.state_handlers or self.task.state_handlers)

    def propose(self, old_state: State, new_state: State) -> State:
        return self.run_store.propose_task_state(old_state, without_secrets(new_state))

    # --- the run ------------------------------------------------------------------------------------------------------

    def initialize_run(self, state: State | None, context: dict[str, Any]) -> TaskRunnerInitializeResult:
        """The state to start from, and the context with what follows from it: tries, loop, name."""
        state = super().initialize_run(state, context)[0]
        context["task_run_count"] = task_steps.run_count_after(state)
        if isinstance(state, Resume):
            context["resume"] = True
        if state.cached_inputs:
            context.update(task_steps.loop_values(state))
        context.setdefault("task_name", self.task.name)
        if "checkpointing" not in context:
            # A flow runner has said so for all its tasks; a task runner of its own asks.
            context["checkpointing"] = checkpointing_wanted()
        context["task_tags"] = self.task.tags
        logger = self.task.logger
        context["logger"] = (
            logger if context.get("map_index") is None else child_logger(logger, context["task_full_name"])
        )
        return TaskRunnerInitializeResult(state, context)

    def run(
        self,
        state: State | None = None,
        upstream_states: UpstreamStates | None = None,
        context: dict[str, Any] | None = None,
        is_mapped_parent: bool = False,
    ) -> State:
        """The state in which this run ends, for now.

        Args:
            state: the state to start from; None means `Pending`.
            upstream_states: the upstream states by edge.
            context: further keys of `prefect.context` for this run.
            is_mapped_parent: whether the task stands for its mapped children and runs no user code itself.
        """
        context = context if context is not None else {}
        if "map_index" not in context:
            context["map_index"] = None
        map_index = context["map_index"]
        name = self.task.name if map_index is None else f"{self.task.name}[{map_index}]"
        context["task_full_name"] = name
        upstream_states = upstream_states if upstream_states is not None else {}
        try:
            state, context = self.initialize_run(state, context)
        except ENDRUN as end:
            return end.state
        started = not state.is_finished() or isinstance(state, (Mapped, Cached))
        # A loop that is retried goes on where it was: that is no new start.
        is_first = context.get("task_loop_count") in (None, 1)
        self.context = context
        while True:
            # What is logged of the run belongs to it like what its task logs, so it is logged in here.
            with entered(context):
                if started and is_first:
                    self.logger.info("Task '%s': Starting task run...", name)
                is_first = False
                state = self._walk(state, upstream_states, is_mapped_parent)
                try:
                    following = self.check_task_is_looping(state, upstream_states=upstream_states, context=context)
                except ENDRUN as end:
                    following = state = end.state
                if following is state:
                    if started:
                        ended = type(state).__name__
                        self.logger.info("Task '%s': Finished task run for task with final state: '%s'", name, ended)
                    return state
            state = following
            context = {**context, **self.context}

    def _walk(self, state: State, upstream_states: UpstreamStates, is_mapped_parent: bool) -> State:
        """Walk the checklist once; whatever leaves the run no longer pending ends it before user code."""
        preparing = False
        try:
            for check in task_steps.BEFORE_INPUTS:
                state = self._check(check, state, upstream_states, {})
                if not isinstance(state, (Pending, Mapped)):
                    return state
            if is_mapped_parent:
                for check in task_steps.MAPPED_PARENT:
                    state = self._check(check, state, upstream_states, {})
                return state
            preparing = True
            state, upstream_states = self.load_results(state, upstream_states)
            inputs = self.get_task_inputs(state, upstream_states)
            self.set_task_run_name(inputs)
            preparing = False
            for check in task_steps.BEFORE_RUN:
                before = state
                state = self._check(check, state, upstream_states, inputs)
                # Whatever a check turned the run into (cached, paused, failed ...) is where it ends for now.
                if state is not before and not isinstance(state, Running) and type(state) is not Pending:
                    return state
            if not isinstance(state, Running):
                return state
            for check in task_steps.RUN:
                state = self._check(check, state, upstream_states, inputs)
        except ENDRUN as end:
            return end.state
        except signals.PrefectStateSignal as signal:
            return self._end_with(state, signal.state)
        except Exception as error:
            where = f"Task '{self._name()}': Unexpected error while running task" if preparing else "Unexpected error"
            message = f"{where}: {error!r}"
            # Our own errors say all there is to say; anything else needs the place at which it came up.
            self.logger.error(message, exc_info=not isinstance(error, PrefectException))
            if _prefect_context.__dict__.get("raise_on_exception"):
                raise
            return self._end_with(state, Failed(message, result=error))
        return state

    def _check(self, check: Check, state: State, upstream_states: UpstreamStates, inputs: Inputs) -> State:
        method = getattr(self, check.method)
        if check.takes is Takes.UPSTREAM:
            new_state: State = method(state, upstream_states)
        elif check.takes is Takes.INPUTS:
            new_state = method(state, inputs)
        else:
            new_state = method(state)
        return new_state

    def _end_with(self, state: State, failed: State) -> State:
        """End the run with a state that came from an error of the engine or of the place where results are kept."""
        try:
            return self.propose(state, failed)
        except ENDRUN as end:
            return end.state

    # --- before user code ---------------------------------------------------------------------------------------------

    def check_task_is_ready(self, state: State) -> State:
        """The state, where there is something to run.

        Raises:
            ENDRUN: the run is going on elsewhere or is over.
        """
        if task_steps.is_ready(state):
            return state
        if state.is_running():
            self.logger.debug("Task '%s': Task is already running.", self._name())
        elif state.is_finished():
            self.logger.debug("Task '%s': Task is already finished.", self._name())
        else:
            self.logger.debug("Task '%s' is not ready to run or state was unrecognized (%r).", self._name(), state)
        raise ENDRUN(state)

    def check_task_reached_start_time(self, state: State) -> State:
        """The state, where its start time has come.

        Raises:
            ENDRUN: it has not.
        """
        if not isinstance(state, Scheduled) or task_steps.reached_start_time(state, utc_now()):
            return state
        self.logger.debug("Task '%s': start_time has not been reached; ending run.", self._name())
        raise ENDRUN(state)

    def check_upstream_finished(self, state: State, upstream_states: UpstreamStates) -> State:
        """The state, where everything upstream is over.

        Raises:
            ENDRUN: something upstream is not.
        """
        if task_steps.upstream_finished(upstream_states):
            return state
        self.logger.debug("Task '%s': Not all upstream states are finished; ending run.", self._name())
        raise ENDRUN(state)

    @call_state_handlers
    def check_upstream_skipped(self, state: State, upstream_states: UpstreamStates) -> State:
        """`Skipped` where something upstream was skipped and the task follows suit."""
        return task_steps.upstream_skipped(state, upstream_states, self.task)

    @call_state_handlers
    def check_task_ready_to_map(self, state: State, upstream_states: UpstreamStates) -> State:
        """`Mapped` where the task's children can be made, else `Failed` with the reason."""
        if isinstance(state, Mapped):
            return state
        return mapping.check_ready(state, upstream_states)

    def load_results(self, state: State, upstream_states: UpstreamStates) -> tuple[State, UpstreamStates]:
        """The states with the values that this run needs, where they are kept elsewhere."""
        return state, upstream_states

    def get_task_inputs(self, state: State, upstream_states: UpstreamStates) -> Inputs:
        """The results that the task's arguments take, by name."""
        return task_steps.task_inputs(upstream_states)

    def set_task_run_name(self, task_inputs: Inputs) -> None:
        """Give the run the name that the task's template or function makes for it."""
        template = self.task.task_run_name
        if template is None:
            return
        values = {**_prefect_context.__dict__.get("parameters", {}), **_prefect_context.__dict__}
        values.update(task_steps.values_of(task_inputs))
        name = template(**values) if callable(template) else template.format(**values)
        self.context["task_run_name"] = name
        _prefect_context.__dict__["task_run_name"] = name
        self.run_store.set_task_run_name(name)

    @call_state_handlers
    def check_target(self, state: State, inputs: Inputs) -> State:
        """`Cached` where the task's target already holds a value."""
        result, target = self.result, self.task.target
        if not target or result is None:
            return state
        values = self._template_values(inputs)
        # The target may have been set by `task_args`, or only fill in its templates here.
        result = result.copy()
        if callable(target):
            result.location = target(**values)
        else:
            result.location = str(target)
        self.result = result
        if not result.exists(result.location or "", **values):
            return state
        known = result.format(**values)
        assert known.location is not None
        return Cached(
            result=known.read(known.location),
            hashed_inputs=None,
            cached_parameters=dict(_prefect_context.__dict__.get("parameters") or {}),
            message=f"Result found at task target {known.location}",
        )

    def check_task_is_cached(self, state: State, inputs: Inputs) -> State:
        """`Cached` where an earlier value may be used again."""
        if self.task.cache_for is None and not isinstance(state, Cached):
            return state
        return self._use_cached(state, inputs)

    @call_state_handlers
    def _use_cached(self, state: State, inputs: Inputs) -> State:
        candidates: list[Cached] = [state] if isinstance(state, Cached) else self.run_store.find_cached(self.task)
        run = RunContext.current(self.task)
        chosen = task_steps.choose_cached(candidates, run, task_steps.values_of(inputs), utc_now())
        if chosen is not None:
            chosen.load_result(self.result)
            return chosen
        if candidates or not isinstance(state, Cached):
            self.logger.warning("Task '%s': Can't use cache because it is now invalid", self._name())
        return state or Pending("Cache was invalid; ready to run.")

    @call_state_handlers
    def check_task_trigger(self, state: State, upstream_states: UpstreamStates) -> State:
        """What the task's trigger makes of the upstream states; a trigger that returns False fails the task."""
        trigger = self.task.trigger
        try:
            if not trigger(upstream_states):
                raise signals.TRIGGERFAIL(message="Trigger failed")
        except signals.PrefectStateSignal as signal:
            self.logger.debug("Task '%s': %s signal raised during execution.", self._name(), type(signal).__name__)
            return signal.state
        except Exception as error:
            self.logger.exception("Task '%s': Unexpected error while evaluating task trigger: %r", self._name(), error)
            if _prefect_context.__dict__.get("raise_on_exception"):
                raise
            return TriggerFailed(f"Unexpected error while checking task trigger: {error!r}", result=error)
        return state

    @call_state_handlers
    def set_task_to_running(self, state: State, inputs: Inputs) -> State:
        """`Running`; from here on user code may have been called.

        Raises:
            ENDRUN: the state is not pending.
        """
        if not state.is_pending():
            self.logger.debug(
                "Task '%s': Can't set state to Running because it isn't Pending; ending run.", self._name()
            )
            raise ENDRUN(state)
        return task_steps.running(state)

    # --- user code, and after -----------------------------------------------------------------------------------------

    @call_state_handlers
    def get_task_run_state(self, state: State, inputs: Inputs) -> State:
        """Call the task's `run` with its inputs, and turn what it returns or raises into a state.

        Raises:
            ENDRUN: the state is not running.
        """
        if not state.is_running():
            self.logger.debug(
                "Task '%s': Can't run task because it's not in a Running state; ending run.", self._name()
            )
            raise ENDRUN(state)
        task = self.task
        values = task_steps.values_of(inputs)
        raise_on_exception = _prefect_context.__dict__.get("raise_on_exception")
        try:
            with stdout_to_log(self.logger) if task.log_stdout else nullcontext():
                if task.timeout:
                    value = run_task_with_timeout(task=task, args=(), kwargs=values, logger=self.logger)
                else:
                    value = finished(task.run(**values))
        except TaskTimeoutSignal as signal:
            if raise_on_exception:
                raise
            return TimedOut(task_steps.TIMED_OUT, result=signal)
        except signals.LOOP as loop:
            return self._looped(loop.state, inputs)
        except signals.PrefectStateSignal as signal:
            if not isinstance(signal, signals.SUCCESS):
                self.logger.info("%s signal raised: %r", type(signal).__name__, signal)
            return signal.state
        except Exception as error:
            if raise_on_exception:
                self.logger.exception("Task '%s': Unexpected error while running task: %r", self._name(), error)
                raise
            self.logger.error("Task '%s': Exception encountered during task execution!", self._name(), exc_info=True)
            return Failed(f"Error during execution of task: {error!r}", result=error)
        return Success(result=self._keep(value, inputs), message=task_steps.SUCCEEDED)

    def _looped(self, state: State, inputs: Inputs) -> State:
        """The state of an iteration that is over, its value kept like any other."""
        assert isinstance(state, Looped)
        state.loop_count = _prefect_context.__dict__.get("task_loop_count", 1)
        state.result = self._keep(state.result, inputs)
        state.message = state.message or f"Task is looping ({state.loop_count})"
        return state

    def _keep(self, value: Any, inputs: Inputs) -> Result:
        """The value as a result, written to where the task's results are kept if this run checkpoints."""
        result = self.result
        run = RunContext.current(self.task)
        if result is None or not task_steps.is_checkpointed(self.task, result, value, run):
            return task_steps.unkept(value, result)
        try:
            return result.write(value, **self._template_values(inputs))
        except ResultNotImplementedError:
            return task_steps.unkept(value, result)
        except (TypeError, AttributeError, PicklingError) as error:
            if is_serializable(value):
                raise
            raise ValueNotKeptError(
                f"Task '{self._name()}' returned a {type(value).__name__}, which cannot be kept: {error}. Return "
                "something that can be pickled, give the task's result another serializer, or set checkpoint=False."
            ) from error

    def _template_values(self, inputs: Inputs) -> dict[str, Any]:
        """What location templates may name: the parameters, all of the context, and the task's inputs."""
        values = {**(_prefect_context.__dict__.get("parameters") or {}), **_prefect_context.__dict__}
        values.update(task_steps.values_of(inputs))
        return values

    @call_state_handlers
    def cache_result(self, state: State, inputs: Inputs) -> State:
        """`Cached` where a success may serve other runs."""
        if self.task.cache_for is None:
            return state
        return task_steps.cache(state, RunContext.current(self.task), inputs, utc_now())

    @call_state_handlers
    def check_for_retry(self, state: State, inputs: Inputs) -> State:
        """`Retrying` where a failed run has tries left."""
        if not isinstance(state, Failed) or not self.task.max_retries:
            return state
        run = RunContext.current(self.task)
        if not task_steps.is_retried(state, self.task):
            self.logger.info(
                "Task '%s': Skipping retry. Exception of type %r is not an instance of the retry on exception types.",
                self._name(),
                type(state.result).__name__,
            )
            return state
        return task_steps.retry(state, run, utc_now(), task_steps.loop_kept(_prefect_context.__dict__))

    def check_task_is_looping(
        self,
        state: State,
        inputs: Inputs | None = None,
        upstream_states: UpstreamStates | None = None,
        context: dict[str, Any] | None = None,
    ) -> State:
        """The state that the next iteration starts from, or the same state where the task does not loop."""
        following = task_steps.next_iteration(state)
        if following is None:
            return state
        next_state, values = following
        self.context = {**self.context, **values}
        return next_state

    # --- small help ---------------------------------------------------------------------------------------------------

    def _name(self) -> str:
        name: str = _prefect_context.__dict__.get("task_full_name", self.task.name)
        return name


__all__ = ["NoResult", "TaskRunner", "TaskRunnerInitializeResult"]
