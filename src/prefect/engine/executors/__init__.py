"""Where executors were before they had a room of their own; programs should import from `prefect.executors`."""

from typing import TYPE_CHECKING, Any

from prefect.engine.executors.local import LocalExecutor
from prefect.executors.base import Executor

if TYPE_CHECKING:
    from prefect.engine.executors.dask import DaskExecutor, LocalDaskExecutor

__all__ = ["DaskExecutor", "Executor", "LocalDaskExecutor", "LocalExecutor"]


def __getattr__(name: str) -> Any:
    """The two Dask executors, whose module is loaded when one is first asked for."""
    if name in ("DaskExecutor", "LocalDaskExecutor"):
        from prefect.engine.executors import dask

        return getattr(dask, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
