"""Values that are never kept: secrets, fetched anew each time."""

from typing import Any, Self

from prefect.engine.result.base import Result
from prefect.utilities import masking


class SecretResult(Result):
    """Reads by running `secret_task` again; the location is the secret's name, and nothing is ever written.

    Whatever process holds the value masks it in what it logs and records.
    """

    def __init__(self, secret_task: Any, **kwargs: Any) -> None:
        kwargs.setdefault("location", secret_task.name)
        self.secret_task = secret_task
        super().__init__(**kwargs)

    def from_value(self, value: Any) -> Self:
        """A new result that holds the secret."""
        masking.remember(value)
        return super().from_value(value)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        masking.remember(self.value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {masking.MASK}>" if self.value is not None else super().__repr__()

    def read(self, location: str) -> Self:
        """A copy of this result with the secret called `location`, fetched now."""
        new = self.copy()
        new.value = self.secret_task.run(name=location)
        masking.remember(new.value)
        new.location = location
        return new

    def write(self, value_: Any, **kwargs: Any) -> Self:
        """Always a ValueError: a secret is not written."""
        raise ValueError("SecretResults cannot be written to.")
