"""What a service of the server is: a name, how often it works, and what it does in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prefect.server.identifiers import now
from prefect.server.metrics import METRICS
from prefect.server.operations.base import Caller
from prefect.server.store.interface import Snapshot, Store
from prefect.server.store.statements import statement

# The moment it is, in UTC.
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Work:
    """What a pass has done, in words for people, empty where there was nothing to do.

    With `more` it has stopped before the end, so that others had their turn, and is to go on at once.
    """

    text: str = ""
    more: bool = False

    @classmethod
    def of(cls, count: int, noun: str, what: str, *, more: bool = False) -> Work:
        """`3 runs older than ...`; nothing for a count of 0."""
        return cls(f"{count} {noun}{'' if count == 1 else 's'} {what}" if count else "", more)


@dataclass(frozen=True, slots=True)
class Service:
    """Something that the server does without being asked.

    Args:
        name: how people call it.
        seconds: a pass begins this long after the one before began.
        work: one pass, in transactions that hold nobody up. Several servers take turns, yet a pass may be broken off
            anywhere and begin again in another process: what it has done must be seen in the database.
        is_needed: whether there is work before the time has come, at this moment as it is stored; asked whenever
            something has changed.
    """

    name: str
    seconds: float
    work: Callable[[Store, Clock], Work]
    is_needed: Callable[[Snapshot, str], bool] | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the configuration says of one service; a table below server.services."""

    values: Mapping[str, Any]

    @property
    def enabled(self) -> bool:
        return bool(self.values["enabled"])

    @property
    def seconds(self) -> float:
        """How often it works."""
        return float(self.values["seconds"])


def tell(store: Store, caller: Caller) -> None:
    """Let hooks tell what has been kept, and count it."""
    METRICS.moved(caller.moves, caller.log_lines)
    caller.moves.clear()
    if caller.deliveries:
        from prefect.server.services import delivery

        delivery.DELIVERY.ring(store)


def tell_what_is_left(store: Store) -> None:
    """Let hooks tell what an earlier process wrote and did not tell; returns at once."""
    with store.snapshot(single=True) as snapshot:
        is_due = snapshot.fetch_one(statement("is_delivery_due"), (now(),)) is not None
    if is_due:
        from prefect.server.services import delivery

        delivery.DELIVERY.ring(store)
