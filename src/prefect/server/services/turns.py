"""Whose turn it is, where several servers use one database, and how it went: the table `service`.

A server that dies in its turn keeps it until the time that it was given has passed, unless another one of its machine
finds it gone. Clocks of servers differ a little
and may be set: a turn that ends later than any can was given by a clock that was put back, and counts for nothing.
"""

from __future__ import annotations

import os
import uuid
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from prefect.server.identifiers import stamp
from prefect.server.services.service import Work
from prefect.server.store.interface import Row, Store, Transaction
from prefect.server.store.statements import statement
from prefect.utilities.processes import is_alive, process_start, this_host

# A turn lasts so long unless it is prolonged: much longer than a pass, so that two servers hardly ever work at once.
HELD_SECONDS: Final = 60.0
LONGEST_ERROR: Final = 2000


class Holder(NamedTuple):
    """A process that takes turns."""

    host: str
    pid: int
    started: str | None
    number: str

    def __str__(self) -> str:
        return " ".join((self.host, str(self.pid), self.started or "-", self.number))


def this_process() -> Holder:
    """A new name for this process."""
    return Holder(this_host(), os.getpid(), process_start(os.getpid()), uuid.uuid4().hex[:8])


def began(store: Store, name: str) -> tuple[str | None, str | None]:
    """When the last pass of a service began, and whose turn it is."""
    with store.snapshot(single=True) as snapshot:
        row = snapshot.fetch_one(statement("service_began"), (name,))
    return (None, None) if row is None else (row[0], row[1])


def is_gone(holder: str) -> bool:
    """Whether a process that has the turn was one of this machine and is gone: nobody need wait for it."""
    host, pid, started, _ = holder.rsplit(" ", 3) if holder.count(" ") >= 3 else ("", "0", "-", "")
    return host == this_host() and pid.isdigit() and not is_alive(int(pid), None if started == "-" else started)


def give_back(store: Store, name: str, holder: str) -> None:
    """Take the turn from who had it."""
    store.write(lambda transaction: transaction.execute(statement("give_back_turn"), (name, holder)))


def take(store: Store, name: str, holder: str, host: str, moment: datetime, before: datetime) -> bool:
    """Take the turn, if nobody has it and the last pass began at `before` or earlier."""
    now, until = stamp(moment), stamp(moment + timedelta(seconds=HELD_SECONDS))

    def write(transaction: Transaction) -> bool:
        transaction.execute(statement("insert_service"), (name,))
        given = (name, holder, until, host, now, stamp(before))
        return transaction.execute(statement("take_turn"), given).rowcount == 1

    return store.write(write)


def prolong(store: Store, name: str, holder: str, moment: datetime) -> bool:
    """Keep the turn; False where it was lost to somebody else."""
    until = stamp(moment + timedelta(seconds=HELD_SECONDS))
    return store.write(
        lambda transaction: transaction.execute(statement("prolong_turn"), (name, holder, until)).rowcount == 1
    )


def finish(store: Store, name: str, holder: str, moment: datetime, seconds: float, work: Work) -> None:
    """Give the turn back after a pass that went well."""
    given = (name, holder, stamp(moment), seconds, work.text or None)
    store.write(lambda transaction: transaction.execute(statement("finish_turn"), given))


def fail(store: Store, name: str, holder: str, moment: datetime, error: BaseException) -> None:
    """Give the turn back after a pass that went wrong."""
    told = f"{type(error).__name__}: {error}".replace("\0", "")[:LONGEST_ERROR]
    store.write(lambda transaction: transaction.execute(statement("fail_turn"), (name, holder, stamp(moment), told)))


def every(store: Store) -> list[Row]:
    """How each service is doing."""
    with store.snapshot(single=True) as snapshot:
        return snapshot.fetch_all(statement("services"))
