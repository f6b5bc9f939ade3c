"""The line in which the writers of one process stand, and from which they are taken in groups.

A commit that survives the loss of power costs a turn of the disk. Whoever comes while another's commit is under way
waits anyway, so all who wait are written in one transaction: the first of them does it for the others, each behind a
savepoint, so that what fails is undone alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

Outcome = TypeVar("Outcome")

# Turns in one transaction: who comes after them has to wait for all.
LARGEST_GROUP: Final = 64


class Turn(Generic[Outcome]):
    """What one writer wants done, and what has become of it."""

    __slots__ = ("_outcome", "_ready", "error", "is_done", "work")

    def __init__(self, work: Callable[[Any], Outcome]) -> None:
        self.work = work
        self.error: BaseException | None = None
        self.is_done = False
        self._outcome: Outcome | None = None
        # Held until it is done or to lead: an event is a lock, a condition and a flag, and takes three times as long.
        self._ready: threading.Lock | None = None

    def run(self, transaction: Any) -> None:
        """Do it."""
        self._outcome = self.work(transaction)

    def result(self) -> Outcome:
        """What the work gave; raises what it raised."""
        if self.error is not None:
            raise self.error
        return self._outcome  # type: ignore[return-value]


class Line:
    """Writers that wait; the one that leads writes for the others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Turn[Any]] = deque()
        self._is_led = False

    def join(self, turn: Turn[Any]) -> None:
        """Stand in line until the turn is done, or until it is this one's to lead."""
        with self._lock:
            self._waiting.append(turn)
            if not self._is_led:
                self._is_led = True
                return
            turn._ready = threading.Lock()
            turn._ready.acquire()
        turn._ready.acquire()

    def take(self, most: int = LARGEST_GROUP) -> list[Turn[Any]]:
        """The turns at the head of the line, of which the first is that of the writer who leads."""
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def leave(self, done: list[Turn[Any]]) -> None:
        """Tell those whose turns are done, and let the next one lead."""
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._is_led = following is not None
        for turn in done:
            turn.is_done = True
            if turn._ready is not None:
                turn._ready.release()
        if following is not None and following._ready is not None:
            following._ready.release()
