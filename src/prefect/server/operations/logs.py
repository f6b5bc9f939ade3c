"""Log lines and artifacts join the feed of their run."""

from __future__ import annotations

from typing import Any

from prefect.server.errors import BadInput, NotFound
from prefect.server.identifiers import new_id, new_ids, now
from prefect.server.operations.base import Caller, IdPayload, Input, SuccessPayload
from prefect.server.operations.values import (
    JSON,
    UUID,
    DateTime,
    canonical_id,
    canonical_moment,
    clean_optional,
    clean_text,
    encode_json,
)
from prefect.server.store.interface import Snapshot, Transaction
from prefect.server.store.statements import statement

# A message longer than this is stored as several lines, each marked.
LONGEST_MESSAGE = 1_000_000


class WriteRunLogInput(Input):
    """A log line. `client_id` and `client_sequence` identify it, so that a batch sent twice is kept once."""

    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None
    timestamp: DateTime | None = None
    message: str | None = None
    name: str | None = None
    level: str | None = None
    info: JSON | None = None
    client_id: str | None = None
    client_sequence: int | None = None


class WriteRunLogsInput(Input):
    logs: list[WriteRunLogInput]


class _Log:
    """How far a run's feed and its clients have come, within this transaction."""

    __slots__ = ("marks", "sequence", "tenant_id", "timestamp")

    def __init__(self, sequence: int, timestamp: str, tenant_id: str | None) -> None:
        self.sequence = sequence
        self.timestamp = timestamp
        self.tenant_id = tenant_id
        self.marks: dict[str, int] = {}


def write_run_logs(transaction: Transaction, input: WriteRunLogsInput, caller: Caller) -> SuccessPayload:
    """Keep log lines, in the order they came.

    Lines of runs that were deleted meanwhile are dropped: whoever ships them could not do anything about it.
    """
    moment = now()
    feeds: dict[str, _Log | None] = {}
    rows: list[tuple[Any, ...]] = []
    found: dict[str, str | None] = {}
    belongs = [_flow_run_of(transaction, line, found) for line in input.logs]
    transaction.lock_flow_runs({flow_run_id for flow_run_id in belongs if flow_run_id is not None})
    for line, flow_run_id in zip(input.logs, belongs, strict=True):
        if flow_run_id is None:
            continue
        if flow_run_id not in feeds:
            feeds[flow_run_id] = _open(transaction, flow_run_id, moment, caller)
        feed = feeds[flow_run_id]
        if feed is None or _is_known(transaction, feed, flow_run_id, line):
            continue
        task_run_id = None if line.task_run_id is None else canonical_id(line.task_run_id, "task_run_id")
        timestamp = canonical_moment(line.timestamp, "The timestamp of a log line") or moment
        info = None if line.info is None else encode_json(line.info, "The info of a log line")
        name, level = clean_optional(line.name), clean_optional(line.level)
        for message in _parts(line.message):
            feed.sequence += 1
            rows.append(
                (
                    feed.tenant_id,
                    feed.timestamp,
                    flow_run_id,
                    task_run_id,
                    feed.sequence,
                    timestamp,
                    name,
                    level,
                    message,
                    info,
                    line.client_id,
                    line.client_sequence,
                )
            )
    transaction.execute_many(
        statement("insert_log"), [(log_id, *row) for log_id, row in zip(new_ids(len(rows)), rows, strict=True)]
    )
    caller.log_lines += len(rows)
    for flow_run_id, feed in feeds.items():
        if feed is not None:
            transaction.execute(statement("advance_feed"), (flow_run_id, feed.sequence, feed.timestamp))
            for client_id, mark in feed.marks.items():
                transaction.execute(statement("set_log_mark"), (flow_run_id, client_id, mark))
    return SuccessPayload()


def _flow_run_of(transaction: Transaction, line: WriteRunLogInput, found: dict[str, str | None]) -> str | None:
    """The run that a line belongs to; those of task runs are looked up once and kept in `found`."""
    if line.flow_run_id is not None:
        return canonical_id(line.flow_run_id, "flow_run_id")
    if line.task_run_id is None:
        raise BadInput("A log line needs the flow_run_id or the task_run_id that it belongs to.")
    task_run_id = canonical_id(line.task_run_id, "task_run_id")
    if task_run_id not in found:
        row = transaction.fetch_one(statement("flow_run_of_task_run"), (task_run_id,))
        found[task_run_id] = None if row is None else row[0]
    return found[task_run_id]


def _open(transaction: Transaction, flow_run_id: str, moment: str, caller: Caller) -> _Log | None:
    row = transaction.fetch_one(statement("feed"), (flow_run_id,))
    if row is not None and caller.tenant_id is not None and row[2] != caller.tenant_id:
        return None
    return None if row is None else _Log(row[0], max(row[1], moment), row[2])


def _is_known(transaction: Transaction, feed: _Log, flow_run_id: str, line: WriteRunLogInput) -> bool:
    """Whether the line was kept before; if not, its number becomes its client's mark."""
    client_id, number = line.client_id, line.client_sequence
    if client_id is None or number is None:
        return False
    mark = feed.marks.get(client_id)
    if mark is None:
        row = transaction.fetch_one(statement("log_mark"), (flow_run_id, client_id))
        mark = -1 if row is None else row[0]
    if number <= mark:
        return True
    feed.marks[client_id] = number
    return False


def _parts(message: str | None) -> list[str | None]:
    if message is None:
        return [None]
    message = clean_text(message)
    if len(message) <= LONGEST_MESSAGE:
        return [message]
    pieces = [message[start : start + LONGEST_MESSAGE] for start in range(0, len(message), LONGEST_MESSAGE)]
    return [f"[part {number} of {len(pieces)}] {piece}" for number, piece in enumerate(pieces, 1)]


class CreateTaskRunArtifactInput(Input):
    """`id` is one that the caller made up. An artifact that comes twice with one id is kept once."""

    task_run_id: UUID
    kind: str
    data: JSON
    tenant_id: UUID | None = None
    id: UUID | None = None


class UpdateTaskRunArtifactInput(Input):
    task_run_artifact_id: UUID
    data: JSON


class DeleteTaskRunArtifactInput(Input):
    task_run_artifact_id: UUID


class ArtifactIdPayload(IdPayload):
    graphql = "task_run_artifact_id_payload"
    row = "task_run_artifact"


def create_task_run_artifact(
    transaction: Transaction, input: CreateTaskRunArtifactInput, caller: Caller
) -> ArtifactIdPayload:
    """Keep something that a task wants shown beside its run."""
    task_run_id = canonical_id(input.task_run_id, "task_run_id")
    transaction.lock_task_runs((task_run_id,))
    row = transaction.fetch_one(statement("flow_run_of_task_run"), (task_run_id,))
    feed = None if row is None else transaction.fetch_one(statement("feed"), (row[0],))
    if row is None or feed is None:
        raise NotFound(f"There is no task run {task_run_id}; it may have been deleted.", id=task_run_id)
    moment = max(feed[1], now())
    if input.id is None:
        artifact_id = new_id()
    else:
        artifact_id = canonical_id(input.id, "id")
        known = transaction.fetch_one(statement("task_run_of_artifact"), (artifact_id,))
        if known is not None and known[0] != task_run_id:
            raise BadInput(f"There is an artifact {artifact_id} of another task run; make up a new id.")
        if known is not None:
            return ArtifactIdPayload(artifact_id)
    transaction.execute(
        statement("insert_artifact"),
        (
            artifact_id,
            row[1],
            moment,
            row[0],
            task_run_id,
            feed[0] + 1,
            clean_text(input.kind),
            encode_json(input.data, "data"),
        ),
    )
    transaction.execute(statement("advance_feed"), (row[0], feed[0] + 1, moment))
    return ArtifactIdPayload(artifact_id)


def update_task_run_artifact(
    transaction: Transaction, input: UpdateTaskRunArtifactInput, caller: Caller
) -> SuccessPayload:
    """Show something else in its place."""
    artifact_id = canonical_id(input.task_run_artifact_id, "task_run_artifact_id")
    text = encode_json(input.data, "data")
    if transaction.execute(statement("update_artifact"), (artifact_id, text, now())).rowcount == 0:
        raise NotFound(f"There is no task run artifact {artifact_id}.", id=artifact_id)
    return SuccessPayload()


def delete_task_run_artifact(
    transaction: Transaction, input: DeleteTaskRunArtifactInput, caller: Caller
) -> SuccessPayload:
    """Show it no longer."""
    artifact_id = canonical_id(input.task_run_artifact_id, "task_run_artifact_id")
    if transaction.execute(statement("delete_artifact"), (artifact_id,)).rowcount == 0:
        raise NotFound(f"There is no task run artifact {artifact_id}.", id=artifact_id)
    return SuccessPayload()


def events_after(snapshot: Snapshot, flow_run_id: str, sequence: int, most: int = 1000) -> list[tuple[Any, ...]]:
    """What happened in a run after a sequence, in order and without holes, at most this many numbers of it.

    Rows are (sequence, kind, id, run id, name, message, timestamp, JSON text); kind is flow_run_state, task_run_state,
    log or artifact, run id that of the run it belongs to, name the state, the log level or the artifact's kind.
    """
    return snapshot.fetch_all(statement("events_after"), (flow_run_id, sequence, most))
