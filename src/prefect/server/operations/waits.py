"""What is waited for: runs that are due, and runs that are to stop. Asked again whenever something has changed.

Whoever waits is told only that there is something: an agent then asks `get_runs_in_queue`, which is the rule, and
claims by moving a run to Submitted. To be told in vain costs a question, and nobody can lose a run by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from prefect.engine.state import Cancelling, Scheduled
from prefect.server import states
from prefect.server.errors import NotFound
from prefect.server.identifiers import now
from prefect.server.operations.agents import due_runs, takes
from prefect.server.operations.base import Caller
from prefect.server.operations.runs import in_states
from prefect.server.operations.tenants import tenant_of
from prefect.server.operations.values import canonical_id, decode_json, encode_json, labels_of
from prefect.server.store.interface import Snapshot, Store
from prefect.server.store.statements import statement

# A request waits this long at most; whoever wants more asks again. Proxies end what is silent for a minute.
LONGEST_SECONDS: Final = 30.0
# Nothing is asked again before this long, nor before this many times the time that it took.
LEAST_PAUSE_SECONDS: Final = 0.05
LEAST_PAUSE_RATIO: Final = 4
# Whoever was told of a run and has not taken it by now may have gone: somebody else is told.
OFFER_SECONDS: Final = 1.0
# Who waits in a thread of its own looks so often whether the waiting is over.
SLICE_SECONDS: Final = 0.1
# So many due runs are looked at; what is behind them is found by those who ask now and then without being told.
GLANCED_AT: Final = 500

_SCHEDULED: Final = Scheduled.__name__
_CANCELLING: Final = Cancelling.__name__
_OVER: Final = in_states(states.CLOSED | states.names(Cancelling))


class Request(msgspec.Struct, frozen=True):
    """What somebody waits for, at most so many seconds.

    With labels, runs that are due for an agent that has them, and runs of that agent that are to stop; `known` are
    those that it has been told of. With `flow_run_id`, that this run is to stop, or has ended.
    """

    seconds: float = LONGEST_SECONDS
    tenant_id: str | None = None
    labels: list[str] | None = None
    known: list[str] = []
    flow_run_id: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """Whether runs are due, and which runs are to stop; neither where the time has passed."""

    due: bool = False
    stop: list[str] = []


class Group(msgspec.Struct, frozen=True):
    """Agents that are told alike: their tenant, and their labels as a sorted JSON list."""

    tenant_id: str
    labels: str


class Place(msgspec.Struct, frozen=True):
    """A request, checked: for whom it waits, and for what."""

    tenant_id: str
    group: Group | None = None
    agent_id: str | None = None
    known: frozenset[str] = frozenset()
    flow_run_id: str | None = None


class Wanted(msgspec.Struct, frozen=True):
    """What is waited for at the moment.

    `groups` wait for runs that are due, but not for those in `offered`, which others were told of a moment ago;
    `agents` for runs of theirs that are to stop; `flow_runs` are the runs that wait whether they are to stop.
    """

    groups: Collection[Group] = ()
    agents: Collection[str] = ()
    flow_runs: Collection[str] = ()
    offered: Collection[str] = ()


class Found(msgspec.Struct, frozen=True):
    """What there is of it: the due runs of each group, each run under one group alone; the runs of agents that are to
    stop, each as (run, tenant, agent); the runs that are to stop or have ended, each as (run, tenant).

    `next_due` is when the time of another run comes, and `is_left` says that there are due runs which nobody took yet.
    """

    due: Mapping[Group, list[str]]
    cancelling: Collection[tuple[str, str, str]] = ()
    over: Collection[tuple[str, str]] = ()
    next_due: str | None = None
    is_left: bool = False

    def stops(self, place: Place) -> list[str]:
        """The runs that who waits here shall stop, as far as they have not been told."""
        mine = [
            run_id
            for run_id, tenant_id, agent_id in self.cancelling
            if agent_id == place.agent_id and tenant_id == place.tenant_id and run_id not in place.known
        ]
        own = (place.flow_run_id, place.tenant_id)
        return mine + [run_id for run_id, tenant_id in self.over if (run_id, tenant_id) == own]

    def seconds(self) -> float | None:
        """How long until there is something else to be found, although nothing changes; None where there is not."""
        waits = [OFFER_SECONDS] if self.is_left else []
        if self.next_due is not None:
            waits.append(max(0.0, (datetime.fromisoformat(self.next_due) - datetime.now(UTC)).total_seconds()))
        return min(waits, default=None)


def admit(snapshot: Snapshot, request: Request, agent_id: str | None, tenant_id: str | None) -> Place:
    """A place for who asks; `tenant_id` is the one that a key binds them to.

    Raises:
        RequestError: an id has not the form of one, or is of another tenant, or of nothing.
    """
    asked = None if request.tenant_id is None else canonical_id(request.tenant_id, "tenant_id")
    if tenant_id is not None and asked not in (None, tenant_id):
        raise NotFound(f"There is no tenant {asked}.", id=asked)
    tenant_id = tenant_id or asked
    if request.flow_run_id is not None:
        run_id = canonical_id(request.flow_run_id, "flow_run_id")
        row = snapshot.fetch_one(statement("owner_of_flow_run"), (run_id,))
        if row is None or tenant_id not in (None, row[0]):
            raise NotFound(f"There is no flow run {run_id}; it may have been deleted.", id=run_id)
        return Place(row[0], flow_run_id=run_id)
    tenant_id = tenant_id or tenant_of(snapshot, Caller())
    if request.labels is None:
        return Place(tenant_id)
    group = Group(tenant_id, labels_of(request.labels))
    agent_id = None if agent_id is None else canonical_id(agent_id, "X-PREFECT-AGENT-ID")
    return Place(tenant_id, group, agent_id, frozenset(request.known))


def look(store: Store, wanted: Wanted) -> Found:
    """What there is now."""
    moment = now()
    with store.snapshot() as snapshot:
        due: dict[Group, list[str]] = {}
        next_due, is_left = None, False
        if wanted.groups:
            rows = snapshot.fetch_all(statement("due_at_a_glance"), (moment, _SCHEDULED, GLANCED_AT))
            is_left = bool(rows)
            told = set(wanted.offered)
            fresh = {(tenant_id, labels) for run_id, tenant_id, labels in rows if run_id not in told}
            for group in wanted.groups:
                if any(_could_take(group, tenant_id, labels) for tenant_id, labels in fresh):
                    runs = due_runs(snapshot, group.tenant_id, group.labels, moment)
                    if untold := [run_id for run_id in runs if run_id not in told]:
                        due[group] = untold
                        told.update(untold)
            row = snapshot.fetch_one(statement("next_due_time"), (moment, _SCHEDULED))
            next_due = None if row is None else row[0]
        cancelling: list[tuple[str, str, str]] = []
        if wanted.agents:
            agents = encode_json(sorted(wanted.agents), "agents")
            for run_id, tenant_id, agent_id in snapshot.fetch_all(
                statement("flow_runs_of_agents"), (_CANCELLING, agents)
            ):
                cancelling.append((run_id, tenant_id, agent_id))
        over: list[tuple[str, str]] = []
        if wanted.flow_runs:
            flow_runs = encode_json(sorted(wanted.flow_runs), "flow runs")
            for run_id, tenant_id in snapshot.fetch_all(statement("flow_runs_in_states"), (flow_runs, _OVER)):
                over.append((run_id, tenant_id))
    return Found(due, cancelling, over, next_due, is_left)


def _could_take(group: Group, tenant_id: str, labels: str) -> bool:
    return group.tenant_id == tenant_id and takes(decode_json(group.labels, "labels"), decode_json(labels, "labels"))


def wait_alone(
    store: Store,
    request: Request,
    agent_id: str | None,
    is_over: Callable[[], bool],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Answer:
    """The answer to one request, waited for in this thread; nothing soon after the waiting `is_over`."""
    with store.snapshot() as snapshot:
        place = admit(snapshot, request, agent_id, None)
    wanted = Wanted(
        () if place.group is None else (place.group,),
        () if place.agent_id is None else (place.agent_id,),
        () if place.flow_run_id is None else (place.flow_run_id,),
    )
    end = clock() + min(request.seconds, LONGEST_SECONDS)
    while True:
        seen, started = store.changes.count, clock()
        found = look(store, wanted)
        due, stop = bool(found.due), found.stops(place)
        left = end - clock()
        if due or stop or left <= 0:
            return Answer(due, stop)
        pause = max(LEAST_PAUSE_SECONDS, LEAST_PAUSE_RATIO * (clock() - started))
        seconds = found.seconds()
        # Not a moment too early: the time of the run must have come when it is looked at again.
        until = end if seconds is None else min(end, clock() + seconds + 0.001)
        while clock() < until and not is_over():
            if store.changes.wait(seen, min(SLICE_SECONDS, until - clock())):
                break
        if is_over():
            return Answer()
        if started + pause > clock():
            time.sleep(started + pause - clock())
