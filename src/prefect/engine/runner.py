"""What flow runners and task runners share: the one place where a state changes.

`Runner.change_state` fires the state handlers and then proposes the state to the run store; nothing else does.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable
from typing import Any

from prefect.engine import signals
from prefect.engine.run_store import MEMORY_RUNS, RunStore
from prefect.engine.signals import ENDRUN
from prefect.engine.state import Failed, Pending, State, _MetaState
from prefect.utilities import masking
from prefect.utilities.context import context as _prefect_context
from prefect.utilities.logging import get_logger

StateHandler = Callable[[Any, State, State], State | None]

_loggers: dict[str, logging.Logger] = {}


def runner_logger(name: str) -> logging.Logger:
    """The logger of a runner class; looked up once, since there is a runner for each task run."""
    logger = _loggers.get(name)
    if logger is None:
        logger = _loggers[name] = get_logger(name)
    return logger


def handled(owner: object, returned: Any, new_state: State) -> State:
    """The state that a handler of `owner` leaves: the one it returned, or without one the new state as it is.

    Raises:
        AttributeError: what it returned is no state.
    """
    if not returned:
        return new_state
    if not isinstance(returned, State):
        # The type that programs know: 1.x failed when it looked at the attributes of a state.
        raise AttributeError(
            f"A state handler of {owner!r} returned {returned!r}, which is no state. Return the state to go on "
            "with, or None to keep the new one."
        )
    return returned


def call_state_handlers(method: Callable[..., State]) -> Callable[..., State]:
    """Decorates a check: where it returns another state than it was given, the change goes through `change_state`."""

    @functools.wraps(method)
    def checked(self: Runner, state: State, *args: Any, **kwargs: Any) -> State:
        new_state = method(self, state, *args, **kwargs)
        return state if new_state is state else self.change_state(state, new_state)

    return checked


class Runner:
    """Moves one run from state to state.

    Args:
        state_handlers: called as `handler(runner, old_state, new_state)` for each change, after those of the flow or
            task; each may return a state to use instead, or raise a signal.
    """

    # The store is an attribute and no argument, so that subclasses written for 1.x keep their constructors.
    run_store: RunStore = MEMORY_RUNS

    def __init__(self, state_handlers: Iterable[StateHandler] | None = None) -> None:
        if state_handlers is not None and (isinstance(state_handlers, str) or not isinstance(state_handlers, Iterable)):
            raise TypeError("state_handlers should be iterable.")
        self.state_handlers: list[StateHandler] = list(state_handlers) if state_handlers else []
        self.logger = runner_logger(type(self).__name__)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def initialize_run(self, state: State | None, context: dict[str, Any]) -> Any:
        """The state to start from, with meta-states unwrapped, and the context of the run."""
        return initial_state(state), context

    def call_runner_target_handlers(self, old_state: State, new_state: State) -> State:
        """Call the handlers of whatever this runner runs; without any, the new state stands."""
        return new_state

    def handle_state_change(self, old_state: State, new_state: State) -> State:
        """The new state after all handlers were called.

        Raises:
            ENDRUN: a handler failed; the run ends `Failed`.
        """
        try:
            new_state = self.call_runner_target_handlers(old_state, new_state)
            for handler in self.state_handlers:
                new_state = handled(self, handler(self, old_state, new_state), new_state)
        except ENDRUN:
            raise
        except signals.PrefectStateSignal as signal:
            return signal.state
        except Exception as error:
            if _prefect_context.__dict__.get("raise_on_exception"):
                raise
            message = f"Unexpected error while calling state handlers: {error!r}"
            self.logger.exception(message)
            raise ENDRUN(Failed(message, result=error)) from error
        return new_state

    def has_handlers(self) -> bool:
        """Whether any state handler will be called."""
        return bool(self.state_handlers)

    def change_state(self, old_state: State, new_state: State) -> State:
        """The state that the run has from now on: handlers first, then the store has the last word."""
        if self.has_handlers():
            # A handler may take its time, and what was proposed before must not wait for it.
            self.run_store.settle()
        try:
            new_state = self.handle_state_change(old_state, new_state)
        except ENDRUN as end:
            self.propose(old_state, end.state)
            raise
        return self.propose(old_state, new_state)

    def propose(self, old_state: State, new_state: State) -> State:
        """Propose a state to the run store."""
        raise NotImplementedError


def without_secrets(state: State) -> State:
    """The state, with what this process knows to be secret masked in its message."""
    if masking.knows_any() and state.message:
        state.message = masking.mask(str(state.message))
    return state


def initial_state(state: State | None) -> State:
    """The state a run starts from: `Pending` where there is none, and what a meta-state wraps."""
    while isinstance(state, _MetaState):
        state = state.state
    return Pending() if state is None else state
