"""Threads that do for the event loop what would hold it up.

What an executor does with less between: no future of its own for each task, and those who are done together wake the
loop together, as writers are whose turns were one transaction.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

Outcome = TypeVar("Outcome")

# Who waits, what is to be done, with what.
_Task = tuple["asyncio.Future[Any]", Callable[..., Any], tuple[Any, ...]]


class Hands:
    """So many threads, started when they are first needed; asked by one event loop."""

    def __init__(self, count: int, name: str) -> None:
        self.count = count
        self.name = name
        self._threads: list[threading.Thread] = []
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._done: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._has_told = False
        self._unfinished = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being done, or waits to be."""
        return self._unfinished == 0

    def do(self, function: Callable[..., Outcome], *arguments: Any) -> asyncio.Future[Outcome]:
        """What the function gives, or raises."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._unfinished += 1
        if self._unfinished > len(self._threads) and len(self._threads) < self.count:
            name = f"{self.name}-{len(self._threads)}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._tasks.put((future, function, arguments))
        return future

    def close(self) -> None:
        """End the threads once they have done what they were asked."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, function, arguments = task
            try:
                self._done.append((future, function(*arguments), None))
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                self._done.append((future, None, error))
            # The loop takes this back before it looks: who finds it said has appended in time.
            if not self._has_told:
                self._has_told = True
                try:
                    future.get_loop().call_soon_threadsafe(self._deliver)
                except RuntimeError:  # the loop has ended, and waits for nothing
                    self._has_told = False
            del task, future, function, arguments

    def _deliver(self) -> None:
        self._has_told = False
        while self._done:
            future, outcome, error = self._done.popleft()
            self._unfinished -= 1
            if future.done():  # whoever waited was cancelled
                continue
            if error is None:
                future.set_result(outcome)
            else:
                future.set_exception(error)
