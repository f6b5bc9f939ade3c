"""State handlers that tell somebody."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.engine.state import State

__all__ = ["callback_factory"]


def callback_factory(
    fn: Callable[[Any, "State"], Any], check: Callable[["State"], bool]
) -> Callable[[Any, "State", "State"], "State"]:
    """A state handler that calls `fn(task_or_flow, new_state)` for each new state that `check` is true of."""

    def state_handler(obj: Any, old_state: "State", new_state: "State") -> "State":
        if check(new_state):
            fn(obj, new_state)
        return new_state

    return state_handler
