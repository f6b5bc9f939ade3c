"""Words of log lines, by which lines are found."""

from __future__ import annotations

import time
from collections.abc import Callable

from prefect.server.services.service import Clock, Service, Settings, Work
from prefect.server.store.interface import Store

# Log lines indexed in one transaction: about 10 ms.
INDEXING_BATCH = 1000
PASS_SECONDS = 0.5


def index_log_words(
    store: Store,
    *,
    batch: int = INDEXING_BATCH,
    at_most_seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Make the lines that were written since last time found by their words; False when time ran out before the end."""
    end = None if at_most_seconds is None else clock() + at_most_seconds
    while end is None or clock() < end:
        if store.index_words(batch) < batch:
            return True
    return False


def service(settings: Settings) -> Service:
    """Makes new lines found quickly; whoever searches does it too for what is missing."""

    def work(store: Store, clock: Clock) -> Work:
        finished = index_log_words(store, at_most_seconds=PASS_SECONDS)
        return Work("" if finished else "indexed log lines", more=not finished)

    return Service("log words", settings.seconds, work)
