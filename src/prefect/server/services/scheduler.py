"""Clocks become runs ahead of time: each event once, over restarts, several servers and clocks that are set.

How far a schedule is dealt with is kept beside the flow (`flow_schedule.planned_until`), and each run carries the key
of its event, so that no event is left out and none comes twice. What a pass works out, it works out without holding
anybody up; it is written in small transactions, each only if the schedule is still the one that was read.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from prefect.exceptions import ValidationError
from prefect.schedules.clocks import ClockEvent
from prefect.schedules.schedules import Schedule
from prefect.serialization.schedule import load_schedule
from prefect.server.errors import BackendError
from prefect.server.identifiers import new_ids, stamp
from prefect.server.operations.base import DEFINITIONS
from prefect.server.operations.runs import NewFlowRun, insert_flow_runs, labels_of_flow, new_name, values_of_run
from prefect.server.operations.values import encode_json, labels_of
from prefect.server.services.service import Clock, Service, Settings, Work
from prefect.server.store.interface import Row, Snapshot, Store, Transaction
from prefect.server.store.statements import statement

KEY: Final = "auto-scheduled:"
# By whom history says that the runs were made.
AUTHOR: Final = "service scheduler"
# So many schedules are looked at in a pass; then others have their turn, and it goes on.
EXAMINED: Final = 500
# Runs that are written in one transaction: about 15 ms.
WRITTEN: Final = 100
# Clocks of servers differ by less; one that is further behind was put back.
TOLERANCE: Final = timedelta(minutes=1)
# Events that passed a shorter time ago are on time, and none is left out.
ON_TIME: Final = timedelta(minutes=1)
# A schedule that cannot be planned is tried again after so long.
TROUBLE: Final = timedelta(hours=1)
MISSED: Final = ("none", "latest", "all")

_logger = logging.getLogger("prefect.server.services")


@dataclass(frozen=True, slots=True)
class Policy:
    """How far ahead runs are planned, and what becomes of events that nobody planned in time.

    Args:
        runs_ahead: so many of a flow's next events have a run.
        horizon: no run is planned further ahead.
        missed: of the events that passed while no server planned: none is run, the latest of each clock, or all.
        missed_within: those that passed longer ago are given up.
    """

    runs_ahead: int = 10
    horizon: timedelta = timedelta(days=366)
    missed: str = "latest"
    missed_within: timedelta = timedelta(days=1)

    def __post_init__(self) -> None:
        if self.missed not in MISSED:
            raise ValueError(f"server.services.scheduler.missed is one of {', '.join(MISSED)}, not {self.missed!r}.")
        if self.runs_ahead < 1:
            raise ValueError(f"server.services.scheduler.runs_ahead must be 1 or more, not {self.runs_ahead}.")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What follows from a schedule at a moment: events that need a run, up to when all are dealt with, and when to look
    again; None when no event will come any more."""

    events: tuple[ClockEvent, ...]
    planned_until: datetime
    look_again: datetime | None


def look_ahead(schedule: Schedule, planned_until: datetime, moment: datetime, policy: Policy) -> Outlook:
    """What to plan now of a schedule that is planned up to some time. Pure."""
    found: list[ClockEvent] = []
    if planned_until < moment:
        found.extend(_missed(schedule, max(planned_until, moment - policy.missed_within), moment, policy.missed))
    strikes: list[datetime] = []
    for when, event in schedule.adjusted_events(after=moment):
        strike = when.astimezone(UTC)
        # What strikes at one time is planned together: `planned_until` is a time.
        if len(strikes) >= policy.runs_ahead and strike != strikes[-1]:
            break
        if strike > moment + policy.horizon:
            last = max([planned_until, moment, *strikes[-1:]])
            return Outlook(tuple(found), last, strike - policy.horizon)
        strikes.append(strike)
        if strike > planned_until:
            found.append(event)
    last = max([planned_until, moment, *strikes[-1:]])
    if len(strikes) < policy.runs_ahead:
        return Outlook(tuple(found), last, None)
    # When half of them have passed: looking after each one would cost twice as much.
    return Outlook(tuple(found), last, strikes[policy.runs_ahead - policy.runs_ahead // 2 - 1])


def _missed(schedule: Schedule, since: datetime, moment: datetime, policy: str) -> list[ClockEvent]:
    if policy == "none":
        since = max(since, moment - ON_TIME)
    found: list[ClockEvent] = []
    latest: dict[str, ClockEvent] = {}
    for when, event in schedule.adjusted_events(after=since):
        strike = when.astimezone(UTC)
        if strike > moment:
            break
        if policy == "latest" and strike <= moment - ON_TIME:
            latest[_own_values(event)] = event
        else:
            latest.pop(_own_values(event), None)
            found.append(event)
    return [*latest.values(), *found]


def _own_values(event: ClockEvent) -> str:
    """The parameters and labels that only the runs of one clock have; empty where there are none."""
    if not event.parameter_defaults and event.labels is None:
        return ""
    return json.dumps([event.parameter_defaults, event.labels], sort_keys=True, default=repr)


def key_of(event: ClockEvent) -> str:
    """What tells the run of an event from every other run of its flow."""
    own = _own_values(event)
    key = KEY + stamp(event.start_time)
    return f"{key}:{hashlib.sha256(own.encode()).hexdigest()[:32]}" if own else key


@dataclass(frozen=True, slots=True)
class _Planned:
    """What is to be written of one flow."""

    flow_id: str
    name: str
    revision: str
    known_until: str
    planned_until: str
    look_again: str | None
    runs: tuple[NewFlowRun, ...]
    error: str | None


@lru_cache(maxsize=2048)
def _schedule(text: str) -> Schedule:
    return load_schedule(json.loads(text))


def plan(store: Store, clock: Clock, policy: Policy | None = None) -> Work:
    """One pass: plan what is due, at most so many flows."""
    policy = policy or Policy()
    moment = clock()
    with store.snapshot(single=True) as snapshot:
        given = (stamp(moment), stamp(moment + TOLERANCE), EXAMINED)
        rows = snapshot.fetch_all(statement("due_schedules"), given)
    made = flows = 0
    for part in _parts(_plan(row, moment, policy) for row in rows):
        count = store.write(lambda transaction, part=part: _write(transaction, part, stamp(moment)))  # type: ignore[misc]
        made += count
        flows += len(part)
    return Work.of(made, "run", "planned", more=len(rows) == EXAMINED)


def _parts(planned: Iterator[_Planned]) -> Iterator[list[_Planned]]:
    """Cut so that each is a short transaction."""
    part: list[_Planned] = []
    size = 0
    for each in planned:
        # A row without runs is an update alone.
        weight = 1 + 4 * len(each.runs)
        if part and size + weight > 4 * WRITTEN:
            yield part
            part, size = [], 0
        part.append(each)
        size += weight
    if part:
        yield part


def _plan(row: Row, moment: datetime, policy: Policy) -> _Planned:
    flow_id, tenant_id, revision, until, looked_at, text, name, *made_from = row
    known = datetime.fromisoformat(until)
    if datetime.fromisoformat(looked_at) > moment + TOLERANCE:
        # The clock was put back: what was left out for being past is to come now. What has a run is found by its key.
        known = moment
    if text is None:
        return _Planned(flow_id, name, revision, until, stamp(max(known, moment)), None, (), None)
    try:
        outlook = look_ahead(_schedule(text), known, moment, policy)
        runs = tuple(_runs(flow_id, tenant_id, outlook.events, made_from))
    except (BackendError, ValidationError, ValueError, TypeError, OverflowError) as error:
        _logger.warning("No runs of the flow %s (%s) can be planned: %s", name, flow_id, error)
        again = stamp(moment + TROUBLE)
        return _Planned(flow_id, name, revision, until, until, again, (), str(error).replace("\0", "")[:2000])
    look_again = None if outlook.look_again is None else stamp(outlook.look_again)
    return _Planned(flow_id, name, revision, until, stamp(outlook.planned_until), look_again, runs, None)


def _runs(
    flow_id: str, tenant_id: str | None, events: tuple[ClockEvent, ...], made_from: list[Any]
) -> Iterator[NewFlowRun]:
    declared, environment, run_config, group_labels, group_defaults, group_run_config = made_from
    plain_labels = labels_of_flow(group_labels, group_run_config, run_config, environment)
    for run_id, event in zip(new_ids(len(events)), events, strict=True):
        values = values_of_run(declared, group_defaults or "{}", event.parameter_defaults)
        yield NewFlowRun(
            run_id,
            tenant_id,
            flow_id,
            encode_json(values, "parameters"),
            stamp(event.start_time),
            new_name(),
            plain_labels if event.labels is None else labels_of(event.labels),
            group_run_config if group_run_config is not None else run_config,
            idempotency_key=key_of(event),
            auto_scheduled=True,
        )


def _write(transaction: Transaction, planned: list[_Planned], moment: str) -> int:
    """Write what was worked out, of each flow whose schedule is still the same; how many runs."""
    transaction.lock(DEFINITIONS, shared=True)
    current = transaction.fetch_each(statement("schedule_revision"), [(each.flow_id,) for each in planned])
    same = [each for each, row in zip(planned, current, strict=True) if row == (each.revision, each.known_until)]
    runs = [run for each in same for run in each.runs]
    keys = [(run.idempotency_key, run.flow_id) for run in runs]
    there = transaction.fetch_each(statement("flow_run_by_key"), keys) if keys else []
    # Two events of one clock can be moved to one time: that is one run.
    missing = {key: run for key, run, row in zip(keys, runs, there, strict=True) if row is None}
    if missing:
        insert_flow_runs(transaction, list(missing.values()), moment, AUTHOR)
    if same:
        transaction.execute_many(
            statement("schedule_planned"),
            [(each.flow_id, each.planned_until, moment, each.look_again, each.error) for each in same],
        )
    return len(missing)


def is_needed(snapshot: Snapshot, moment: str) -> bool:
    """Whether a schedule has changed, or the time of one has come."""
    put_back = stamp(datetime.fromisoformat(moment) + TOLERANCE)
    return snapshot.fetch_one(statement("is_schedule_due"), (moment, put_back)) is not None


def service(settings: Settings) -> Service:
    """Plans runs of active schedules."""
    values = settings.values
    policy = Policy(
        int(values["runs_ahead"]),
        timedelta(days=float(values["horizon_days"])),
        str(values["missed"]),
        timedelta(hours=float(values["missed_within_hours"])),
    )
    return Service("scheduler", settings.seconds, lambda store, clock: plan(store, clock, policy), is_needed)
