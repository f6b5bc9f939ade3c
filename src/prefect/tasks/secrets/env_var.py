"""Secrets in environment variables."""

import os
from collections.abc import Callable
from typing import Any

from prefect.tasks.secrets.base import PrefectSecret, _named

__all__ = ["EnvVarSecret"]


class EnvVarSecret(PrefectSecret):
    """The value of an environment variable of the process that runs the task, turned by `cast` where one is given.

    A variable that is not set gives None, or ValueError with `raise_if_missing`.
    """

    def __init__(
        self,
        name: str | None = None,
        cast: Callable[[Any], Any] | None = None,
        raise_if_missing: bool = False,
        **kwargs: Any,
    ) -> None:
        self.cast = cast
        self.raise_if_missing = raise_if_missing
        super().__init__(name=name, **kwargs)

    def run(self, name: str = None):  # type: ignore[no-untyped-def]
        name = _named(name, self.secret_name)
        value: Any = os.environ.get(name)
        if value is None:
            if self.raise_if_missing:
                raise ValueError(f"Environment variable not set: {name}")
            return None
        return value if self.cast is None else self.cast(value)
