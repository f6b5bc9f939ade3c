"""New ids and times in the forms that are stored.

Ids are UUIDs of version 7: rows made one after the other lie beside each other in every index, which is what keeps
writing cheap in a large file. Times are UTC text without trailing zeros, so that they sort as text.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime

# What is left of 128 bits behind the millisecond, the version and the variant.
_MASK = (1 << 74) - 1
# Randomness for one millisecond, and how much of it is fetched at once: each time the system is asked.
_RANDOM_BYTES = 10
_FETCHED_BYTES = 256 * _RANDOM_BYTES


class _Clockwork:
    """The last id given by this process."""

    __slots__ = ("lock", "millisecond", "number", "random")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.millisecond = 0
        self.number = 0
        self.random = b""

    def draw(self) -> int:
        """Random bits that nobody has had before."""
        if not self.random:
            self.random = os.urandom(_FETCHED_BYTES)
        drawn, self.random = self.random[-_RANDOM_BYTES:], self.random[:-_RANDOM_BYTES]
        return int.from_bytes(drawn, "big")


_state = _Clockwork()


def _forget_after_fork() -> None:
    """A child must not continue its parent's numbers."""
    _state.lock = threading.Lock()
    _state.millisecond = 0
    _state.random = b""


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


def new_ids(count: int) -> list[str]:
    """This many new ids, ascending."""
    state = _state
    with state.lock:
        millisecond = time.time_ns() // 1_000_000
        if millisecond > state.millisecond:
            state.millisecond = millisecond
            # The top bit stays free, so that counting up never runs over the end.
            state.number = state.draw() & (_MASK >> 1)
        first = state.number + 1
        state.number += count
        stamped = state.millisecond
    head = f"{stamped:012x}"
    prefix = f"{head[:8]}-{head[8:]}-7"
    ids = []
    for number in range(first, first + count):
        # 74 bits: 12 behind the version digit, 62 behind the variant bits.
        low = number & 0x3FFFFFFFFFFFFFFF
        tail = f"{low | 0x8000000000000000:016x}"
        ids.append(f"{prefix}{number >> 62:03x}-{tail[:4]}-{tail[4:]}")
    return ids


def new_id() -> str:
    """One new id."""
    return new_ids(1)[0]


def stamp(moment: datetime) -> str:
    """A moment as it is stored. One without a zone is taken for UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    elif moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    text = moment.isoformat()
    # Length 32 means a fraction of six digits: 2024-01-01T00:00:00.123450+00:00
    if len(text) == 32 and text[25] == "0":
        return text[:26].rstrip("0") + "+00:00"
    return text


def now() -> str:
    """This moment as it is stored."""
    text = datetime.now(UTC).isoformat()
    if len(text) == 32 and text[25] == "0":
        return text[:26].rstrip("0") + "+00:00"
    return text
