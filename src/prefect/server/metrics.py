"""What a server counts of itself, and how Prometheus reads it: `/metrics`.

Every series is known beforehand: what a request may choose (names of runs, of keys, of anything) is never a label, so
that no client can make a server remember more and more. Counts are kept in one block of memory, in which each worker of
a server has a part of its own; whichever of them is asked adds up all of them.
"""

from __future__ import annotations

import bisect
import mmap
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

from prefect.server import states

# Seconds. Most answers take less than a millisecond, and nobody waits for longer than the last.
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

OK: Final = "ok"
REFUSED: Final = "refused"
FAULT: Final = "fault"

# What is asked where no mutation is.
QUERY: Final = "query"
SUBSCRIPTION: Final = "subscription"
BATCH: Final = "batch"
UNKNOWN: Final = "unknown"
# Whoever waits for something by a long poll.
WAIT: Final = "wait"
# Why somebody was turned away: without a key where one is required, with a text that is no key of ours, with a key that
# is not known or not any more, with one that has expired or is of another tenant, with a login that has ended.
MISSING: Final = "missing"
FOREIGN: Final = "foreign"
NOT_KNOWN: Final = "unknown"
EXPIRED: Final = "expired"
OTHER_TENANT: Final = "other_tenant"
LOGGED_OUT: Final = "logged_out"

_BYTES: Final = 8


class Family(NamedTuple):
    """Series of one name: what they say, which labels they have, and the values that each label can have."""

    name: str
    kind: str
    help: str
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def every(self) -> Iterator[tuple[str, ...]]:
        """The values of the labels of every series."""
        return product(*(values for _, values in self.labels))

    def text(self, key: Sequence[str], suffix: str = "", more: str = "") -> str:
        """A series as it is written."""
        return series(self.name + suffix, zip((name for name, _ in self.labels), key, strict=True), more)


def series(name: str, labels: Iterable[tuple[str, str]], more: str = "") -> str:
    """A series as it is written; the values of its labels are any text."""
    written = [f'{label}="{_escaped(value)}"' for label, value in labels]
    if more:
        written.append(more)
    return f"{name}{{{','.join(written)}}}" if written else name


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


_STATES: Final = tuple(sorted(states.EVERY - {"_MetaState"}))
_RUNS: Final = ("flow_run", "task_run")

TRANSITIONS: Final = Family(
    "quaestor_transitions_total", "counter", "Moves of runs that were kept.", (("run", _RUNS), ("state", _STATES))
)
LOG_LINES: Final = Family("quaestor_log_lines_total", "counter", "Log lines that were kept.")
DATABASE_SECONDS: Final = Family(
    "quaestor_database_seconds_total",
    "counter",
    "Time spent in the database and waiting for a turn there.",
    (("kind", ("read", "write")),),
)
DATABASE_USES: Final = Family(
    "quaestor_database_uses_total", "counter", "Snapshots and transactions.", (("kind", ("read", "write")),)
)
DATABASE_ERRORS: Final = Family(
    "quaestor_database_errors_total", "counter", "Requests that the database could not carry out."
)
SUBSCRIPTIONS: Final = Family("quaestor_subscriptions", "gauge", "Subscriptions that are being followed.")
WAITING: Final = Family("quaestor_requests_in_progress", "gauge", "Requests that have come and are not yet answered.")
LONG_POLLS: Final = Family("quaestor_long_polls", "gauge", "Agents and runs that wait for something to happen.")
TURNED_AWAY: Final = Family(
    "quaestor_turned_away_total",
    "counter",
    "Requests whose API key opens nothing.",
    (("reason", (MISSING, FOREIGN, NOT_KNOWN, EXPIRED, OTHER_TENANT, LOGGED_OUT)),),
)


class Metrics:
    """The counts of a process, and of those that share them with it."""

    def __init__(self) -> None:
        # By name of the first root field; made when the server starts, since operations are known only then.
        self.requests: Family | None = None
        self._seconds = Family(
            "quaestor_request_seconds",
            "histogram",
            "From the first byte of a request to the last of its answer.",
            (("kind", (QUERY, "mutation")),),
        )
        self._families: list[Family] = [
            TRANSITIONS,
            LOG_LINES,
            DATABASE_SECONDS,
            DATABASE_USES,
            DATABASE_ERRORS,
            SUBSCRIPTIONS,
            WAITING,
            LONG_POLLS,
            TURNED_AWAY,
        ]
        self._places: dict[tuple[str, tuple[str, ...]], int] = {}
        self._histograms: dict[str, int] = {}
        self._size = 0
        self._shared: mmap.mmap | None = None
        self._parts = 1
        for family in self._families:
            self._place(family)
        self._lay_out()
        self._renew_lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew_lock)

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()

    def _place(self, family: Family) -> None:
        for key in family.every():
            self._places[family.name, key] = self._size
            self._size += 1

    def _lay_out(self) -> None:
        self._shared = mmap.mmap(-1, self._size * self._parts * _BYTES)
        self._all = memoryview(self._shared).cast("d")
        self.be(0)

    def serve(self, mutations: Iterable[str], workers: int = 1) -> None:
        """Begin to count requests, for so many processes that are forked after this; earlier counts are forgotten."""
        if self.requests is None:
            statuses = (OK, REFUSED, FAULT)
            self.requests = Family(
                "quaestor_requests_total",
                "counter",
                "Requests that were answered.",
                (("operation", (*sorted(mutations), QUERY, SUBSCRIPTION, BATCH, WAIT, UNKNOWN)), ("status", statuses)),
            )
            self._families.insert(0, self.requests)
            self._place(self.requests)
            for kind in self._seconds.labels[0][1]:
                self._histograms[kind] = self._size
                # A count for each bucket and beyond the last, and the sum.
                self._size += len(BUCKETS) + 2
        self._parts = workers
        self._lay_out()

    def be(self, part: int) -> None:
        """Count in this part from now on; what its gauges say was true of a process that is gone."""
        self._mine = self._all[part * self._size : (part + 1) * self._size]
        for gauge in (SUBSCRIPTIONS, WAITING, LONG_POLLS):
            self._mine[self._places[gauge.name, ()]] = 0.0

    # -- counting

    def add(self, family: Family, *key: str, by: float = 1.0) -> None:
        """Count on."""
        with self._lock:
            self._mine[self._places[family.name, key]] += by

    def moved(self, moves: Iterable[tuple[str, str]], log_lines: int) -> None:
        """Count what was kept: moves, as run and state, and log lines."""
        name, places, mine = TRANSITIONS.name, self._places, self._mine
        with self._lock:
            for key in moves:
                mine[places[name, key]] += 1.0
            if log_lines:
                mine[places[LOG_LINES.name, ()]] += log_lines

    def used(self, kind: str, seconds: float) -> None:
        """Count a use of the database."""
        places, mine, key = self._places, self._mine, (kind,)
        with self._lock:
            mine[places[DATABASE_SECONDS.name, key]] += seconds
            mine[places[DATABASE_USES.name, key]] += 1.0

    def subscribed(self, once: bool) -> None:
        """Count who follows something; a question that came the same way is answered once."""
        if self.requests is not None and not once:
            self.add(self.requests, SUBSCRIPTION, OK)
            self.add(SUBSCRIPTIONS)

    def unsubscribed(self, once: bool) -> None:
        """Count who follows it no more."""
        if self.requests is not None and not once:
            self.add(SUBSCRIPTIONS, by=-1.0)

    def answered(self, operation: str, status: str, seconds: float) -> None:
        """Count a request; those of operations that nobody knows are counted together.

        Who waits is answered late on purpose: that says nothing of how quick the server is.
        """
        if self.requests is None:
            return
        places, mine = self._places, self._mine
        place = places.get((self.requests.name, (operation, status)))
        if place is None:
            place = places[self.requests.name, (UNKNOWN, status)]
        start = self._histograms[QUERY if operation == QUERY else "mutation"]
        bucket = start + bisect.bisect_left(BUCKETS, seconds)
        with self._lock:
            mine[place] += 1.0
            if operation != WAIT:
                mine[bucket] += 1.0
                mine[start + len(BUCKETS) + 1] += seconds

    def knows(self, operation: str) -> bool:
        """Whether requests of this name are counted under it."""
        return self.requests is not None and (self.requests.name, (operation, OK)) in self._places

    # -- telling

    def value(self, family: Family, *key: str) -> float:
        """What all who share the counts have counted."""
        return self._sum(self._places[family.name, key])

    def _sum(self, place: int) -> float:
        return sum(self._all[place + part * self._size] for part in range(self._parts))

    def lines(self) -> Iterator[str]:
        """Everything, as Prometheus reads it. Series that have counted nothing are left out where there are many."""
        for family in self._families:
            yield from heading(family.name, family.kind, family.help)
            for key in family.every():
                value = self.value(family, *key)
                if value or not family.labels:
                    yield f"{family.text(key)} {number(value)}"
        if self.requests is not None:
            yield from heading(self._seconds.name, self._seconds.kind, self._seconds.help)
            for kind, start in self._histograms.items():
                yield from self._histogram((kind,), start)
        yield from heading("quaestor_workers", "gauge", "Processes that answer requests.")
        yield f"quaestor_workers {self._parts}"

    def _histogram(self, key: tuple[str, ...], start: int) -> Iterator[str]:
        family, count = self._seconds, 0.0
        for place, bound in enumerate([*map(number, BUCKETS), "+Inf"]):
            count += self._sum(start + place)
            at_most = f'le="{bound}"'
            yield f"{family.text(key, '_bucket', at_most)} {number(count)}"
        yield f"{family.text(key, '_sum')} {number(self._sum(start + len(BUCKETS) + 1))}"
        yield f"{family.text(key, '_count')} {number(count)}"


def heading(name: str, kind: str, help: str) -> tuple[str, str]:
    """What stands above the series of a name."""
    return f"# HELP {name} {help}", f"# TYPE {name} {kind}"


def number(value: float) -> str:
    """A value as it is written."""
    return str(int(value)) if value == int(value) else repr(value)


METRICS: Final = Metrics()
