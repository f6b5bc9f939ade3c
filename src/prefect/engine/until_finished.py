"""`flow.run()`: a flow is walked again and again until it is finished, and as often as its schedule says."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from prefect.engine.run_context import entered
from prefect.engine.state import Cached, Failed, Mapped, Queued, Scheduled, State
from prefect.utilities.context import context as _prefect_context
from prefect.utilities.datetimes import utc_now
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.core.task import Task
    from prefect.engine.flow_runner import FlowRunner


def next_start_time(states: Iterable[State | None]) -> datetime.datetime | None:
    """The earliest time at which a waiting task run, or a waiting child, may go on; None where no time is known."""
    times: list[datetime.datetime] = []
    for state in states:
        if isinstance(state, Mapped):
            child = next_start_time(state.map_states)
            if child is not None:
                times.append(child)
        elif isinstance(state, (Scheduled, Queued)) and state.start_time is not None:
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
    has_told = False
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
            elif isinstance(state.result, Exception):
                logger.error("Unexpected error occured in FlowRunner: %r", state.result)
            if state.is_finished():
                keep_cached(flow, task_states)
                return state
            earliest = state.start_time if isinstance(state, Scheduled) else next_start_time(task_states.values())
            if earliest is None:
                if not waits_for_ever(task_states.values()):
                    return state
                if not has_told:
                    has_told = True
                    logger.warning(
                        "Flow '%s' waits for a person: %s. Nobody can reach this process; Ctrl-C ends it. In a run of "
                        "a registered flow the task can be resumed.",
                        flow.name,
                        ", ".join(
                            sorted(
                                f"{flow.slugs[task]} is paused"
                                for task, each in task_states.items()
                                if waits_for_ever([each])
                            )
                        ),
                    )
                sleep(60.0)  # seconds; a paused task waits for a person, who cannot reach this process anyway
                continue
            wait = (earliest - now()).total_seconds()
            if wait > 0:
                logger.debug("Waiting until %s for the next task run", earliest)
                runner.run_store.settle()
                sleep(wait)
            runner.run_store.refresh()
