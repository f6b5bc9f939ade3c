"""Run each function at once, in the calling thread."""

from collections.abc import Callable
from typing import Any

from prefect.executors.base import Executor


class LocalExecutor(Executor):
    """Runs everything immediately, in this process and this thread: a future is the value itself."""

    def submit(
        self, fn: Callable[..., Any], *args: Any, extra_context: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """The value of `fn(*args, **kwargs)`; `extra_context` is not used."""
        return fn(*args, **kwargs)

    def wait(self, futures: Any) -> Any:
        """`futures` itself, for they are values already."""
        return futures
