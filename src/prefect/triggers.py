"""May this task run, given the states of the tasks before it.

A trigger is a plain function of the upstream states: it returns True, or raises the signal that says how this task
ends instead. A mapped upstream counts child by child.
"""

from collections.abc import Callable, Mapping
from typing import Any

from prefect.engine import signals
from prefect.engine.state import Mapped, State
from prefect.utilities.context import context

UpstreamStates = Mapping[Any, State]
Trigger = Callable[[UpstreamStates], bool]


def _states(upstream_states: UpstreamStates) -> list[State]:
    states: list[State] = []
    for state in upstream_states.values():
        if isinstance(state, Mapped):
            states.extend(child for child in state.map_states if child is not None)
        else:
            states.append(state)
    return states


def all_finished(upstream_states: UpstreamStates) -> bool:
    """Runs once everything before has finished, however it ended."""
    if not all(state.is_finished() for state in _states(upstream_states)):
        raise signals.TRIGGERFAIL('Trigger was "all_finished" but some of the upstream tasks were not finished.')
    return True


always_run = all_finished


def manual_only(upstream_states: UpstreamStates) -> bool:
    """Pauses the task until somebody resumes it."""
    if context.get("resume"):
        return True
    raise signals.PAUSE('Trigger function is "manual_only"')


def all_successful(upstream_states: UpstreamStates) -> bool:
    """Runs if everything before succeeded; skipped counts as success. The default."""
    for state in upstream_states.values():
        if isinstance(state, Mapped):
            if not all(child.is_successful() for child in state.map_states if child is not None):
                break
        elif not state.is_successful():
            break
    else:
        return True
    raise signals.TRIGGERFAIL('Trigger was "all_successful" but some of the upstream tasks failed.')


def all_failed(upstream_states: UpstreamStates) -> bool:
    """Runs if everything before failed."""
    if not all(state.is_failed() for state in _states(upstream_states)):
        raise signals.TRIGGERFAIL('Trigger was "all_failed" but some of the upstream tasks succeeded.')
    return True


def any_successful(upstream_states: UpstreamStates) -> bool:
    """Runs if something before succeeded, or nothing comes before."""
    if upstream_states and not any(state.is_successful() for state in _states(upstream_states)):
        raise signals.TRIGGERFAIL('Trigger was "any_successful" but none of the upstream tasks succeeded.')
    return True


def any_failed(upstream_states: UpstreamStates) -> bool:
    """Runs if something before failed, or nothing comes before."""
    if upstream_states and not any(state.is_failed() for state in _states(upstream_states)):
        raise signals.TRIGGERFAIL('Trigger was "any_failed" but none of the upstream tasks failed.')
    return True


def not_all_skipped(upstream_states: UpstreamStates) -> bool:
    """Runs if everything before succeeded and not all of it was skipped; all skipped, this is skipped too."""
    states = _states(upstream_states)
    if all(state.is_skipped() for state in states):
        raise signals.SKIP("All upstreams were skipped", result=None)
    if not all(state.is_successful() for state in states):
        raise signals.TRIGGERFAIL('Trigger was "not_all_skipped" but some of the upstream tasks failed.')
    return True


def some_failed(at_least: float | None = None, at_most: float | None = None) -> Trigger:
    """A trigger that runs if as many of the tasks before failed: a number, or, below one, a share of them."""

    def _some_failed(upstream_states: UpstreamStates) -> bool:
        states = _states(upstream_states)
        number = sum(state.is_failed() for state in states)
        if upstream_states and not _within(number, len(states), at_least, at_most):
            raise signals.TRIGGERFAIL('Trigger was "some_failed" but thresholds were not met.')
        return True

    return _some_failed


def some_successful(at_least: float | None = None, at_most: float | None = None) -> Trigger:
    """A trigger that runs if as many of the tasks before succeeded: a number, or, below one, a share of them."""

    def _some_successful(upstream_states: UpstreamStates) -> bool:
        states = _states(upstream_states)
        number = sum(state.is_successful() for state in states)
        if upstream_states and not _within(number, len(states), at_least, at_most):
            raise signals.TRIGGERFAIL('Trigger was "some_successful" but thresholds were not met.')
        return True

    return _some_successful


def _within(number: int, total: int, at_least: float | None, at_most: float | None) -> bool:
    def threshold(value: float) -> float:
        return value if value >= 1 else value * total

    return (at_least is None or number >= threshold(at_least)) and (at_most is None or number <= threshold(at_most))
