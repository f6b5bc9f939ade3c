"""State handlers made from plain callbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.core.flow import Flow
    from prefect.core.task import Task
    from prefect.engine.state import State

__all__ = ["callback_factory", "failure_handler"]


def callback_factory(
    fn: Callable[[Any, State], Any], check: Callable[[State], bool]
) -> Callable[[Any, State, State], State]:
    """A state handler that calls `fn(task_or_flow, new_state)` whenever `check(new_state)` holds."""

    def state_handler(obj: Task | Flow, old_state: State, new_state: State) -> State:
        if check(new_state):
            fn(obj, new_state)
        return new_state

    return state_handler


def failure_handler(on_failure: Callable[[Any, State], Any]) -> Callable[[Any, State, State], State]:
    """The state handler behind `on_failure`; fires for every kind of failure."""
    return callback_factory(on_failure, check=lambda state: state.is_failed())


def checked_state_handlers(state_handlers: Any) -> list[Callable[..., Any]]:
    """`state_handlers` as a list of its own; a lone function is a mistake that is easily made."""
    if state_handlers is None:
        return []
    try:
        return list(state_handlers)
    except TypeError:
        raise TypeError("state_handlers should be iterable.") from None
