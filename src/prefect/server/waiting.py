"""Who waits over HTTP: agents for runs that are due, processes for word that their run is to stop.

A waiting request is an entry in a table and a future, and holds no thread. One task asks for everybody, when something
in the database has changed and when the time of a run comes. Asynchronous like `app.py`, whose threads it asks.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from prefect.server.operations.waits import (
    LEAST_PAUSE_RATIO,
    LEAST_PAUSE_SECONDS,
    LONGEST_SECONDS,
    OFFER_SECONDS,
    Answer,
    Found,
    Place,
    Request,
    Wanted,
    admit,
    look,
)

if TYPE_CHECKING:
    from prefect.server.app import Served
    from prefect.server.catalog import Role
    from prefect.server.endpoint import Endpoint
    from prefect.server.following import Watch

# After a look that failed, the database being away, the next one waits this long.
AFTER_FAILURE_SECONDS: Final = 1.0

_logger = logging.getLogger("prefect.server")


class Waiter:
    """One who waits."""

    __slots__ = ("answer", "place")

    def __init__(self, place: Place) -> None:
        self.place = place
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def tell(self, answer: Answer) -> None:
        """End the waiting, unless it has ended."""
        if not self.answer.done():
            self.answer.set_result(answer)


class WaitingRoom:
    """Everybody who waits, in the order in which they came."""

    def __init__(self, served: Served, endpoint: Endpoint, watch: Watch) -> None:
        self.endpoint = endpoint
        self.loop = asyncio.get_running_loop()
        self._served = served
        self._watch = watch
        self._waiters: dict[Waiter, None] = {}
        self._arrived = asyncio.Event()
        self._offered: dict[str, float] = {}
        self._looking: asyncio.Task[None] | None = None

    def dismiss(self) -> None:
        """Let everybody go, without anything."""
        for waiter in self._waiters:
            waiter.tell(Answer())

    def is_used(self) -> bool:
        """Whether anybody waits, or is looked for."""
        return self._looking is not None

    async def wait(
        self, request: Request, agent_id: str | None, role: Role, ended: Iterable[asyncio.Future[Any]]
    ) -> Answer:
        """What is waited for; nothing where the time has passed or one of `ended` is done.

        Raises:
            BackendError: the request names what is not there.
        """
        waiter = Waiter(await self._served.read(self._admit, request, agent_id, role))
        self._waiters[waiter] = None
        self._arrived.set()
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look_on())
        try:
            await asyncio.wait(
                {waiter.answer, *ended},
                timeout=max(0.0, min(request.seconds, LONGEST_SECONDS)),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            del self._waiters[waiter]
            if not self._waiters:
                self._arrived.set()
        return waiter.answer.result() if waiter.answer.done() else Answer()

    def _admit(self, request: Request, agent_id: str | None, role: Role) -> Place:
        with self.endpoint.store.snapshot() as snapshot:
            return admit(snapshot, request, agent_id, role.tenant_id)

    async def _look_on(self) -> None:
        """Look again and again, as long as anybody waits."""
        loop = asyncio.get_running_loop()
        while self._waiters:
            seen, started = self._watch.count, loop.time()
            self._arrived.clear()
            self._offered = {run: when for run, when in self._offered.items() if when > started - OFFER_SECONDS}
            try:
                found = await self._served.read(look, self.endpoint.store, self._wanted())
                pause: float | None = found.seconds()
                self._tell(found, loop.time())
            except Exception:  # whoever waits asks again; the log must learn everything
                _logger.exception("It could not be looked up what is waited for.")
                pause = AFTER_FAILURE_SECONDS
            rest = max(LEAST_PAUSE_SECONDS, LEAST_PAUSE_RATIO * (loop.time() - started))
            await self._until_something_happens(seen, pause)
            if self._waiters and (left := started + rest - loop.time()) > 0:
                await asyncio.sleep(left)
        self._looking = None

    def _wanted(self) -> Wanted:
        places = [waiter.place for waiter in self._waiters if not waiter.answer.done()]
        return Wanted(
            list(dict.fromkeys(place.group for place in places if place.group is not None)),
            {place.agent_id for place in places if place.agent_id is not None},
            {place.flow_run_id for place in places if place.flow_run_id is not None},
            set(self._offered),
        )

    def _tell(self, found: Found, moment: float) -> None:
        """Tell as many of a group as there are runs for it, those first who have waited longest."""
        runs = {group: list(due) for group, due in found.due.items()}
        for waiter in list(self._waiters):
            stop = found.stops(waiter.place) if found.cancelling or found.over else []
            mine = runs.get(waiter.place.group) if waiter.place.group is not None else None
            if mine and not waiter.answer.done():
                self._offered[mine.pop()] = moment
                waiter.tell(Answer(True, stop))
            elif stop:
                waiter.tell(Answer(False, stop))

    async def _until_something_happens(self, seen: int, seconds: float | None) -> None:
        """Return when something has changed since `seen`, somebody has come, everybody has gone, or time has passed."""
        changed = asyncio.ensure_future(self._watch.wait(seen))
        arrived = asyncio.ensure_future(self._arrived.wait())
        try:
            # Not a moment too early: the time of the run must have come when it is looked at again.
            timeout = None if seconds is None else seconds + 0.001
            await asyncio.wait({changed, arrived}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (changed, arrived):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
