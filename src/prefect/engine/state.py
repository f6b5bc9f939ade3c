"""The vocabulary of runs: what a flow run or a task run is, at one moment.

A state's class is its meaning: `Retrying` is a `Scheduled` is a `Pending`, so the predicates below ask about ancestry
and need no table. This module is the one home of the states' names, colours and groups; nothing here runs anything.

    State
    +-- Pending --- Scheduled --+-- Paused
    |                           +-- Resume
    |                           +-- Retrying
    +-- Running --- Cancelling
    +-- Finished --+-- Looped
    |              +-- Success --+-- Cached
    |              |             +-- Mapped
    |              |             +-- Skipped
    |              +-- Failed --+-- TimedOut
    |              |            +-- TriggerFailed
    |              |            +-- ValidationFailed
    |              +-- Cancelled
    +-- _MetaState --+-- ClientFailed
                     +-- Queued
                     +-- Submitted
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from prefect.engine.result.base import NoResult, Result
from prefect.utilities.context import context as _prefect_context
from prefect.utilities.datetimes import ensure_utc, utc_now

__all__ = [
    "Cached",
    "Cancelled",
    "Cancelling",
    "ClientFailed",
    "Failed",
    "Finished",
    "Looped",
    "Mapped",
    "Paused",
    "Pending",
    "Queued",
    "Resume",
    "Retrying",
    "Running",
    "Scheduled",
    "Skipped",
    "State",
    "Submitted",
    "Success",
    "TimedOut",
    "TriggerFailed",
    "ValidationFailed",
]


class State:
    """What a run is, at one moment.

    Args:
        message: a sentence for people, or the exception that led here.
        result: a `Result`, or a plain value, which is wrapped in one; None means no result.
        context: JSON-able facts that travel with the state; a copy is kept. Inside a task run the task's tags are
            added under "tags".
        cached_inputs: results of the task's inputs by argument name, kept for a run that continues later.
    """

    color = "#696969"

    def __init__(
        self,
        message: str | None = None,
        result: Any = None,
        context: dict[str, Any] | None = None,
        cached_inputs: dict[str, Result] | None = None,
    ) -> None:
        self.message = message
        if result is None:
            self._result: Result = NoResult
        elif isinstance(result, Result):
            self._result = result
        else:
            self._result = Result(value=result)
        self.context: dict[str, Any] = {} if context is None else dict(context)
        self.cached_inputs: dict[str, Result] = cached_inputs or {}
        tags = _prefect_context.__dict__.get("task_tags")
        if tags is not None:
            self.context.setdefault("tags", list(tags))

    def __repr__(self) -> str:
        if self.message:
            return f'<{type(self).__name__}: "{self.message}">'
        return f"<{type(self).__name__}>"

    def __eq__(self, other: object) -> bool:
        """Same class, same result value, same attributes; message and context do not count."""
        if type(self) is not type(other):
            return False
        assert isinstance(other, State)
        if not _values_equal(self._result.value, other._result.value):
            return False
        mine, theirs = self.__dict__, other.__dict__
        return all(
            mine.get(name) == theirs.get(name)
            for name in mine.keys() | theirs.keys()
            if name[0] != "_" and name not in ("message", "context")
        )

    def __hash__(self) -> int:
        return id(self)

    @property
    def result(self) -> Any:
        """The value of the result, in whatever process it is known; None where there is none."""
        return self._result.value

    @result.setter
    def result(self, value: Any) -> None:
        self._result = value if isinstance(value, Result) else Result(value=value)

    def load_result(self, result: Result | None = None) -> State:
        """This state with its value read from the result's location.

        Args:
            result: says how to read; None uses the kind of result that the state itself carries. Nothing is read when
                the value is already here or there is no location.
        """
        known = self._result
        if known is NoResult or known.location is None or known.value is not None:
            return self
        reader = result if result is not None else known
        self._result = reader.read(known.location)
        return self

    def load_cached_results(self, results: Mapping[str, Result | None] | None = None) -> State:
        """This state with the values of its cached inputs read from their locations.

        Args:
            results: by argument name, how to read each one; None means the kind that the state itself carries.
        """
        for name, known in list(self.cached_inputs.items()):
            if known is None or known.location is None or known.value is not None:
                continue
            given = (results or {}).get(name)
            reader = given if given is not None else known
            self.cached_inputs[name] = reader.read(known.location)
        return self

    @classmethod
    def children(cls, include_self: bool = False, names_only: bool = False) -> list[Any]:
        """All classes below this one, private ones left out, depth first, as classes or as names."""
        found: list[type[State]] = []
        for subclass in cls.__subclasses__():
            if not subclass.__name__.startswith("_"):
                found.append(subclass)
            found.extend(subclass.children())
        if include_self:
            found.append(cls)
        return [found_class.__name__ for found_class in found] if names_only else list(found)

    @classmethod
    def parents(cls, include_self: bool = False, names_only: bool = False) -> list[Any]:
        """All state classes above this one, private ones left out, as classes or as names."""
        found = [
            ancestor
            for ancestor in cls.__mro__
            if issubclass(ancestor, State)
            and not ancestor.__name__.startswith("_")
            and (include_self or ancestor is not cls)
        ]
        return [ancestor.__name__ for ancestor in found] if names_only else list(found)

    def is_pending(self) -> bool:
        return isinstance(self, Pending)

    def is_queued(self) -> bool:
        return isinstance(self, Queued)

    def is_retrying(self) -> bool:
        return isinstance(self, Retrying)

    def is_running(self) -> bool:
        return isinstance(self, Running)

    def is_finished(self) -> bool:
        return isinstance(self, Finished)

    def is_looped(self) -> bool:
        return isinstance(self, Looped)

    def is_skipped(self) -> bool:
        return isinstance(self, Skipped)

    def is_scheduled(self) -> bool:
        return isinstance(self, (Scheduled, Queued))

    def is_submitted(self) -> bool:
        return isinstance(self, Submitted)

    def is_successful(self) -> bool:
        return isinstance(self, Success)

    def is_failed(self) -> bool:
        return isinstance(self, Failed)

    def is_cached(self) -> bool:
        return isinstance(self, Cached)

    def is_mapped(self) -> bool:
        return isinstance(self, Mapped)

    def is_meta_state(self) -> bool:
        return isinstance(self, _MetaState)

    @staticmethod
    def deserialize(json_blob: dict[str, Any]) -> State:
        """The state that a JSON object in the wire format describes."""
        from prefect.serialization.state import StateSchema  # a door: the wire format knows states, not the reverse

        loaded: State = StateSchema().load(json_blob)
        return loaded

    def serialize(self) -> dict[str, Any]:
        """This state in the wire format: the result's type and location, never its value."""
        from prefect.serialization.state import StateSchema

        dumped: dict[str, Any] = StateSchema().dump(self)
        return dumped


def _values_equal(left: Any, right: Any) -> bool:
    """Whether two result values are equal; a value that answers `==` with an array counts as equal only to itself."""
    if left is right:
        return True
    try:
        return bool(left == right)
    except (ValueError, TypeError):
        return False


# --- pending ---------------------------------------------------------------------------------------------------------


class Pending(State):
    """Not started."""

    color = "#7ebdff"

    def __init__(
        self,
        message: str | None = None,
        result: Any = None,
        cached_inputs: dict[str, Result] | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)


class Scheduled(Pending):
    """To be started at a time.

    Args:
        start_time: when; a time without zone is UTC; None means now.
    """

    color = "#ffab00"

    def __init__(
        self,
        message: str | None = None,
        result: Any = None,
        start_time: datetime.datetime | None = None,
        cached_inputs: dict[str, Result] | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, result, cached_inputs, context)
        self.start_time: datetime.datetime | None = utc_now() if start_time is None else ensure_utc(start_time)
        run_count = _prefect_context.__dict__.get("task_run_count")
        if run_count is not None:
            self.context.setdefault("task_run_count", run_count)


class Paused(Scheduled):
    """Waiting for a person; without `start_time` it waits for ever."""

    color = "#99a8e8"

    def __init__(
        self,
        message: str | None = None,
        result: Any = None,
        start_time: datetime.datetime | None = None,
        cached_inputs: dict[str, Result] | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, result, start_time, cached_inputs, context)
        if start_time is None:
            self.start_time = None


class _MetaState(State):
    """Wraps another state with a remark on how the run is being handled.

    Args:
        state: the wrapped state; a wrapped meta-state is unwrapped first.
    """

    def __init__(
        self,
        message: str | None = None,
        result: Any = None,
        state: State | None = None,
        context: dict[str, Any] | None = None,
        cached_inputs: dict[str, Result] | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)
        self.state: State | None = state.state if isinstance(state, _MetaState) else state


class ClientFailed(_MetaState):
    """The runner could not tell the backend about the wrapped state."""

    color = "#eb0000"


class Submitted(_MetaState):
    """An agent or executor has taken the run; the wrapped state is what it was before."""

    color = "#ffdf5d"


class Queued(_MetaState):
    """Ready, but held back by a limit.

    Args:
        start_time: when to ask again; None means now.
    """

    color = "#ffea7f"

    def __init__(
        self,
        message: str | None = None,
        result: Any = None,
        state: State | None = None,
        start_time: datetime.datetime | None = None,
        context: dict[str, Any] | None = None,
        cached_inputs: dict[str, Result] | None = None,
    ) -> None:
        super().__init__(message, result, state, context, cached_inputs)
        self.start_time = utc_now() if start_time is None else ensure_utc(start_time)


class Resume(Scheduled):
    """A person let a paused run go on."""

    color = "#f58c0c"


class Retrying(Scheduled):
    """Failed, and to be tried again.

    Args:
        run_count: how many tries there were; None takes the count of the running task, or 1.
    """

    color = "#f66a0a"

    def __init__(
        self,
        message: str | None = None,
        result: Any = None,
        start_time: datetime.datetime | None = None,
        cached_inputs: dict[str, Result] | None = None,
        context: dict[str, Any] | None = None,
        run_count: int | None = None,
    ) -> None:
        super().__init__(message, result, start_time, cached_inputs, context)
        self.run_count: int = _prefect_context.__dict__.get("task_run_count", 1) if run_count is None else run_count


# --- running ---------------------------------------------------------------------------------------------------------


class Running(State):
    """User code may be running."""

    color = "#3d67ff"


class Cancelling(Running):
    """Asked to stop; what was started is being stopped."""

    color = "#E8E8E8"


# --- finished --------------------------------------------------------------------------------------------------------


class Finished(State):
    """Nothing more will run for it, except where a named move (retry, cache, loop, restart, resume) leads on."""

    color = "#003ccb"


class Looped(Finished):
    """One iteration is over and another follows.

    Args:
        loop_count: the iteration that is over; None takes the count of the running task, or 1.
    """

    color = "#003ccb"

    def __init__(
        self,
        message: str | None = None,
        result: Any = None,
        loop_count: int | None = None,
        context: dict[str, Any] | None = None,
        cached_inputs: dict[str, Result] | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)
        self.loop_count: int = _prefect_context.__dict__.get("task_loop_count", 1) if loop_count is None else loop_count


class Success(Finished):
    """Done, and well."""

    color = "#28a745"


class Cached(Success):
    """Done, with a value that may be used again.

    Args:
        hashed_inputs: by argument name, a hash of each input, where the inputs themselves were not kept.
        cached_parameters: the flow's parameters when the value was made.
        cached_result_expiration: until when the value may be used; None means for ever.
    """

    color = "#34d058"

    def __init__(
        self,
        message: str | None = None,
        result: Any = None,
        cached_inputs: dict[str, Result] | None = None,
        cached_parameters: dict[str, Any] | None = None,
        cached_result_expiration: datetime.datetime | None = None,
        context: dict[str, Any] | None = None,
        hashed_inputs: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)
        self.hashed_inputs = hashed_inputs
        self.cached_parameters = cached_parameters
        self.cached_result_expiration = (
            None if cached_result_expiration is None else ensure_utc(cached_result_expiration)
        )


class Mapped(Success):
    """Stands for its mapped children.

    Args:
        map_states: the children's states, in order.
        n_map_states: how many there are, where the states themselves are not here; None counts `map_states`.
    """

    color = "#003ccb"

    def __init__(
        self,
        message: str | None = None,
        result: Any = None,
        map_states: list[State] | None = None,
        context: dict[str, Any] | None = None,
        cached_inputs: dict[str, Result] | None = None,
        n_map_states: int | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)
        self.map_states: list[State | None] = list(map_states) if map_states else []
        self._n_map_states = n_map_states

    @property
    def n_map_states(self) -> int:
        """How many children there are."""
        return len(self.map_states) if self._n_map_states is None else self._n_map_states

    @n_map_states.setter
    def n_map_states(self, value: int | None) -> None:
        self._n_map_states = value


class Cancelled(Finished):
    """Stopped on request."""

    color = "#bdbdbd"


class Failed(Finished):
    """Done, and not well; the result is the exception where there was one."""

    color = "#eb0000"

    def __init__(
        self,
        message: str | None = None,
        result: Any = None,
        cached_inputs: dict[str, Result] | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)


class TimedOut(Failed):
    """Took longer than its timeout."""

    color = "#ff4e33"


class TriggerFailed(Failed):
    """Did not run, since its trigger did not allow it."""

    color = "#ff5131"


class ValidationFailed(Failed):
    """Returned a value that did not pass validation."""

    color = "#ff5131"


class Skipped(Success):
    """Did not run, on purpose."""

    color = "#62757f"
