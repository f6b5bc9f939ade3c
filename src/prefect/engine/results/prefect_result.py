"""Values small enough to be their own address."""

from typing import Any, Self

from prefect.engine.result.base import Result
from prefect.engine.serializers import DateTimeSerializer, JSONSerializer, Serializer


class PrefectResult(Result):
    """Keeps the value in the location itself, as JSON or ISO 8601 text: it is stored wherever the state is stored."""

    def __init__(self, **kwargs: Any) -> None:
        if kwargs.get("serializer") is None:
            kwargs["serializer"] = JSONSerializer()
        super().__init__(**kwargs)

    @property
    def serializer(self) -> Serializer:
        """JSONSerializer or DateTimeSerializer: only text can be an address."""
        return self._serializer

    @serializer.setter
    def serializer(self, val: Serializer) -> None:
        if not isinstance(val, JSONSerializer | DateTimeSerializer):
            raise TypeError("PrefectResult only supports JSONSerializer or DateTimeSerializer")
        self._serializer = val

    def read(self, location: str) -> Self:
        """A copy of this result with the value that `location` spells."""
        new = self.copy()
        new.value = self.serializer.deserialize(location.encode())
        new.location = location
        return new

    def write(self, value_: Any, **kwargs: Any) -> Self:
        """A copy of this result whose location spells `value_`."""
        new = self.copy()
        new.value = value_
        new.location = self.serializer.serialize(value_).decode()
        return new

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Whether `location` spells a value."""
        try:
            self.serializer.deserialize(location.encode())
        except (ValueError, AttributeError):
            return False
        return True
