"""The old path of `prefect.executors.LocalExecutor`."""

import warnings
from typing import Any, Self

from prefect.executors import local


class LocalExecutor(local.LocalExecutor):
    """`prefect.executors.LocalExecutor`, with a warning about the old path."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        warnings.warn(
            "prefect.engine.executors.LocalExecutor has been moved to `prefect.executors.LocalExecutor`, "
            "please update your imports",
            stacklevel=2,
        )
        return super().__new__(cls)
