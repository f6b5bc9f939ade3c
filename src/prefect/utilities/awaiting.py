"""Calling functions that may be coroutines: their value either way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from types import CoroutineType
from typing import Any

from prefect.utilities import context as contexts


def finished(value: Any) -> Any:
    """The value itself or, where it is a coroutine, what that returns once it has run in an event loop of its own.

    The loop runs in this thread. Where one is running in it already, as in a notebook, another thread is taken, in
    which `prefect.context` holds what it holds here.
    """
    if type(value) is not CoroutineType:
        return value
    import asyncio  # costs a process that has no such tasks nothing

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(value)
    return _in_another_thread(value)


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What the function returns, having been awaited where it is `async`."""
    return finished(function(*args, **kwargs))


def _in_another_thread(coroutine: Coroutine[Any, Any, Any]) -> Any:
    import asyncio

    inherited = contexts.snapshot()
    outcome: list[Any] = []
    failure: list[BaseException] = []

    def run() -> None:
        contexts.restore(inherited)
        try:
            outcome.append(asyncio.run(coroutine))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            failure.append(error)

    thread = threading.Thread(target=run, name="prefect-async-task")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]
