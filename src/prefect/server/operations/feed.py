"""The feed of a flow run, as those see it who follow the run: states, log lines and artifacts under one count."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from prefect.server import states
from prefect.server.operations.base import Payload
from prefect.server.operations.logs import events_after
from prefect.server.operations.values import JSON, UUID, DateTime
from prefect.server.store.interface import Row, Snapshot
from prefect.server.store.statements import statement

# Followers that lag read up to the next multiple of this, so that they meet there and share what is read from then on.
BATCH = 500


class FlowRunEvent(Payload):
    """One entry of the feed of a flow run.

    `kind` is flow_run_state, task_run_state, log or artifact. `name` is the state, the level of the line, or the kind
    of the artifact; `data` the serialized state, what the line carries besides its text, or what the artifact shows.
    """

    graphql = "flow_run_event"
    sequence: int
    kind: str
    id: UUID
    flow_run_id: UUID
    task_run_id: UUID | None
    timestamp: DateTime
    name: str | None
    message: str | None
    data: JSON | None


class Batch(NamedTuple):
    """What comes after a sequence: the events, how far they reach, and whether anything can follow them."""

    events: list[FlowRunEvent]
    last: int
    is_over: bool


def read_feed(snapshot: Snapshot, flow_run_id: str, after: int, *, until_finished: bool = False) -> Batch:
    """The next events of a run. A deleted run has none and is over; so is a finished one for whom that is enough."""
    while True:
        upto = after - after % BATCH + BATCH
        rows = events_after(snapshot, flow_run_id, after, upto - after)
        if rows and not until_finished:
            break
        feed = snapshot.fetch_one(statement("feed"), (flow_run_id,))
        if feed is None:
            return Batch([], after, True)
        end, state = feed[0], feed[3]
        if rows:
            return Batch(_events(flow_run_id, rows), rows[-1][0], end <= rows[-1][0] and state in states.CLOSED)
        if end <= upto:
            return Batch([], max(after, end), until_finished and state in states.CLOSED)
        after = upto  # artifacts that were deleted have left the whole range empty
    return Batch(_events(flow_run_id, rows), rows[-1][0], False)


def tenant_of(snapshot: Snapshot, flow_run_id: str) -> str | None:
    """Whom a run belongs to; None where there is no such run."""
    feed = snapshot.fetch_one(statement("feed"), (flow_run_id,))
    return None if feed is None else feed[2]


def _events(flow_run_id: str, rows: list[Row]) -> list[FlowRunEvent]:
    return [
        FlowRunEvent(
            sequence,
            kind,
            id,
            flow_run_id,
            None if kind == "flow_run_state" else run_id,
            timestamp,
            name,
            message,
            None if data is None else msgspec.Raw(data),
        )
        for sequence, kind, id, run_id, name, message, timestamp, data in rows
    ]
