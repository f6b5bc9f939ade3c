"""How many runs may run at once: task runs by the tags of their tasks, flow runs by their labels.

Nothing is counted up and down. Who holds a slot is asked of the runs each time, so that a slot is free the moment its
run ends, however it ends, and nothing can drift.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from prefect.engine.state import Looped
from prefect.server import states
from prefect.server.errors import BadInput, NotFound
from prefect.server.identifiers import new_id, now
from prefect.server.operations.base import Caller, IdPayload, Input, Payload, SuccessPayload
from prefect.server.operations.tenants import tenant_of
from prefect.server.operations.values import canonical_id, clean_text, decode_json, encode_json
from prefect.server.store.interface import Snapshot, Transaction
from prefect.server.store.statements import statement

_RUNNING = encode_json(sorted(states.RUNNING), "states")
# Between two iterations of its loop a task run keeps its slot.
_HOLDING = encode_json(sorted(states.RUNNING | states.names(Looped)), "states")
_UNFINISHED = encode_json(sorted(states.UNFINISHED), "states")
LARGEST_LIMIT = 2**31 - 1

TaskTagLimitId = Annotated[str, msgspec.Meta(extra={"graphql": "UUID", "table": "task_tag_limit"})]
FlowConcurrencyLimitId = Annotated[str, msgspec.Meta(extra={"graphql": "UUID", "table": "flow_concurrency_limit"})]


class UpdateTaskTagLimitInput(Input):
    tag: str
    limit: int


class UpdateTaskConcurrencyLimitInput(Input):
    name: str
    limit: int


class UpdateFlowConcurrencyLimitInput(Input):
    label: str
    limit: int


class DeleteTaskTagLimitInput(Input):
    limit_id: TaskTagLimitId


class DeleteTaskConcurrencyLimitInput(Input):
    limit_id: TaskTagLimitId


class DeleteFlowConcurrencyLimitInput(Input):
    limit_id: FlowConcurrencyLimitId


class UpdateTaskTagLimitPayload(IdPayload):
    graphql = "update_task_tag_limit_payload"
    row = "task_tag_limit"


class UpdateTaskConcurrencyLimitPayload(IdPayload):
    graphql = "update_task_concurrency_limit_payload"
    row = "task_concurrency_limit"


class UpdateFlowConcurrencyLimitPayload(IdPayload):
    graphql = "update_flow_concurrency_limit_payload"
    row = "flow_concurrency_limit"


class DeleteTaskTagLimitPayload(SuccessPayload):
    graphql = "delete_task_tag_limit_payload"


class DeleteTaskConcurrencyLimitPayload(SuccessPayload):
    graphql = "delete_task_concurrency_limit_payload"


class DeleteFlowConcurrencyLimitPayload(SuccessPayload):
    graphql = "delete_flow_concurrency_limit_payload"


class FlowConcurrency(Payload):
    graphql = "flow_concurrency"
    label: str | None = None
    usage: int | None = None


class TaskConcurrency(Payload):
    graphql = "task_concurrency"
    name: str | None = None
    usage: int | None = None


def update_task_tag_limit(
    transaction: Transaction, input: UpdateTaskTagLimitInput, caller: Caller
) -> UpdateTaskTagLimitPayload:
    """At most this many task runs with the tag run at once; those that run already count, and none is ended."""
    return UpdateTaskTagLimitPayload(_limit_tag(transaction, input.tag, input.limit, caller))


def update_task_concurrency_limit(
    transaction: Transaction, input: UpdateTaskConcurrencyLimitInput, caller: Caller
) -> UpdateTaskConcurrencyLimitPayload:
    """The same as update_task_tag_limit; `name` is the tag."""
    return UpdateTaskConcurrencyLimitPayload(_limit_tag(transaction, input.name, input.limit, caller))


def _limit_tag(transaction: Transaction, given: str, limit: int, caller: Caller) -> str:
    _check(limit)
    tenant_id, tag = tenant_of(transaction, caller), clean_text(given)
    _lock(transaction, tenant_id)
    row = transaction.fetch_one(statement("task_tag_limit_by_tag"), (tenant_id, tag))
    if row is not None:
        limit_id: str = row[0]
        transaction.execute(statement("set_task_tag_limit"), (limit_id, limit, now()))
        return limit_id
    limit_id = new_id()
    transaction.execute(statement("insert_task_tag_limit"), (limit_id, tenant_id, now(), tag, limit))
    transaction.execute(statement("take_slots_of_tag"), (tenant_id, tag, _HOLDING, _UNFINISHED))
    return limit_id


def _check(limit: int) -> None:
    if not 0 <= limit <= LARGEST_LIMIT:
        raise BadInput(f"A limit must be a number of runs, 0 or more, not {limit}.")


def delete_task_tag_limit(
    transaction: Transaction, input: DeleteTaskTagLimitInput, caller: Caller
) -> DeleteTaskTagLimitPayload:
    """Any number of task runs with the tag may run."""
    _unlimit_tag(transaction, input.limit_id)
    return DeleteTaskTagLimitPayload()


def delete_task_concurrency_limit(
    transaction: Transaction, input: DeleteTaskConcurrencyLimitInput, caller: Caller
) -> DeleteTaskConcurrencyLimitPayload:
    """The same as delete_task_tag_limit."""
    _unlimit_tag(transaction, input.limit_id)
    return DeleteTaskConcurrencyLimitPayload()


def _unlimit_tag(transaction: Transaction, given: str) -> None:
    limit_id = canonical_id(given, "limit_id")
    row = transaction.fetch_one(statement("task_tag_limit"), (limit_id,))
    if row is None:
        raise NotFound(f"There is no concurrency limit {limit_id}.", id=limit_id)
    _lock(transaction, row[0])
    transaction.execute(statement("delete_task_tag_limit"), (limit_id,))
    transaction.execute(statement("delete_slots_of_tag"), (row[0], row[1]))


def update_flow_concurrency_limit(
    transaction: Transaction, input: UpdateFlowConcurrencyLimitInput, caller: Caller
) -> UpdateFlowConcurrencyLimitPayload:
    """At most this many flow runs with the label run at once; those that run already count, and none is ended."""
    _check(input.limit)
    tenant_id, label = tenant_of(transaction, caller), clean_text(input.label)
    _lock(transaction, tenant_id)
    row = transaction.fetch_one(statement("flow_concurrency_limit_by_name"), (tenant_id, label))
    if row is not None:
        transaction.execute(statement("set_flow_concurrency_limit"), (row[0], input.limit, now()))
        return UpdateFlowConcurrencyLimitPayload(row[0])
    limit_id = new_id()
    transaction.execute(statement("insert_flow_concurrency_limit"), (limit_id, tenant_id, now(), label, input.limit))
    return UpdateFlowConcurrencyLimitPayload(limit_id)


def delete_flow_concurrency_limit(
    transaction: Transaction, input: DeleteFlowConcurrencyLimitInput, caller: Caller
) -> DeleteFlowConcurrencyLimitPayload:
    """Any number of flow runs with the label may run."""
    limit_id = canonical_id(input.limit_id, "limit_id")
    if transaction.execute(statement("delete_flow_concurrency_limit"), (limit_id,)).rowcount == 0:
        raise NotFound(f"There is no concurrency limit {limit_id}.", id=limit_id)
    return DeleteFlowConcurrencyLimitPayload()


def flow_concurrency(snapshot: Snapshot, caller: Caller, labels: list[str] | None = None) -> list[FlowConcurrency]:
    """How many slots of each label's limit are taken; of these labels, or of all that have one."""
    rows = snapshot.fetch_all(statement("flow_concurrency"), (tenant_of(snapshot, caller), _RUNNING))
    return [FlowConcurrency(label, usage) for label, usage in rows if labels is None or label in labels]


def task_concurrency(snapshot: Snapshot, caller: Caller, names: list[str] | None = None) -> list[TaskConcurrency]:
    """How many slots of each tag's limit are taken; of these tags, or of all that have one."""
    rows = snapshot.fetch_all(statement("task_concurrency"), (tenant_of(snapshot, caller), _HOLDING, _UNFINISHED))
    return [TaskConcurrency(tag, usage) for tag, usage in rows if names is None or tag in names]


# -- what a run that wants to start is told ----------------------------------------------------------------------------


def task_limits(transaction: Transaction, tenant_id: str | None) -> dict[str, int]:
    """The limits of a tenant by tag."""
    if tenant_id is None:
        return {}
    return dict(transaction.fetch_all(statement("task_tag_limits"), (tenant_id,)))


def task_slots(
    transaction: Transaction, tenant_id: str, task_run_id: str, limits: dict[str, int]
) -> tuple[list[str], str | None]:
    """The tags whose slots a task run needs, and in words the first limit that has none left for it.

    Whoever asks keeps the limits' lock until the transaction ends: what is free stays free until then.
    """
    row = transaction.fetch_one(statement("tags_of_task_run"), (task_run_id,))
    tags = [] if row is None else sorted(limits.keys() & set(decode_json(row[0], "tags")))
    if not tags:
        return [], None
    _lock(transaction, tenant_id)
    for tag in tags:
        transaction.execute(statement("forget_slots"), (tenant_id, tag, _HOLDING, _UNFINISHED))
        taken = transaction.fetch_one(statement("slots_taken"), (tenant_id, tag, task_run_id, _HOLDING, _UNFINISHED))
        assert taken is not None
        if taken[0] >= limits[tag]:
            return tags, f"tag {tag!r} ({_slots(limits[tag])})"
    return tags, None


def take_task_slots(transaction: Transaction, tenant_id: str, task_run_id: str, tags: list[str]) -> None:
    """Note that a task run has begun to hold these."""
    transaction.execute_many(statement("take_slot"), [(tenant_id, tag, task_run_id) for tag in tags])


def flow_slots(transaction: Transaction, tenant_id: str | None, flow_run_id: str) -> str | None:
    """In words, the first limit that has no slot left for a flow run."""
    limits = transaction.fetch_all(statement("flow_concurrency_limits_of_run"), (flow_run_id,))
    if not limits or tenant_id is None:
        return None
    _lock(transaction, tenant_id)
    for label, limit in limits:
        taken = transaction.fetch_one(statement("flow_slots_taken"), (tenant_id, label, flow_run_id, _RUNNING))
        assert taken is not None
        if taken[0] >= limit:
            return f"label {label!r} ({_slots(limit)})"
    return None


def _slots(limit: int) -> str:
    return f"{limit} slot" if limit == 1 else f"{limit} slots"


def _lock(transaction: Transaction, tenant_id: str) -> None:
    transaction.lock(f"limits {tenant_id}")
