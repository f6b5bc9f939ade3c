"""Runs of whose process nothing is heard any more: rescued, started again, or failed with what is known.

Silence counts after four of the intervals in which a process has announced its heartbeat, as long as this
server has been there to hear of it. A machine that only slept finds its run moved on, and what it then proposes is
refused by version.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from prefect.engine.state import Cancelling, Pending, Retrying, Running, Scheduled, Submitted
from prefect.server import states
from prefect.server.errors import StoreError
from prefect.server.identifiers import stamp
from prefect.server.operations.base import Caller
from prefect.server.operations.flows import HEARTBEAT_SETTING, LAZARUS_SETTING
from prefect.server.operations.runs import in_states
from prefect.server.operations.states import RESCUE, Proposed, plain_state, propose_one
from prefect.server.operations.values import decode_json
from prefect.server.services.service import Clock, Service, Settings, Work, tell
from prefect.server.store.interface import Row, Snapshot, Store, Transaction
from prefect.server.store.statements import statement
from prefect.server.transitions import FLOW, TASK
from prefect.utilities.processes import is_alive, this_host

# So many heartbeats are left out before somebody is taken for gone.
INTERVALS: Final = 4
# No announced interval counts for less: one late packet is no death.
SHORTEST_SECONDS: Final = 5
NAMED: Final = 5
# So far may the clock and what has passed drift apart between two looks.
MOVED: Final = timedelta(seconds=5)

_TAKEN = in_states(states.RUNNING | states.SUBMITTED)
_WORKED_ON = frozenset({Running.__name__, Submitted.__name__})
_INTERRUPTED = in_states(_WORKED_ON)
_CONCERNED = in_states(states.SCHEDULED | states.QUEUED | _WORKED_ON)
_WAITING = in_states(states.SCHEDULED | states.QUEUED)
_BEGINNINGS = in_states(states.SCHEDULED | {Pending.__name__})


@dataclass(frozen=True, slots=True)
class Policy:
    """When somebody is taken for gone, and how often a run is started again.

    Args:
        heartbeat: what is assumed of a process that has announced no interval.
        submitted: a run that an agent has taken is to begin within this time.
        cancelling: a run that is to stop, and whose process sends no heartbeats, is to stop within this time.
        resurrections: so often is a run started again that nobody works on.
    """

    heartbeat: timedelta = timedelta(seconds=150)
    submitted: timedelta = timedelta(minutes=10)
    cancelling: timedelta = timedelta(minutes=10)
    resurrections: int = 3


class Signs(NamedTuple):
    """What is known of the process of a run."""

    state: str
    heartbeat: str | None
    state_timestamp: str | None
    last_task_move: str | None
    host: str | None
    pid: int | None
    started: str | None
    interval: int | None
    agent: str | None
    resurrected: int | None
    settings: str | None

    def is_wanted(self, setting: str) -> bool:
        """Whether the flow group has not turned this off."""
        return self.settings is None or decode_json(self.settings, "settings").get(setting) is not False

    @property
    def last(self) -> datetime | None:
        """The last sign of life."""
        found = [text for text in (self.heartbeat, self.state_timestamp, self.last_task_move) if text is not None]
        return datetime.fromisoformat(max(found)) if found else None

    @property
    def where(self) -> str:
        """The host, as far as anybody has said."""
        if self.host is not None:
            return f"process {self.pid} on {self.host}"
        return "an unknown host" if self.agent is None else f"agent {self.agent}"

    @property
    def is_free(self) -> bool:
        """Whether the run has been left to wait without a process."""
        return self.host is None and self.heartbeat is None

    def patience(self, policy: Policy) -> timedelta | None:
        """How long it may be silent; None for as long as it likes."""
        if self.state in states.SUBMITTED:
            return policy.submitted if self.is_wanted(LAZARUS_SETTING) else None
        if self.is_wanted(HEARTBEAT_SETTING):
            if self.interval is None:
                return policy.heartbeat * INTERVALS
            return timedelta(seconds=max(self.interval, SHORTEST_SECONDS)) * INTERVALS
        return policy.cancelling if self.state == Cancelling.__name__ else None

    def is_silent(self, moment: datetime, policy: Policy, listening: datetime) -> bool:
        """Whether whoever has the run is to be taken for gone; anybody has listened since `listening`."""
        patience, last = self.patience(policy), self.last
        if patience is None or last is None or moment - max(last, listening) < patience:
            return False
        # Here one can look: a process may be too busy to say anything.
        return not (self.host == this_host() and self.pid is not None and is_alive(self.pid, self.started))


class Listening:
    """Since when this server has been there to hear of runs.

    It was not before its start, nor while its database was away or its machine slept. A clock that was moved is no
    silence either: what it shows and what has passed differ then.
    """

    def __init__(self, passed: Callable[[], float] = time.monotonic) -> None:
        self._passed = passed
        self._origin: datetime | None = None
        self._since: datetime | None = None

    def since(self, moment: datetime) -> datetime:
        """Since when, as the clock shows it now."""
        origin = moment - timedelta(seconds=self._passed())
        if self._since is None or self._origin is None or abs(origin - self._origin) > MOVED:
            self._since = moment
        self._origin = origin
        return self._since

    def was_away(self) -> None:
        """Begin anew at the next question."""
        self._since = None


EVER: Final = datetime.min.replace(tzinfo=UTC)


def rescue_silent_runs(
    store: Store, clock: Clock, policy: Policy | None = None, listening: datetime = EVER
) -> list[str]:
    """What has to be done about runs that are silent, each in a transaction of its own; the ids of those.

    Silence before `listening` does not count.
    """
    policy = policy or Policy()
    moment = clock()
    shortest = stamp(moment - timedelta(seconds=SHORTEST_SECONDS) * INTERVALS)
    with store.snapshot(single=True) as snapshot:
        quiet = snapshot.fetch_all(statement("quiet_flow_runs"), (_TAKEN, shortest))
        if not quiet:
            return []
    silent = []
    with store.snapshot() as snapshot:
        for (run_id,) in quiet:
            row = snapshot.fetch_one(statement("signs_of_life"), (run_id,))
            if (
                row is not None
                and Signs(*row).is_silent(moment, policy, listening)
                and not _is_left_to_wait(snapshot, run_id, row)
            ):
                silent.append(run_id)
    rescued = []
    for run_id in silent:
        caller = Caller(author=RESCUE)

        def write(transaction: Transaction, run_id: str = run_id, caller: Caller = caller) -> bool:
            caller.begin_again()
            return _rescue(transaction, run_id, moment, policy, listening, caller)

        if store.write(write):
            rescued.append(run_id)
            tell(store, caller)
    return rescued


def _is_left_to_wait(snapshot: Snapshot, run_id: str, row: Row) -> bool:
    """Whether a run has no process because it waits for a time or a person, and does."""
    waits = {state for (state,) in snapshot.fetch_all(statement("waiting_task_states"), (run_id, _CONCERNED))}
    return Signs(*row).is_free and bool(waits) and not waits & _WORKED_ON


def _rescue(
    transaction: Transaction, run_id: str, moment: datetime, policy: Policy, listening: datetime, caller: Caller
) -> bool:
    transaction.lock_flow_runs((run_id,))
    row = transaction.fetch_one(statement("signs_of_life"), (run_id,))
    if row is None:
        return False
    signs = Signs(*row)
    # It may have said something since we looked.
    if signs.state not in states.RUNNING | states.SUBMITTED or not signs.is_silent(moment, policy, listening):
        return False
    silence = f"{signs.where}, last sign of life {signs.heartbeat or signs.state_timestamp}"
    if signs.state == Cancelling.__name__:
        message = f"The flow run was to be cancelled, and nothing is heard of its process any more ({silence})."
        _move(transaction, run_id, plain_state("Cancelled", message), caller)
        return True
    if signs.state in states.SUBMITTED:
        _start_again(
            transaction, run_id, signs, moment, policy, f"It was submitted and never began ({silence})", caller
        )
        return True
    names, has_failed = _rescue_task_runs(transaction, run_id, moment, silence, caller)
    if transaction.fetch_all(statement("waiting_task_states"), (run_id, _WAITING)):
        # Whoever looks for runs is given it when their time has come, or a person has said so.
        transaction.execute(statement("free_flow_run"), (run_id,))
        return bool(names)
    if has_failed:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        doing = f"{', '.join(names[:NAMED])}{more}"
        message = f"Nothing is heard any more of the process that executed this run ({silence}; running: {doing})."
        _move(transaction, run_id, plain_state("Failed", message, context={"rescued": True}), caller, "rescue")
        return True
    why = f"Nothing is heard any more of the process that executed this run ({silence}; no task was running)"
    _start_again(transaction, run_id, signs, moment, policy, why, caller)
    return True


def _rescue_task_runs(
    transaction: Transaction, run_id: str, moment: datetime, silence: str, caller: Caller
) -> tuple[list[str], bool]:
    """Let the task runs that were being worked on be tried again, or fail them; their names, and whether any failed."""
    names = []
    has_failed = False
    for task_run in transaction.fetch_all(statement("interrupted_task_runs"), (run_id, _INTERRUPTED)):
        task_run_id, state, most, slug, index = task_run
        name = slug if index < 0 else f"{slug}[{index}]"
        names.append(name)
        tries = _tries(transaction, task_run_id)
        now = stamp(moment)
        gone = f"Nothing is heard any more of the process that ran the task {name} ({silence})"
        if state == Submitted.__name__:
            # Nobody has begun with it: no try is used up.
            message = f"Taken by somebody of whom nothing is heard any more ({silence}); waits again."
            retried = {"run_count": tries - 1, "start_time": now} if tries > 1 else {"start_time": now}
            kind = Retrying.__name__ if tries > 1 else Scheduled.__name__
            proposed = plain_state(kind, message, **retried)
            move = None
        elif tries <= most:
            message = f"{gone}; it was try {tries} of {most + 1}."
            proposed = plain_state(Retrying.__name__, message, run_count=tries, start_time=now)
            move = None
        else:
            proposed = plain_state("Failed", f"{gone}.", context={"rescued": True})
            move, has_failed = "rescue", True
        propose_one(transaction, TASK, proposed._replace(run_id=task_run_id, move=move), caller)
    return names, has_failed


def _tries(transaction: Transaction, task_run_id: str) -> int:
    """Which try of a task run this is; 1 is the first."""
    row = transaction.fetch_one(statement("beginnings_of_task_run"), (task_run_id, _BEGINNINGS))
    if row is None or row[0] != Retrying.__name__:
        return 1
    count: Any = decode_json(row[1], "The stored state").get("run_count")
    return 1 + (count if isinstance(count, int) else 1)


def _start_again(
    transaction: Transaction, run_id: str, signs: Signs, moment: datetime, policy: Policy, why: str, caller: Caller
) -> None:
    times = signs.resurrected or 0
    if not signs.is_wanted(LAZARUS_SETTING):
        failed = f"{why}, and its flow is not to be started again by itself."
    elif times >= policy.resurrections:
        failed = f"{why}. It was started again {times} times already: look at the agents' logs, then restart it."
    else:
        message = f"{why}; starting again, time {times + 1} of {policy.resurrections}."
        _move(transaction, run_id, plain_state(Scheduled.__name__, message, start_time=stamp(moment)), caller)
        transaction.execute(statement("resurrect_flow_run"), (run_id,))
        return
    _move(transaction, run_id, plain_state("Failed", failed, context={"rescued": True}), caller, "rescue")


def _move(transaction: Transaction, run_id: str, proposed: Proposed, caller: Caller, move: str | None = None) -> None:
    propose_one(transaction, FLOW, proposed._replace(run_id=run_id, move=move), caller)


def service(settings: Settings) -> Service:
    """Rescues them."""
    values = settings.values
    policy = Policy(
        timedelta(seconds=float(values["heartbeat_seconds"])),
        timedelta(seconds=float(values["submitted_seconds"])),
        timedelta(seconds=float(values["cancelling_seconds"])),
        int(values["resurrections"]),
    )

    listening = Listening()

    def work(store: Store, clock: Clock) -> Work:
        try:
            rescued = rescue_silent_runs(store, clock, policy, listening.since(clock()))
        except StoreError:
            listening.was_away()
            raise
        return Work.of(len(rescued), "run", "of which nothing was heard: rescued")

    return Service("silent runs", settings.seconds, work)
