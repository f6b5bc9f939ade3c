"""One walk over a flow's graph: gathers upstream states, maps, and hands each task run to the executor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from prefect.core.edge import Edge
from prefect.engine import mapping
from prefect.engine.result.base import Result
from prefect.engine.results.constant_result import ConstantResult
from prefect.engine.results.prefect_result import PrefectResult
from prefect.engine.run_context import current_values, entered
from prefect.engine.run_store import RunStore, TaskRunFacts
from prefect.engine.runner import StateHandler
from prefect.engine.state import Cached, Mapped, Pending, State, Success
from prefect.engine.task_runner import TaskRunner
from prefect.tasks.core.constants import Constant
from prefect.tasks.secrets.base import SecretBase
from prefect.utilities.context import context as _prefect_context
from prefect.utilities.logging import get_logger, logging_at

if TYPE_CHECKING:
    from prefect.core.task import Task
    from prefect.engine.flow_runner import FlowRunner
    from prefect.executors.base import Executor

TaskStates = dict["Task", State]
TaskContexts = dict["Task", dict[str, Any]]

NO_ITERABLE = (
    "`flatten` was used on upstream task that did not return an iterable. "
    "The value will be passed downstream unmodified."
)


class Walk:
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

    def submit_all(self, tasks: Iterable[Task]) -> None:
        """Hand over all tasks, each after what is upstream of it.

        A map whose width is not known yet is put off for as long as there is anything else to hand over, so that
        branches of the flow do not wait for each other.
        """
        left = list(tasks)
        while left:
            put_off: list[Task] = []
            missing: set[Task] = set()
            for task in left:
                upstream = self.flow.edges_to(task)
                if (missing and any(edge.upstream_task in missing for edge in upstream)) or self._waits(upstream):
                    put_off.append(task)
                    missing.add(task)
                else:
                    self.submit(task)
            if len(put_off) == len(left):
                # The first of them waits for nothing that has not been handed over.
                self.submit(put_off.pop(0))
            left = put_off

    def _waits(self, upstream: Iterable[Edge]) -> bool:
        """Whether a task with these edges is a map that cannot be counted before something upstream has finished."""
        if not any(edge.mapped for edge in upstream):
            return False
        for edge in upstream:
            if not isinstance(self.states[edge.upstream_task], State):
                return True
            if not edge.mapped or edge.flattened:
                children = self.children.get(edge.upstream_task, ())
                if not all(isinstance(child, State) for child in children):
                    return True
        return False

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
        elif state is not None and state.is_finished() and isinstance(task, SecretBase):
            # Its value is never kept with a state, so it is always looked up again.
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
        # What children see whole is handed on as the future it is: its value goes from worker to worker.
        offered: dict[Edge, Any] = {
            edge: state_above if edge.mapped else upstream[edge] for edge, state_above in known.items()
        }
        for edge, state_above in known.items():
            # Every child sees the whole of what it is not mapped over, so that is gathered once, here.
            if not edge.mapped and (edge.upstream_task in self.children or edge.flattened):
                gathered = self.children.get(edge.upstream_task)
                finished = None if gathered is None else self.executor.wait(list(gathered))
                known[edge] = offered[edge] = _gathered(edge, state_above, finished)
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
        children = mapping.child_upstream_states(parent, offered, above, self._flatten)
        width = len(children)
        self.states[task] = parent
        self.children[task] = futures = []
        if not isinstance(parent, Mapped):
            del self.children[task]
            return
        given = parent.map_states
        facts = self.runner.run_store.mapped_task_runs(context["task_slug"], width)
        # What is the same for all children, and known, is handed over once.
        shared = {edge: each for edge, each in offered.items() if not edge.mapped and isinstance(each, State)}
        edges = [edge for edge in children[0] if edge not in shared] if children else []
        calls: list[dict[str, Any]] = []
        places: list[int] = []
        for index, child_upstream in enumerate(children):
            child_state = given[index] if index < len(given) else None
            child_context = {**context, "map_index": index}
            if facts is not None:
                child_context = _with_ids(facts[index], child_context)
                child_state = self.runner.known_state(task, facts[index]) if child_state is None else child_state
            futures.append(child_state)
            if child_state is not None and child_state.is_finished() and not isinstance(child_state, Cached):
                continue
            places.append(index)
            calls.append(
                {"state": child_state, "upstream": [child_upstream[edge] for edge in edges], "context": child_context}
            )
        submitted = self.executor.submit_all(
            run_child,
            {"task": task, "shared": shared, "edges": edges, **self.common},
            calls,
            [_extra(task, context, index) for index in places],
        )
        for index, future in zip(places, submitted, strict=True):
            futures[index] = future
        # The parent is complete only with its children: however many a restored state announced, and whatever they
        # were in the walk before this one.
        self.states[task] = mapping.with_children_to_come(parent, width)

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
        with entered(base_context), logging_at(base_context.get("log_level")):
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
    # For mapped children that was done once, before they were submitted.
    is_child = context.get("map_index") is not None
    if not (is_mapped_parent or is_child) and any(
        edge in upstream_mapped_states or (edge.flattened and not edge.mapped) for edge in upstream_states
    ):
        upstream_states = {
            edge: _gathered(edge, upstream, upstream_mapped_states.get(edge))
            for edge, upstream in upstream_states.items()
        }
    try:
        return runner.run(
            state=state, upstream_states=upstream_states, is_mapped_parent=is_mapped_parent, context=dict(context)
        )
    finally:
        runner.run_store.task_run_ended()


def run_child(
    task: Task,
    shared: Mapping[Edge, State],
    edges: Sequence[Edge],
    state: State | None,
    upstream: Sequence[State],
    context: dict[str, Any],
    **common: Any,
) -> State:
    """The state of one mapped child.

    Args:
        shared: the upstream states that are the same for all children.
        upstream: those that are not, one for each of `edges`.
    """
    upstream_states = {**shared, **dict(zip(edges, upstream, strict=True))}
    return run_task(
        task=task, state=state, upstream_states=upstream_states, context=context, upstream_mapped_states={}, **common
    )


def _gathered(edge: Edge, upstream: State, children: Sequence[State] | None) -> State:
    """An upstream state with its children reduced into it, flattened where the edge says so."""
    state = upstream if children is None else mapping.reduce(upstream, children)
    if edge.flattened and not edge.mapped:
        return mapping.flatten_result(state, children, lambda _: get_logger("FlowRunner").warning(NO_ITERABLE))
    return state
