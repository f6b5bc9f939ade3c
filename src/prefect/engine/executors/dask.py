"""The old path of `prefect.executors.DaskExecutor` and `prefect.executors.LocalDaskExecutor`."""

import warnings
from typing import Any, Self

from prefect.executors import dask


def _warn_about(name: str) -> None:
    warnings.warn(
        f"prefect.engine.executors.{name} has been moved to `prefect.executors.{name}`, please update your imports",
        stacklevel=3,
    )


class LocalDaskExecutor(dask.LocalDaskExecutor):
    """`prefect.executors.LocalDaskExecutor`, with a warning about the old path."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        _warn_about("LocalDaskExecutor")
        return super().__new__(cls)


class DaskExecutor(dask.DaskExecutor):
    """`prefect.executors.DaskExecutor`, with a warning about the old path."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        _warn_about("DaskExecutor")
        return super().__new__(cls)
