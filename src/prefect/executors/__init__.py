"""Where tasks run: in this thread, in threads or processes of this machine, or on a Dask cluster."""

from typing import TYPE_CHECKING, Any

from prefect.executors.base import Executor
from prefect.executors.local import LocalExecutor

if TYPE_CHECKING:
    from prefect.executors.dask import DaskExecutor, LocalDaskExecutor

__all__ = ["DaskExecutor", "Executor", "LocalDaskExecutor", "LocalExecutor"]


def __getattr__(name: str) -> Any:
    """The two Dask executors, whose module is loaded when one is first asked for."""
    if name in ("DaskExecutor", "LocalDaskExecutor"):
        from prefect.executors import dask

        return getattr(dask, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
