"""Values that are never kept: secrets, fetched anew each time."""

from typing import Any, Self

from prefect.engine.result.base import Result


class SecretResult(Result):
    """Reads by running `secret_task` again; the location is the secret's name, and nothing is ever written."""

    def __init__(self, secret_task: Any, **kwargs: Any) -> None:
        kwargs.setdefault("location", secret_task.name)
        self.secret_task = secret_task
        super().__init__(**kwargs)

    def read(self, location: str) -> Self:
        """A copy of this result with the secret called `location`, fetched now."""
        new = self.copy()
        new.value = self.secret_task.run(name=location)
        new.location = location
        return new

    def write(self, value_: Any, **kwargs: Any) -> Self:
        """Always a ValueError: a secret is not written."""
        raise ValueError("SecretResults cannot be written to.")
