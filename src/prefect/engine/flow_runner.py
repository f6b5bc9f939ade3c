"""Walks the graph of one flow run: gathers upstream states, submits task runs, decides the flow's final state."""

from __future__ import annotations

import datetime
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.configuration import config
from prefect.core.edge import Edge
from prefect.core.parameter import Parameter
from prefect.engine import mapping
from prefect.engine.result.base import Result
from prefect.engine.results.constant_result import ConstantResult
from prefect.engine.results.prefect_result import PrefectResult
from prefect.engine.run_context import current_values, date_values, entered, flow_values, task_values
from prefect.engine.run_store import RunStore, TaskRunFacts
from prefect.engine.runner import Runner, StateHandler, call_state_handlers
from prefect.engine.signals import ENDRUN
from prefect.engine.state import Cached, Failed, Mapped, Pending, Running, Scheduled, State, Success
from prefect.engine.task_runner import TaskRunner
from prefect.exceptions import ClientError
from prefect.executors.local import LocalExecutor
from prefect.tasks.core.constants import Constant
from prefect.tasks.secrets.base import SecretBase
from prefect.utilities.context import context as _prefect_context
from prefect.utilities.datetimes import utc_now
from prefect.utilities.importtools import import_object
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.core.task import Task
    from prefect.executors.base import Executor

TaskStates = dict["Task", State]
TaskContexts = dict["Task", dict[str, Any]]

RUNNING_FLOW = "Running flow."
ALL_SUCCEEDED = "All reference tasks succeeded."
SOME_FAILED = "Some reference tasks failed."
NONE_FAILED = "No reference tasks failed."
NO_ITERABLE = (
    "`flatten` was used on upstream task that did not return an iterable. "
    "The value will be passed downstream unmodified."
)


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
            new_state = handler(self.flow, old_state, new_state) or new_state
        return new_state

    def has_handlers(self) -> bool:
        return bool(self.state_handlers or self.flow.state_handlers)

    def propose(self, old_state: State, new_state: State) -> State:
        return self.run_store.propose_flow_state(old_state, new_state)

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
        values.update(_dates(values.get("date", _prefect_context.__dict__.get("date"))))
        values["logger"] = self.flow.logger
        slugs = self.flow.slugs
        contexts = {task: {**task_values(task, slugs[task]), **task_contexts.get(task, {})} for task in self.flow.tasks}
        state = super().initialize_run(state, values)[0]
        return FlowRunnerInitializeResult(state, task_states, values, contexts)

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

        Raises:
            ValueError: a task to return is not part of the flow.
        """
        if run_store is not None:
            self.run_store = run_store
        self.logger.info("Beginning Flow run for '%s'", self.flow.name)
        returned = set(return_tasks or [])
        if not returned.issubset(self.flow.tasks):
            raise ValueError("Some tasks provided to `return_tasks` were not found in the flow.")
        if executor is None:
            executor = self.flow.executor or import_object(config.engine.executor.default_class)()
        self.logger.debug("Using executor type %s", type(executor).__name__)
        try:
            state, task_states, context, task_contexts = self.initialize_run(
                state, dict(task_states or {}), dict(context or {}), dict(task_contexts or {}), dict(parameters or {})
            )
            with entered(context):
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
            self.logger.error("Unexpected error: %r", error, exc_info=traceback)
            if _prefect_context.__dict__.get("raise_on_exception"):
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
            walk = _Walk(self, task_states, task_contexts, task_runner_state_handlers, executor)
            for task in self.flow.sorted_tasks():
                walk.submit(task)
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


class _Walk:
    """One walk over a flow's graph: what has been submitted so far, as futures of the executor."""

    def __init__(
        self,
        runner: FlowRunner,
        task_states: TaskStates,
        task_contexts: TaskContexts,
        task_runner_state_handlers: Iterable[StateHandler] | None,
        executor: Executor,
    ) -> None:
        self.runner = runner
        self.flow = runner.flow
        self.given = task_states
        self.contexts = task_contexts
        self.executor = executor
        self.states: dict[Task, Any] = {}
        self.children: dict[Task, list[Any]] = {}
        self.common: dict[str, Any] = {
            "flow_result": runner.flow_result(),
            "task_runner_cls": runner.task_runner_cls,
            "task_runner_state_handlers": task_runner_state_handlers,
            "run_store": runner.run_store,
            "base_context": current_values(),
        }

    def submit(self, task: Task) -> None:
        """Hand one task, or its mapped children, to the executor; everything upstream has been handed over before."""
        context = self.contexts[task]
        facts = self.runner.run_store.task_run(context["task_slug"])
        if type(task) is Constant:
            self.states[task] = self._constant(task, facts)
            return
        upstream = self._upstream(task)
        state = self.given.get(task)
        if facts is not None:
            context = _with_ids(facts, context)
            state = self.runner.known_state(task, facts) if state is None else state
        elif state is not None and state.is_finished() and isinstance(task, (Parameter, SecretBase)):
            # Their values are never kept with a state, so they are always looked up again.
            state = None
        if any(edge.mapped for edge in upstream):
            self._submit_mapped(task, state, upstream, context)
            return
        reduced = {edge: self.children[edge.upstream_task] for edge in upstream if edge.upstream_task in self.children}
        self.states[task] = self.executor.submit(
            run_task,
            task=task,
            state=state,
            upstream_states=upstream,
            context=context,
            upstream_mapped_states=reduced,
            extra_context=_extra(task, context, None),
            **self.common,
        )

    def _constant(self, task: Constant, facts: TaskRunFacts | None) -> State:
        """The state of a constant, which needs no run; where task runs are recorded it is recorded as done."""
        state = Success(result=task.value)
        if facts is not None and not (facts.state is not None and facts.state.is_finished()):
            with entered({"task_run_id": facts.task_run_id, "task_run_version": facts.version}):
                self.runner.run_store.propose_task_state(Pending(), Success(result=kept_in_text(task.value)))
        return state

    def _upstream(self, task: Task) -> dict[Edge, Any]:
        upstream: dict[Edge, Any] = {}
        constants = self.flow.constants.get(task)
        if constants:
            for key, value in constants.items():
                edge = Edge(None, task, key=key)
                upstream[edge] = Success("Auto-generated constant value", result=ConstantResult(value=value))
        states = self.states
        for edge in self.flow.edges_to(task):
            upstream[edge] = states[edge.upstream_task]
        return upstream

    def _submit_mapped(
        self, task: Task, state: State | None, upstream: dict[Edge, Any], context: dict[str, Any]
    ) -> None:
        """Run the parent here, since its children cannot be counted before what is upstream of it is known."""
        known: dict[Edge, State] = self.executor.wait(upstream)
        for edge, state_above in known.items():
            # Every child sees the whole of what it is not mapped over, so that is gathered once, here.
            if not edge.mapped and (edge.upstream_task in self.children or edge.flattened):
                gathered = self.children.get(edge.upstream_task)
                finished = None if gathered is None else self.executor.wait(list(gathered))
                known[edge] = _gathered(edge, state_above, finished, self.runner)
        parent = run_task(
            task=task,
            state=state,
            upstream_states=known,
            context=context,
            upstream_mapped_states={},
            is_mapped_parent=True,
            **self.common,
        )
        above = {edge: self.children[edge.upstream_task] for edge in known if edge.upstream_task in self.children}
        children = mapping.child_upstream_states(parent, known, above, self._flatten)
        width = len(children)
        self.states[task] = parent
        self.children[task] = futures = []
        if not isinstance(parent, Mapped):
            del self.children[task]
            return
        given = parent.map_states
        facts = self.runner.run_store.mapped_task_runs(context["task_slug"], width)
        for index, child_upstream in enumerate(children):
            child_state = given[index] if index < len(given) else None
            child_context = {**context, "map_index": index}
            if facts is not None:
                child_context = _with_ids(facts[index], child_context)
                child_state = self.runner.known_state(task, facts[index]) if child_state is None else child_state
            if child_state is not None and child_state.is_finished() and not isinstance(child_state, Cached):
                futures.append(child_state)
                continue
            futures.append(
                self.executor.submit(
                    run_task,
                    task=task,
                    state=child_state,
                    upstream_states=child_upstream,
                    context=child_context,
                    upstream_mapped_states={},
                    extra_context=_extra(task, context, index),
                    **self.common,
                )
            )
        # The parent is complete only with its children, however many a restored state may have announced.
        parent.n_map_states = width

    def _flatten(self, state: State, children: Sequence[Any] | None) -> list[State]:
        finished = None if children is None else self.executor.wait(list(children))
        return mapping.flatten_upstream(state, finished, self._warn_not_iterable)

    def _warn_not_iterable(self, state: State) -> None:
        self.runner.logger.warning(NO_ITERABLE)

    def finish(self) -> TaskStates:
        """Wait for everything; the states by task, parents completed with their children."""
        states: TaskStates = self.executor.wait(self.states)
        children: dict[Task, list[State]] = self.executor.wait(self.children)
        for task, child_states in children.items():
            states[task] = mapping.reduce(states[task], child_states)
        return states

    @staticmethod
    def with_children(states: TaskStates, tasks: Iterable[Task]) -> Iterator[State]:
        """The states of tasks, and of the children of those that were mapped."""
        for task in tasks:
            state = states[task]
            yield state
            if isinstance(state, Mapped):
                yield from (child for child in state.map_states if child is not None)


def kept_in_text(value: Any) -> Result:
    """A constant as a result that carries its value as JSON text, where it has such a form and is short."""
    try:
        result = PrefectResult().write(value)
    except (TypeError, ValueError):
        return Result(value=value)
    # 10,000 characters: a constant is for people to read, and every reader of the state would carry it along.
    return result if result.location is not None and len(result.location) <= 10_000 else Result(value=value)


def _with_ids(facts: TaskRunFacts, context: dict[str, Any]) -> dict[str, Any]:
    """A task run's context with its id and version, as the run store knows them."""
    return {**context, "task_run_id": facts.task_run_id, "task_run_version": facts.version}


def _extra(task: Task, context: Mapping[str, Any], map_index: int | None) -> dict[str, Any]:
    """What an executor may use to name and place a task run."""
    return {
        "task_name": task.name,
        "task_slug": context["task_slug"],
        "task_tags": task.tags,
        "task_index": map_index,
    }


def run_task(
    task: Task,
    state: State | None,
    upstream_states: dict[Edge, State],
    context: dict[str, Any],
    flow_result: Result | None,
    task_runner_cls: Callable[..., TaskRunner],
    task_runner_state_handlers: Iterable[StateHandler] | None,
    upstream_mapped_states: Mapping[Edge, Sequence[State]],
    is_mapped_parent: bool = False,
    *,
    run_store: RunStore | None = None,
    base_context: Mapping[str, Any] | None = None,
) -> State:
    """The state of one task run; what an executor is given to run, in whatever process.

    Args:
        upstream_mapped_states: by edge, the children of an upstream task that was mapped.
        base_context: the flow run's context, entered where this thread is not in it already.
    """
    if base_context is not None and _prefect_context.__dict__.get("flow_run_id") != base_context["flow_run_id"]:
        with entered(base_context):
            return run_task(
                task,
                state,
                upstream_states,
                context,
                flow_result,
                task_runner_cls,
                task_runner_state_handlers,
                upstream_mapped_states,
                is_mapped_parent,
                run_store=run_store,
            )
    runner = task_runner_cls(task=task, state_handlers=task_runner_state_handlers, flow_result=flow_result)
    if run_store is not None:
        runner.run_store = run_store
    if not is_mapped_parent and any(
        edge in upstream_mapped_states or (edge.flattened and not edge.mapped) for edge in upstream_states
    ):
        upstream_states = {
            edge: _gathered(edge, upstream, upstream_mapped_states.get(edge), runner)
            for edge, upstream in upstream_states.items()
        }
    try:
        return runner.run(
            state=state, upstream_states=upstream_states, is_mapped_parent=is_mapped_parent, context=dict(context)
        )
    finally:
        runner.run_store.task_run_ended()


def _gathered(edge: Edge, upstream: State, children: Sequence[State] | None, runner: Runner) -> State:
    """An upstream state with its children reduced into it, flattened where the edge says so."""
    state = upstream if children is None else mapping.reduce(upstream, children)
    if edge.flattened and not edge.mapped:
        return mapping.flatten_result(state, children, lambda _: runner.logger.warning(NO_ITERABLE))
    return state


def _dates(given: Any) -> dict[str, Any]:
    now = utc_now()
    try:
        return date_values(given, now)
    except (ValueError, TypeError, AttributeError):
        warnings.warn(
            "`date` was set in the context manually but could not be parsed into a pendulum `DateTime` object. "
            "Additional context variables that provide different date formats will not be provided "
            "e.g. `prefect.context.tomorrow`.",
            stacklevel=2,
        )
        return {}


# --- flow.run(): again and again until it is finished ---------------------------------------------------------------


def next_start_time(states: Iterable[State | None]) -> datetime.datetime | None:
    """The earliest time at which a waiting task run, or a waiting child, may go on; None where no time is known."""
    times: list[datetime.datetime] = []
    for state in states:
        if isinstance(state, Mapped):
            child = next_start_time(state.map_states)
            if child is not None:
                times.append(child)
        elif isinstance(state, Scheduled) and state.start_time is not None:
            times.append(state.start_time)
    return min(times, default=None)


def waits_for_ever(states: Iterable[State | None]) -> bool:
    """Whether a task run, or a child, waits for a person."""
    return any(
        waits_for_ever(state.map_states)
        if isinstance(state, Mapped)
        else isinstance(state, Scheduled) and state.start_time is None
        for state in states
    )


def keep_cached(flow: Flow, states: Mapping[Task, State]) -> None:
    """Keep the values of a finished run that may serve later runs of this process, newest first."""
    caches: dict[str, list[State]] = _prefect_context.__dict__.setdefault("caches", {})
    for task, state in states.items():
        if task.cache_for is None:
            continue
        kept = caches.setdefault(task.cache_key or task.name, [])
        for candidate in state.map_states if isinstance(state, Mapped) else [state]:
            if isinstance(candidate, Cached) and candidate not in kept:
                kept.insert(0, candidate)


def run_until_finished(
    flow: Flow,
    parameters: Mapping[str, Any] | None,
    runner_cls: type[FlowRunner],
    run_on_schedule: bool,
    *,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime.datetime] = utc_now,
    **kwargs: Any,
) -> State | None:
    """What `flow.run()` does: walk the graph until the flow is finished, waiting for retries and start times.

    With a schedule it waits for each scheduled time in turn and returns the last state once the schedule has no
    future dates.

    Raises:
        ValueError: the schedule has no future dates at all.
    """
    logger = get_logger("FlowRunner") if flow.logger is None else flow.logger
    state: State | None = None
    last: datetime.datetime | None = None
    scheduled = flow.schedule is not None and run_on_schedule
    while True:
        run_parameters = dict(parameters or {})
        start = now()
        if scheduled:
            event = _next_event(flow, last)
            if event is None:
                if last is None:
                    raise ValueError("Flow has no more scheduled runs.") from None
                return state
            last = start = event.start_time
            run_parameters = {**(event.parameter_defaults or {}), **run_parameters}
            wait = (start - now()).total_seconds()
            if wait > 0:
                logger.info("Waiting for next scheduled run at %s", start)
                sleep(wait)
        state = _run_once(flow, run_parameters, runner_cls, start, sleep, now, scheduled, logger, kwargs)
        if not scheduled:
            return state


def _next_event(flow: Flow, after: datetime.datetime | None) -> Any:
    assert flow.schedule is not None
    events = flow.schedule.next(1, after=after, return_events=True)
    return events[0] if events else None


def _run_once(
    flow: Flow,
    parameters: dict[str, Any],
    runner_cls: type[FlowRunner],
    start: datetime.datetime,
    sleep: Callable[[float], None],
    now: Callable[[], datetime.datetime],
    scheduled: bool,
    logger: Any,
    kwargs: Mapping[str, Any],
) -> State:
    caches = _prefect_context.__dict__.setdefault("caches", {})
    arguments = dict(kwargs)
    run_context: dict[str, Any] = {**(arguments.pop("context", None) or {}), "caches": caches}
    run_context["scheduled_start_time"] = start
    state: State = arguments.pop("state", None) or Scheduled(start_time=start)
    task_states: dict[Task, State] = dict(arguments.pop("task_states", None) or {})
    runner = runner_cls(flow=flow)
    with entered(run_context):
        while True:
            try:
                state = runner.run(
                    state=state,
                    task_states=task_states,
                    return_tasks=flow.tasks,
                    parameters=parameters,
                    context=dict(run_context),
                    **arguments,
                )
            except Exception as error:
                # On a schedule one run that could not even be started must not end all those to come.
                if not scheduled:
                    raise
                logger.exception("Unexpected error: %r", error)
                return Failed(f"Unexpected error: {error!r}", result=error)
            if isinstance(state.result, dict):
                task_states.update(state.result)
            if state.is_finished():
                keep_cached(flow, task_states)
                return state
            earliest = state.start_time if isinstance(state, Scheduled) else next_start_time(task_states.values())
            if earliest is None:
                if not waits_for_ever(task_states.values()):
                    return state
                sleep(60.0)  # seconds; a paused task waits for a person, who cannot reach this process anyway
                continue
            wait = (earliest - now()).total_seconds()
            if wait > 0:
                logger.debug("Waiting until %s for the next task run", earliest)
                runner.run_store.settle()
                sleep(wait)
            runner.run_store.refresh()
