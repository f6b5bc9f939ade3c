"""The checklist of a task run, and the rule behind each line of it.

`CHECKLIST` is the order; `TaskRunner` walks it and calls its own method of each name, so that a subclass may override
any line. The functions below are the rules themselves: a state and facts in, a state out, and nothing else happens.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.engine.result.base import NoResult, Result
from prefect.engine.run_context import RunContext
from prefect.engine.state import (
    Cached,
    Failed,
    Finished,
    Looped,
    Mapped,
    Paused,
    Pending,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    State,
    Success,
)
from prefect.utilities.tokens import token

if TYPE_CHECKING:
    from prefect.core.edge import Edge
    from prefect.core.task import Task

STARTING = "Starting task run."
SUCCEEDED = "Task run succeeded."
TIMED_OUT = "Task timed out during execution."
UPSTREAM_SKIPPED = (
    "Upstream task was skipped; if this was not the intended behavior, consider changing "
    "`skip_on_upstream_skip=False` for this task."
)


class Takes(Enum):
    """What a line of the checklist looks at besides the state."""

    STATE = "the state alone"
    UPSTREAM = "the upstream states"
    INPUTS = "the task's inputs"


class Check(NamedTuple):
    """One line of the checklist: the runner's method and what it takes."""

    method: str
    takes: Takes


# The one place that says in which order a task run is checked. Before the inputs are known:
BEFORE_INPUTS = (
    Check("check_task_is_ready", Takes.STATE),
    Check("check_task_reached_start_time", Takes.STATE),
    Check("check_upstream_finished", Takes.UPSTREAM),
    Check("check_upstream_skipped", Takes.UPSTREAM),
)
# A parent that is about to be mapped ends here, with one state for all its children to come:
MAPPED_PARENT = (Check("check_task_ready_to_map", Takes.UPSTREAM),)
# With the inputs, up to user code:
BEFORE_RUN = (
    Check("check_target", Takes.INPUTS),
    Check("check_task_is_cached", Takes.INPUTS),
    Check("check_task_trigger", Takes.UPSTREAM),
    Check("set_task_to_running", Takes.INPUTS),
)
# User code, and what follows from what it did:
RUN = (
    Check("get_task_run_state", Takes.INPUTS),
    Check("cache_result", Takes.INPUTS),
    Check("check_for_retry", Takes.INPUTS),
)
CHECKLIST = (*BEFORE_INPUTS, *MAPPED_PARENT, *BEFORE_RUN, *RUN)


def is_ready(state: State) -> bool:
    """Whether there is anything left to run: a run that is going on or over is left alone."""
    return isinstance(state, (Pending, Mapped))


def reached_start_time(state: State, now: datetime.datetime) -> bool:
    """Whether a scheduled run may start; a paused one without a time never may."""
    if not isinstance(state, Scheduled):
        return True
    if state.start_time is None:
        return not isinstance(state, Paused)
    return bool(state.start_time <= now)


def upstream_finished(upstream_states: Mapping[Edge, State]) -> bool:
    """Whether everything upstream is over, the children of what was mapped included."""
    for state in upstream_states.values():
        if not isinstance(state, Finished):
            return False
        if isinstance(state, Mapped) and not all(
            child is None or isinstance(child, Finished) for child in state.map_states
        ):
            return False
    return True


def upstream_skipped(state: State, upstream_states: Mapping[Edge, State], task: Task) -> State:
    """`Skipped` where something upstream was skipped, or all children of it were, and the task follows suit."""
    if not task.skip_on_upstream_skip:
        return state
    for upstream in upstream_states.values():
        if isinstance(upstream, Skipped):
            return Skipped(UPSTREAM_SKIPPED)
        if isinstance(upstream, Mapped) and any(isinstance(child, Skipped) for child in upstream.map_states):
            return Skipped(UPSTREAM_SKIPPED)
    return state


def running(state: State) -> State:
    """The state in which user code runs."""
    return Running(STARTING)


def retry(state: State, run: RunContext, now: datetime.datetime, retry_kept: Mapping[str, Result]) -> State:
    """`Retrying` where a failed run has tries left and its exception is one that is retried.

    Args:
        state: the state after the run.
        run: the facts of this run.
        now: the time from which the delay counts.
        retry_kept: results that the next try needs, such as those of the loop it is in.
    """
    task = run.task
    if not isinstance(state, Failed) or run.run_count > task.max_retries or not is_retried(state, task):
        return state
    delay = task.retry_delay
    if callable(delay):
        delay = delay(run.run_count)
    return Retrying(
        start_time=now + (delay or datetime.timedelta(0)),
        cached_inputs=dict(retry_kept),
        message=f"Retrying Task (after attempt {run.run_count} of {task.max_retries + 1})",
        run_count=run.run_count,
    )


def is_retried(state: State, task: Task) -> bool:
    """Whether the failure is of a kind that the task retries; without `retry_on` every kind is."""
    retry_on: Iterable[type[BaseException]] | None = task.retry_on
    return retry_on is None or isinstance(state.result, tuple(retry_on))


def run_count_after(state: State) -> int:
    """Which try a run is that starts from a state."""
    if isinstance(state, Retrying):
        return state.run_count + 1
    count: int = state.context.get("task_run_count", 1)
    return count


def loop_kept(run_values: Mapping[str, Any]) -> dict[str, Result]:
    """What a retry inside a loop must remember: the iteration, and what the previous one handed over."""
    if run_values.get("task_loop_count") is None:
        return {}
    return {
        "_loop_count": Result(value=run_values["task_loop_count"]),
        "_loop_result": Result(value=run_values.get("task_loop_result")),
    }


def loop_values(state: State) -> dict[str, Any]:
    """The loop's keys of the context that a state remembers; see `loop_kept`."""
    count = state.cached_inputs.get("_loop_count")
    if count is None:
        return {}
    values = {"task_loop_count": count.value}
    result = state.cached_inputs.get("_loop_result")
    if result is not None:
        values["task_loop_result"] = result.value
    return values


def next_iteration(state: State) -> tuple[State, dict[str, Any]] | None:
    """Where an iteration of a loop is over: the state the next one starts from, and its keys of the context."""
    if not isinstance(state, Looped):
        return None
    values = {"task_loop_result": state.result, "task_loop_count": state.loop_count + 1, "task_run_count": 1}
    return Pending(f"Looping task (on loop index {state.loop_count})"), values


def expires(cached_until: datetime.datetime | None, now: datetime.datetime) -> bool:
    """Whether the time until which a value may be used is over."""
    return cached_until is not None and now > cached_until


def choose_cached(
    candidates: Iterable[Cached], run: RunContext, inputs: Mapping[str, Any], now: datetime.datetime
) -> Cached | None:
    """The first cached state that the task's validator accepts for these inputs and parameters."""
    validator: Callable[..., bool] = run.task.cache_validator
    for candidate in candidates:
        if not expires(candidate.cached_result_expiration, now) and validator(candidate, inputs, run.parameters):
            return candidate
    return None


def cache(state: State, run: RunContext, inputs: Mapping[str, Result], now: datetime.datetime) -> State:
    """`Cached` where a success may serve other runs."""
    task = run.task
    # Exactly: what was skipped, mapped or cached already has no value of its own to keep.
    if type(state) is not Success or task.cache_for is None:
        return state
    return Cached(
        message=state.message,
        result=state._result,
        hashed_inputs={name: token(result.value) for name, result in inputs.items()},
        cached_parameters=dict(run.parameters),
        cached_result_expiration=now + task.cache_for,
    )


def values_of(inputs: Mapping[str, Result]) -> dict[str, Any]:
    """The plain values of a task's inputs."""
    return {name: result.value for name, result in inputs.items()}


def task_inputs(upstream_states: Mapping[Edge, State]) -> dict[str, Result]:
    """The results of the upstream states by the argument that each edge names."""
    return {edge.key: upstream._result for edge, upstream in upstream_states.items() if edge.key is not None}


def is_checkpointed(task: Task, result: Result | None, value: Any, run: RunContext) -> bool:
    """Whether a value is written to where results are kept."""
    return value is not None and task.checkpoint is not False and run.checkpointing and result is not None


def unkept(value: Any, result: Result | None) -> Result:
    """A value that is not written anywhere."""
    return Result(value=value) if result is None or result is NoResult else result.from_value(value)
