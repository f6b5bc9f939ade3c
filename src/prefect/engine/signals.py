"""States, raised.

A task, a trigger or a state handler raises a signal to speak the engine's language: the run takes the signal's state.
Signals are no `Exception`s, so that a task's own `except Exception` does not swallow them.
"""

from __future__ import annotations

from typing import Any

from prefect.engine import state
from prefect.exceptions import PrefectSignal

__all__ = [
    "ENDRUN",
    "FAIL",
    "LOOP",
    "PAUSE",
    "PrefectStateSignal",
    "RETRY",
    "SKIP",
    "SUCCESS",
    "TRIGGERFAIL",
    "VALIDATIONFAIL",
    "signal_from_state",
]


def signal_from_state(state: state.State) -> type[PrefectStateSignal]:
    """The signal class that stands for a state's class.

    Raises:
        ValueError: no signal stands for it.
    """
    unseen = [PrefectStateSignal]
    while unseen:
        signal = unseen.pop()
        if signal._state_cls is type(state):
            return signal
        unseen.extend(signal.__subclasses__())
    raise ValueError(f"No signal matches the provided state: {state!r}")


class ENDRUN(PrefectSignal):
    """Ends a run at once with a state; the engine's own, not for user code.

    Args:
        state: the state that the run ends with, unchecked.
    """

    def __init__(self, state: state.State) -> None:
        self.state = state
        super().__init__()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.state,)


class PrefectStateSignal(PrefectSignal):
    """A signal that carries a new state.

    Args:
        message: the state's message.
        *args: further positional arguments of the state's class.
        **kwargs: further keyword arguments of the state's class, such as `result`.
    """

    _state_cls: type[state.State] = state.State

    def __init__(self, message: str | None = None, *args: Any, **kwargs: Any) -> None:
        # str() of a signal without a message is "None", as programs for 1.x may have come to expect.
        super().__init__(message)  # type: ignore[arg-type]
        kwargs.setdefault("result", self)
        self.state: state.State = self._state_cls(message, *args, **kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        # The state may hold this very signal as its result, so it travels as instance state, not as an argument.
        return type(self), self.args, self.__dict__


class FAIL(PrefectStateSignal):
    """The task has failed."""

    _state_cls = state.Failed


class TRIGGERFAIL(FAIL):
    """The task's trigger does not allow it to run."""

    _state_cls = state.TriggerFailed


class VALIDATIONFAIL(FAIL):
    """The task's value did not pass validation."""

    _state_cls = state.ValidationFailed


class SUCCESS(PrefectStateSignal):
    """The task has succeeded."""

    _state_cls = state.Success


class RETRY(PrefectStateSignal):
    """The task is to be tried again; `start_time=` says when."""

    _state_cls = state.Retrying


class SKIP(PrefectStateSignal):
    """The task is skipped."""

    _state_cls = state.Skipped


class PAUSE(PrefectStateSignal):
    """The task waits for a person, or until `start_time=`."""

    _state_cls = state.Paused


class LOOP(PrefectStateSignal):
    """This iteration is over with `result=`, and another one follows."""

    _state_cls = state.Looped

    def __init__(self, message: str | None = None, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("result", repr(self))
        super().__init__(message, *args, **kwargs)
