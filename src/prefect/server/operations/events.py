"""What happens to flow runs and agents, as hooks and automations are told of it, and who wants to be told."""

from __future__ import annotations

import fnmatch
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, NamedTuple

import msgspec

from prefect.server import states as groups
from prefect.server.errors import BadInput, NotFound
from prefect.server.identifiers import stamp
from prefect.server.operations.values import UUID, canonical_id, clean_text, decode_json
from prefect.server.store.interface import Row, Snapshot, Transaction
from prefect.server.store.statements import statement

Event = dict[str, Any]

LONGEST_PATTERN: Final = 200
# Of the message of a state, which may be a whole traceback: what is told is kept once for each hook.
LONGEST_MESSAGE: Final = 10_000
MOST_IN_A_FILTER: Final = 100


class EventKind(Enum):
    """What sets an automation off."""

    STATE_CHANGE = "STATE_CHANGE"
    LATE_START = "LATE_START"
    LATE_FINISH = "LATE_FINISH"
    AGENT_UNHEALTHY = "AGENT_UNHEALTHY"


# What the events are called that are sent; the first as it was in 1.x.
NAMES: Final = {
    EventKind.STATE_CHANGE: "flow_run_state_changed",
    EventKind.LATE_START: "flow_run_started_late",
    EventKind.LATE_FINISH: "flow_run_finished_late",
    EventKind.AGENT_UNHEALTHY: "agent_unhealthy",
}


class RunFacts(NamedTuple):
    """A flow run as people and filters see it."""

    id: str
    name: str | None
    labels: str
    auto_scheduled: bool
    scheduled_start_time: str | None
    start_time: str | None
    end_time: str | None
    state: str
    state_message: str | None
    state_timestamp: str | None
    flow_id: str
    flow_name: str
    flow_version: int | None
    flow_group_id: str | None
    version_group_id: str | None
    project_id: str | None
    project_name: str | None
    depth: int

    @classmethod
    def of(cls, row: Row) -> RunFacts:
        return cls(*row)


def facts_of_run(reader: Transaction | Snapshot, run_id: str) -> RunFacts | None:
    """What is known of a run; None where there is none."""
    row = reader.fetch_one(statement("run_for_people"), (run_id,))
    return None if row is None else RunFacts.of(row)


class RunFilter(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Which runs are meant: those to which everything applies that is given."""

    flow_group_ids: list[UUID] | None = None
    project_ids: list[UUID] | None = None
    # A run has all of these.
    labels: list[str] | None = None
    # `*` stands for any text, `?` for one character.
    flow_run_name: str | None = None
    only_final: bool = False
    only_scheduled: bool = False

    def matches(self, run: RunFacts) -> bool:
        """Whether a run is meant, in the state in which it is."""
        if self.only_final and run.state not in groups.CLOSED:
            return False
        if self.only_scheduled and not run.auto_scheduled:
            return False
        if self.flow_group_ids is not None and run.flow_group_id not in self.flow_group_ids:
            return False
        if self.project_ids is not None and run.project_id not in self.project_ids:
            return False
        if self.labels and not set(self.labels) <= set(decode_json(run.labels, "labels")):
            return False
        return self.flow_run_name is None or fnmatch.fnmatchcase(run.name or "", self.flow_run_name)


def checked_filter(transaction: Transaction, given: RunFilter | None, tenant_id: str) -> RunFilter:
    """A filter as it is kept, whose flow groups and projects are the tenant's."""
    if given is None:
        return RunFilter()
    lists = [given.flow_group_ids, given.project_ids, given.labels]
    if any(values is not None and not 1 <= len(values) <= MOST_IN_A_FILTER for values in lists):
        raise BadInput(f"A list in a filter has 1 to {MOST_IN_A_FILTER} items; leave it out where it does not matter.")
    if given.flow_run_name is not None and len(given.flow_run_name) > LONGEST_PATTERN:
        raise BadInput(f"The pattern of a name has at most {LONGEST_PATTERN} characters.")
    return RunFilter(
        _owned(transaction, given.flow_group_ids, "flow_group", tenant_id),
        _owned(transaction, given.project_ids, "project", tenant_id),
        None if given.labels is None else sorted({clean_text(label) for label in given.labels}),
        None if given.flow_run_name is None else clean_text(given.flow_run_name),
        given.only_final,
        given.only_scheduled,
    )


def _owned(transaction: Transaction, given: list[str] | None, table: str, tenant_id: str) -> list[str] | None:
    return None if given is None else [owned(transaction, value, table, tenant_id) for value in given]


def owned(transaction: Transaction, given: str, table: str, tenant_id: str) -> str:
    """The id of a row that is the tenant's."""
    row_id = canonical_id(given, f"{table}_id")
    row = transaction.fetch_one(statement(f"owner_of_{table}"), (row_id,))
    if row is None or row[0] != tenant_id:
        raise NotFound(f"There is no {table.replace('_', ' ')} {row_id}.", id=row_id)
    return row_id


def state_named(given: str) -> str:
    """The name of a state, however it is written."""
    for name in groups.EVERY:
        if name.lower() == given.lower() and not name.startswith("_"):
            return name
    raise BadInput(f"{given!r} is the name of no state.")


def event_of_run(run: RunFacts, kind: EventKind, timestamp: str, seconds: float | None = None) -> Event:
    """What is told of a run."""
    event: Event = {
        "event": NAMES[kind],
        "flow_run_id": run.id,
        "flow_run_name": run.name,
        "flow_name": run.flow_name,
        "state": run.state,
        "state_message": None if run.state_message is None else _short(run.state_message),
        "timestamp": timestamp,
        "flow_id": run.flow_id,
        "flow_version": run.flow_version,
        "flow_group_id": run.flow_group_id,
        "project_name": run.project_name,
        "scheduled_start_time": run.scheduled_start_time,
        "start_time": run.start_time,
        "end_time": run.end_time,
    }
    if seconds is not None:
        event["seconds"] = _plain(seconds)
    return {**event, "text": text_of(event)}


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + "..."


def event_of_agent(agent_id: str, name: str | None, asked: str, timestamp: str, seconds: float) -> Event:
    """What is told of an agent that has not asked for runs for so long."""
    event: Event = {
        "event": NAMES[EventKind.AGENT_UNHEALTHY],
        "agent_id": agent_id,
        "agent_name": name,
        "last_queried": asked,
        "timestamp": timestamp,
        "seconds": _plain(seconds),
    }
    return {**event, "text": text_of(event)}


def text_of(event: Event) -> str:
    """An event in a sentence."""
    if event["event"] == NAMES[EventKind.AGENT_UNHEALTHY]:
        who = event["agent_name"] or event["agent_id"]
        last = event["last_queried"]
        return f"The agent {who} has not asked for runs for {event['seconds']} seconds; the last time, {last}."
    run = f"The run {event['flow_run_name']} of the flow {event['flow_name']}"
    if event["event"] == NAMES[EventKind.LATE_START]:
        return f"{run} did not start within {event['seconds']} seconds of its time, {event['scheduled_start_time']}."
    if event["event"] == NAMES[EventKind.LATE_FINISH]:
        return f"{run} did not finish within {event['seconds']} seconds."
    text = f"{run} is {event['state']}"
    return text + (f": {event['state_message']}" if event["state_message"] else ".")


def _plain(seconds: float) -> float | int:
    return int(seconds) if seconds == int(seconds) else seconds


def late_after(run: RunFacts, kind: EventKind, seconds: float, *, from_schedule: bool) -> str | None:
    """Up to when a run may start, or be finished, without being late; None where that is not known yet."""
    is_start = kind is EventKind.LATE_START
    since = run.scheduled_start_time if is_start or from_schedule else run.start_time
    return None if since is None else stamp(datetime.fromisoformat(since) + timedelta(seconds=seconds))


def is_late(run: RunFacts, kind: EventKind, limit: str, moment: str) -> bool:
    """Whether a run started, or finished, after its limit, or has not yet although the limit has passed."""
    if kind is EventKind.LATE_START:
        # What was cancelled before it began is no longer waited for.
        reached = run.start_time or (None if run.state in groups.CLOSED else moment)
    else:
        reached = (run.end_time or run.state_timestamp) if run.state in groups.CLOSED else moment
    return reached is not None and reached > limit
