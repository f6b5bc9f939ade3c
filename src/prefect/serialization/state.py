"""States on the wire.

A run writes one for every move of every task, so each kind has its own straight-line function.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from prefect.engine.result.base import NoResult, Result
from prefect.engine.state import (
    Cached,
    Looped,
    Mapped,
    Paused,
    Queued,
    Retrying,
    Scheduled,
    State,
    _MetaState,
)
from prefect.exceptions import ValidationError
from prefect.serialization import versioned
from prefect.serialization.fields import json_value, text_or_none, time_from_wire, time_to_wire
from prefect.serialization.result import dump_result, load_result
from prefect.serialization.schemas import Schema, mapping_of, type_of
from prefect.utilities.datetimes import utc_now

# The kinds that travel, by name: every public class but State itself.
WIRE_STATES: dict[str, type[State]] = {
    kind.__name__: kind for kind in State.children() if kind.__module__ == State.__module__
}


# --- writing ---------------------------------------------------------------------------------------------------------


def dump_state(state: State) -> dict[str, Any]:
    """A state as JSON values; a subclass of one that travels is written as the kind that it extends."""
    kind = type(state)
    writer = _WRITERS.get(kind)
    if writer is None:
        writer = _WRITERS[kind] = _writer_for(kind)
    return writer(state)


def encode_state(state: State) -> bytes:
    """A state as JSON text in UTF-8."""
    dumped = dump_state(state)
    try:
        return _encode(dumped)
    except (UnicodeEncodeError, OverflowError):
        # Halves of surrogate pairs and very large numbers: JSON has escapes for the one and no bound for the other.
        return json.dumps(dumped).encode("ascii")


_encode = msgspec.json.Encoder().encode
_WRITERS: dict[type, Callable[[Any], dict[str, Any]]] = {}


def _writer_for(kind: type) -> Callable[[Any], dict[str, Any]]:
    for wire_kind in kind.__mro__:
        if WIRE_STATES.get(wire_kind.__name__) is wire_kind:
            break
    else:
        raise ValidationError(f"Unsupported object type: {kind.__name__} is no state that can be written.")
    name = wire_kind.__name__
    extra = _extra_writer(wire_kind)

    def write(state: State) -> dict[str, Any]:
        message, context, cached_inputs, result = state.message, state.context, state.cached_inputs, state._result
        version = versioned.current
        dumped: dict[str, Any] = {
            "type": name,
            "message": message if message is None or type(message) is str else str(message),
            "context": json_value(context, f"context of {state!r}") if context else {},
            "cached_inputs": {str(key): dump_result(value) for key, value in cached_inputs.items()}
            if cached_inputs
            else {},
            "__version__": version,
            "_result": {"__version__": version, "type": "NoResultType"} if result is NoResult else dump_result(result),
        }
        if extra is not None:
            extra(state, dumped)
        return dumped

    return write


def _extra_writer(kind: type[State]) -> Callable[[Any, dict[str, Any]], None] | None:
    """What a kind adds to the fields of every state."""
    if issubclass(kind, Mapped):
        return _write_mapped
    if issubclass(kind, Retrying):
        return _write_retrying
    if issubclass(kind, Scheduled):
        return _write_scheduled
    if issubclass(kind, Queued):
        return _write_queued
    if issubclass(kind, _MetaState):
        return _write_meta
    if issubclass(kind, Looped):
        return _write_looped
    if issubclass(kind, Cached):
        return _write_cached
    return None


def _write_mapped(state: Mapped, dumped: dict[str, Any]) -> None:
    # The children are runs of their own and carry their results themselves.
    del dumped["_result"]
    dumped["n_map_states"] = state.n_map_states


def _write_scheduled(state: Scheduled, dumped: dict[str, Any]) -> None:
    dumped["start_time"] = time_to_wire(state.start_time)


def _write_retrying(state: Retrying, dumped: dict[str, Any]) -> None:
    dumped["start_time"] = time_to_wire(state.start_time)
    dumped["run_count"] = state.run_count


def _write_meta(state: _MetaState, dumped: dict[str, Any]) -> None:
    dumped["state"] = None if state.state is None else dump_state(state.state)


def _write_queued(state: Queued, dumped: dict[str, Any]) -> None:
    _write_meta(state, dumped)
    dumped["start_time"] = time_to_wire(state.start_time)


def _write_looped(state: Looped, dumped: dict[str, Any]) -> None:
    dumped["loop_count"] = state.loop_count


def _write_cached(state: Cached, dumped: dict[str, Any]) -> None:
    hashed_inputs, parameters = state.hashed_inputs, state.cached_parameters
    dumped["cached_result_expiration"] = time_to_wire(state.cached_result_expiration)
    dumped["hashed_inputs"] = (
        None if hashed_inputs is None else {str(name): str(value) for name, value in hashed_inputs.items()}
    )
    dumped["cached_parameters"] = (
        None if parameters is None else json_value(parameters, f"cached_parameters of {state!r}")
    )


# --- reading ---------------------------------------------------------------------------------------------------------


def load_state(data: Any) -> State:
    """The state that the data describes, results without their values.

    Only `type` must be there. The constructors are not called: what they take from the running task's context must not
    leak into a state that was read.
    """
    data = mapping_of(data, "state")
    name = type_of(data, "state")
    kind = WIRE_STATES.get(name)
    if kind is None:
        raise ValidationError(f"Unsupported value: {name} is no kind of state; known are {sorted(WIRE_STATES)}.")
    state = kind.__new__(kind)
    state.message = text_or_none(data, "message", name)
    context = data.get("context")
    state.context = json_value(_mapping(context, "context", name), f"context of {name}") if context is not None else {}
    cached_inputs = data.get("cached_inputs")
    state.cached_inputs = (
        {key: load_result(value) for key, value in _mapping(cached_inputs, "cached_inputs", name).items()}
        if cached_inputs is not None
        else {}
    )
    state._result = _load_own_result(data, kind, name)
    read = _READERS.get(kind)
    if read is not None:
        read(state, data)
    return state


def _mapping(value: Any, field: str, owner: str) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise ValidationError(f"The {field} of a {owner} must be a JSON object, not {value!r}.")


def _load_own_result(data: Mapping[str, Any], kind: type[State], name: str) -> Result:
    if "_result" not in data or kind is Mapped:
        return NoResult
    result = data["_result"]
    if result is None:
        raise ValidationError(f"The _result of a {name} may not be null: leave it out, or use NoResultType.")
    return load_result(result)


def _count(data: Mapping[str, Any], field: str, owner: str, default: int, null: int | None) -> int:
    """A whole number, or what stands for it where it is absent or null."""
    value = data.get(field, default)
    if value is None and null is not None:
        return null
    try:
        if isinstance(value, int | str) and not isinstance(value, bool):
            return int(value)
    except ValueError:
        pass
    raise ValidationError(f"The {field} of a {owner} must be a whole number, not {value!r}.")


def _read_scheduled(state: Any, data: Mapping[str, Any]) -> None:
    state.start_time = time_from_wire(data, "start_time", type(state).__name__) or utc_now()


def _read_paused(state: Any, data: Mapping[str, Any]) -> None:
    state.start_time = time_from_wire(data, "start_time", "Paused")


def _read_retrying(state: Any, data: Mapping[str, Any]) -> None:
    _read_scheduled(state, data)
    state.run_count = _count(data, "run_count", "Retrying", default=1, null=1)


def _read_meta(state: Any, data: Mapping[str, Any]) -> None:
    wrapped = data.get("state")
    inner = None if wrapped is None else load_state(wrapped)
    state.state = inner.state if isinstance(inner, _MetaState) else inner


def _read_queued(state: Any, data: Mapping[str, Any]) -> None:
    _read_meta(state, data)
    _read_scheduled(state, data)


def _read_looped(state: Any, data: Mapping[str, Any]) -> None:
    state.loop_count = _count(data, "loop_count", "Looped", default=1, null=None)


def _read_mapped(state: Any, data: Mapping[str, Any]) -> None:
    state.map_states = [None] * _count(data, "n_map_states", "Mapped", default=0, null=None)
    state._n_map_states = None


def _read_cached(state: Any, data: Mapping[str, Any]) -> None:
    hashed_inputs, parameters = data.get("hashed_inputs"), data.get("cached_parameters")
    state.cached_result_expiration = time_from_wire(data, "cached_result_expiration", "Cached")
    if hashed_inputs is not None:
        hashed_inputs = dict(_mapping(hashed_inputs, "hashed_inputs", "Cached"))
        for name, value in hashed_inputs.items():
            if not isinstance(value, str):
                raise ValidationError(f"The hash of input {name!r} of a Cached must be text, not {value!r}.")
    state.hashed_inputs = hashed_inputs
    state.cached_parameters = None if parameters is None else json_value(parameters, "cached_parameters of Cached")


_READERS: dict[type[State], Callable[[Any, Mapping[str, Any]], None]] = {
    kind: read
    for name, kind in WIRE_STATES.items()
    for group, read in (
        (Paused, _read_paused),
        (Retrying, _read_retrying),
        (Scheduled, _read_scheduled),
        (Queued, _read_queued),
        (_MetaState, _read_meta),
        (Looped, _read_looped),
        (Mapped, _read_mapped),
        (Cached, _read_cached),
    )
    if issubclass(kind, group)
    and not (group is Scheduled and issubclass(kind, Paused | Retrying))
    and not (group is _MetaState and issubclass(kind, Queued))
}


class StateSchema(Schema):
    """Any state, told apart by `type`."""

    __slots__ = ()
    dump_one = staticmethod(dump_state)
    load_one = staticmethod(load_state)


class BaseStateSchema(StateSchema):
    """Any state (kept for its name)."""

    __slots__ = ()
