"""The services of a server, each in a thread of its own, from its start to its end.

A pass that fails is logged, noted in the table `service`, and tried again; it never ends the server.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from prefect.server.errors import StoreError
from prefect.server.identifiers import stamp
from prefect.server.services import turns
from prefect.server.services.service import Clock, Service
from prefect.server.store.interface import Store
from prefect.utilities.processes import this_host

# What has failed is tried again after so long, or sooner where the service works more often.
RETRY_SECONDS: Final = 60.0
# Changes come by the hundred a second; services that wait for one look at most this often.
REST_SECONDS: Final = 0.1
# A server that is told to stop waits at most this long for what looks for changes.
LOOK_SECONDS: Final = 0.5
# For passes that are under way: each ends after its next few transactions.
PATIENCE_SECONDS: Final = 5.0
# Prolonging a turn costs a transaction: not after each pass.
PROLONGED_SECONDS: Final = turns.HELD_SECONDS / 4

_logger = logging.getLogger("prefect.server.services")


def utc_now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


class Runner:
    """Runs services on a database.

    Args:
        store: the database.
        services: what to do.
        clock: what time it is; tests bring their own.
    """

    def __init__(self, store: Store, services: Iterable[Service], clock: Clock = utc_now) -> None:
        self.store = store
        self.services = tuple(services)
        self.clock = clock
        self.host = this_host()
        self.holder = str(turns.this_process())
        self._stopping = threading.Event()
        self._bells = {service.name: threading.Event() for service in self.services}
        self._failed: set[str] = set()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin; returns at once."""
        work: list[tuple[str, Callable[..., None], tuple[Service, ...]]]
        work = [(service.name, self._keep_going, (service,)) for service in self.services]
        if any(service.is_needed is not None for service in self.services):
            work.append(("changes", self._watch, ()))
        for name, target, arguments in work:
            thread = threading.Thread(target=target, args=arguments, name=f"prefect-service {name}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End, after the transactions that are under way."""
        self._stopping.set()
        for bell in self._bells.values():
            bell.set()
        end = time.monotonic() + PATIENCE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def ended(self) -> list[str]:
        """The services whose threads have ended although nobody told them to."""
        if self._stopping.is_set():
            return []
        return [thread.name.removeprefix("prefect-service ") for thread in self._threads if not thread.is_alive()]

    def _keep_going(self, service: Service) -> None:
        bell = self._bells[service.name]
        while not self._stopping.is_set():
            bell.clear()
            seconds = self.turn(service)
            bell.wait(seconds)

    def _watch(self) -> None:
        waiting = [self._bells[service.name] for service in self.services if service.is_needed is not None]
        changes = self.store.changes
        seen = changes.count
        while not self._stopping.is_set():
            if changes.wait(seen, LOOK_SECONDS):
                seen = changes.count
                for bell in waiting:
                    bell.set()
                self._stopping.wait(REST_SECONDS)

    def turn(self, service: Service) -> float:
        """Do what a service has to do now, if it is this server's turn; after how many seconds to come again."""
        try:
            return self._turn(service)
        except StoreError as error:
            # Nothing can be noted in a database that is away.
            _logger.warning("The service %s could not work: %s", service.name, error)
            return min(service.seconds, RETRY_SECONDS)

    def _turn(self, service: Service) -> float:
        store, name = self.store, service.name
        moment = self.clock()
        due = moment - timedelta(seconds=service.seconds)
        began, holder = turns.began(store, name)
        if holder is not None and holder != self.holder and turns.is_gone(holder):
            turns.give_back(store, name, holder)
            # It has begun and not finished.
            due = moment
            began = None
        if name in self._failed or self._is_needed(service, moment):
            due = moment
        elif began is not None and stamp(due) < began <= stamp(moment):
            return (datetime.fromisoformat(began) - due).total_seconds()
        if not turns.take(store, name, self.holder, self.host, moment, due):
            return min(service.seconds, RETRY_SECONDS)
        begun = prolonged = time.monotonic()
        done = []
        while True:
            try:
                work = service.work(store, self.clock)
            except Exception as error:  # whatever it is, the server goes on
                _logger.exception("The service %s has failed.", name)
                self._failed.add(name)
                turns.fail(store, name, self.holder, self.clock(), error)
                return min(service.seconds, RETRY_SECONDS)
            if work.text:
                done.append(work)
                _logger.info("%s: %s", name, work.text)
            if not work.more or self._stopping.is_set():
                break
            if time.monotonic() - prolonged > PROLONGED_SECONDS:
                prolonged = time.monotonic()
                if not turns.prolong(store, name, self.holder, self.clock()):
                    return 0.0
        self._failed.discard(name)
        last = done[-1] if done else work
        turns.finish(store, name, self.holder, self.clock(), time.monotonic() - begun, last)
        return service.seconds

    def _is_needed(self, service: Service, moment: datetime) -> bool:
        if service.is_needed is None:
            return False
        with self.store.snapshot(single=True) as snapshot:
            return service.is_needed(snapshot, stamp(moment))


@contextlib.contextmanager
def running(store: Store, services: Iterable[Service]) -> Iterator[Runner]:
    """Services that run as long as the block lasts."""
    runner = Runner(store, services)
    runner.start()
    try:
        yield runner
    finally:
        runner.stop()
