"""A value and its address.

A `Result` carries a task's return value inside a process and, once written, the location from which any process can
read it again. Subclasses say where values are kept; only the type and the location travel on the wire.
"""

from __future__ import annotations

import copy
import logging
import uuid
from collections.abc import Callable
from typing import Any, Self

from prefect.engine.serializers import PickleSerializer, Serializer
from prefect.utilities.datetimes import utc_now

_PICKLE = PickleSerializer()
_NO_PLACE = (
    "The base Result class has no place to keep values: choose a subclass such as LocalResult "
    "for the task, the flow or its storage."
)


class ResultNotImplementedError(NotImplementedError):
    """Raised by a `Result` that has no place to keep values, where one is needed."""


class Result:
    """A value together with the place where it is, or will be, kept.

    Args:
        value: the value; None means that there is none in this process (yet).
        location: where the value was written, or a template or callable that `format` turns into a location;
            None means that `default_location` is used when a location is needed.
        serializer: turns values into bytes and back; None means pickle.
    """

    def __init__(
        self,
        value: Any = None,
        location: str | Callable[..., str] | None = None,
        serializer: Serializer | None = None,
    ) -> None:
        self.value = value
        self.serializer = _PICKLE if serializer is None else serializer
        self.location: str | None
        if callable(location):
            self._formatter = location
            self.location = None
        else:
            self.location = location

    # A callable location is kept beside, since `location` stays None until it has been formatted.
    _formatter: Callable[..., str] | None = None

    @property
    def logger(self) -> logging.Logger:
        """A logger named for the class."""
        from prefect.utilities.logging import get_logger

        return get_logger(type(self).__name__)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return False
        mine, theirs = dict(self.__dict__), dict(other.__dict__)
        return all(mine.get(name) == theirs.get(name) for name in mine.keys() | theirs.keys() if name[:1] != "_")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        value = self.value
        if isinstance(value, type):
            return f"<{type(self).__name__}: {value.__name__}>"
        return f"<{type(self).__name__}: {value!r}>"

    @property
    def default_location(self) -> str:
        """A new location by day and time (UTC), used when none was given."""
        now = utc_now()
        return f"{now.year}/{now.month}/{now.day}/{uuid.uuid4()}.prefect_result"

    def from_value(self, value: Any) -> Self:
        """A new result of the same kind that holds the value and has no location yet."""
        new = self.copy()
        new.location = None
        new.value = value
        return new

    def copy(self) -> Self:
        """A shallow copy."""
        return copy.copy(self)

    def format(self, **kwargs: Any) -> Self:
        """A new result whose location template, or callable, has been filled in with the given values."""
        new = self.copy()
        if self._formatter is not None:
            new.location = self._formatter(**kwargs)
        elif isinstance(new.location, str):
            new.location = new.location.format(**kwargs)
        else:
            new.location = new.default_location
        return new

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Whether something is kept at the location; the template values in `kwargs` are applied first."""
        raise ResultNotImplementedError(_NO_PLACE)

    def read(self, location: str) -> Result:
        """A new result holding the value kept at the location."""
        raise ResultNotImplementedError(_NO_PLACE)

    def write(self, value_: Any, **kwargs: Any) -> Result:
        """A new result: the value was written and the location filled in from the template values in `kwargs`."""
        raise ResultNotImplementedError(_NO_PLACE)


class NoResultType(Result):
    """The absence of a result: nothing was returned that has to be kept."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    __hash__ = None

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


NoResult = NoResultType()
