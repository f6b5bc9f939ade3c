"""May a cached state stand for a new run: each function answers from the state, the inputs and the parameters.

A validator takes `(state, inputs, parameters)`: the `Cached` state, the new run's inputs by name as values, and the
flow's parameters by name. Every one but `never_use` says no once the state has expired.
"""

import datetime
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.engine.state import Cached

Values = dict[str, Any]
CacheValidator = Callable[["Cached", Values, Values], bool]


def never_use(state: "Cached", inputs: Values, parameters: Values) -> bool:
    """Never."""
    return False


def duration_only(state: "Cached", inputs: Values, parameters: Values) -> bool:
    """Until it expires, whatever the inputs; a state without expiry never does."""
    expiration: datetime.datetime | None = state.cached_result_expiration
    return expiration is None or expiration > datetime.datetime.now(datetime.UTC)


def all_inputs(state: "Cached", inputs: Values, parameters: Values) -> bool:
    """Until it expires, for the same inputs."""
    if not duration_only(state, inputs, parameters):
        return False
    cached, new = _comparable(state, inputs or {}, (inputs or {}).keys())
    return cached == new


def all_parameters(state: "Cached", inputs: Values, parameters: Values) -> bool:
    """Until it expires, for the same flow parameters."""
    return duration_only(state, inputs, parameters) and bool(state.cached_parameters == parameters)


def partial_inputs_only(validate_on: Iterable[str] | None = None) -> CacheValidator:
    """Until it expires, for the same values of the inputs named in `validate_on`."""
    validate_on = _names(validate_on)  # kept under its own name: that is how the wire format finds it

    def _partial_inputs_only(state: "Cached", inputs: Values, parameters: Values) -> bool:
        if not duration_only(state, inputs, parameters):
            return False
        return not validate_on or _same(validate_on, *_comparable(state, inputs or {}, validate_on))

    return _partial_inputs_only


def partial_parameters_only(validate_on: Iterable[str] | None = None) -> CacheValidator:
    """Until it expires, for the same values of the flow parameters named in `validate_on`."""
    validate_on = _names(validate_on)  # kept under its own name: that is how the wire format finds it

    def _partial_parameters_only(state: "Cached", inputs: Values, parameters: Values) -> bool:
        if not duration_only(state, inputs, parameters):
            return False
        return not validate_on or _same(validate_on, state.cached_parameters or {}, parameters or {})

    return _partial_parameters_only


def _names(validate_on: Iterable[str] | None) -> tuple[str, ...]:
    return (validate_on,) if isinstance(validate_on, str) else tuple(validate_on or ())


def _comparable(state: "Cached", inputs: Values, names: Iterable[str]) -> tuple[Values, Values]:
    """The inputs that a state was cached with, and the new ones: those named, as a state remembers them.

    Our own states remember tokens of the values. What 0.13 and older wrote holds the values.
    """
    new = {name: inputs[name] for name in names if name in inputs}
    if state.hashed_inputs is not None:
        from prefect.utilities.tokens import token

        return state.hashed_inputs, {name: token(value) for name, value in new.items()}
    return {name: result.value for name, result in (state.cached_inputs or {}).items()}, new


def _same(names: Iterable[str], cached: Values, new: Values) -> bool:
    return all(cached.get(name) == new.get(name) for name in names)
