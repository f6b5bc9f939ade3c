"""Runs begin, are named, labelled and deleted; task runs are found or made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from prefect.server import states
from prefect.server.errors import BadInput, NotFound
from prefect.server.identifiers import new_id, new_ids, now
from prefect.server.operations.base import DEFINITIONS, Caller, IdPayload, Input, Payload, SuccessPayload
from prefect.server.operations.new_task_runs import PENDING_STATE, PENDING_TEXT, insert_task_runs
from prefect.server.operations.states import Owner, checked_interval, plain_state
from prefect.server.operations.tenants import tenant_of
from prefect.server.operations.values import (
    JSON,
    UUID,
    DateTime,
    canonical_id,
    canonical_moment,
    clean_text,
    decode_json,
    encode_json,
    labels_of,
    object_of,
)
from prefect.server.store.interface import Snapshot, Transaction
from prefect.server.store.statements import statement


class FlowRunIdPayload(IdPayload):
    graphql = "flow_run_id_payload"
    row = "flow_run"


class TaskRunIdPayload(IdPayload):
    graphql = "task_run_id_payload"
    row = "task_run"


class TaskRunInfoPayload(Payload):
    graphql = "get_or_create_task_run_info_payload"
    row = "task_run"
    id: UUID | None = None
    version: int | None = None
    state: str | None = None
    serialized_state: JSON | None = None


class CreateFlowRunInput(Input):
    flow_id: UUID | None = None
    parameters: JSON | None = None
    labels: list[str] | None = None
    run_config: JSON | None = None
    context: JSON | None = None
    scheduled_start_time: DateTime | None = None
    idempotency_key: str | None = None
    flow_run_name: str | None = None
    version_group_id: str | None = None


def create_flow_run(transaction: Transaction, input: CreateFlowRunInput, caller: Caller) -> FlowRunIdPayload:
    """Schedule a run of a flow, with a waiting task run for each of its tasks.

    The same idempotency key gives the run it made before, unchanged.
    """
    transaction.lock(DEFINITIONS, shared=True)
    flow_id = _flow_to_run(transaction, input, caller)
    key = None if input.idempotency_key is None else clean_text(input.idempotency_key)
    if key is not None:
        before = transaction.fetch_one(statement("flow_run_by_key"), (key, flow_id))
        if before is not None:
            return FlowRunIdPayload(before[0])
    flow = transaction.fetch_one(statement("flow"), (flow_id,))
    if flow is None:
        raise NotFound(f"There is no flow {flow_id}; register it first, or look up its id.", id=flow_id)
    tenant_id, _, parameters, archived, _, _, environment, flow_run_config, group_id, _ = flow
    if archived:
        raise BadInput(f"The flow {flow_id} is archived: a newer version replaced it. Run that, or register it again.")
    group = transaction.fetch_one(statement("flow_group"), (group_id,))
    group_labels, group_defaults, group_run_config = (group[3], group[4], group[5]) if group else (None, "{}", None)
    given = object_of(input.parameters, "parameters") if input.parameters is not None else {}
    values = values_of_run(parameters, group_defaults, given)
    run_config = _first(
        None if input.run_config is None else encode_json(object_of(input.run_config, "run_config"), "run_config"),
        group_run_config,
        flow_run_config,
    )
    labels = _first(
        None if input.labels is None else labels_of(input.labels),
        _labels_in(input.run_config),
        labels_of_flow(group_labels, group_run_config, flow_run_config, environment),
    )
    moment = now()
    start = canonical_moment(input.scheduled_start_time, "scheduled_start_time") or moment
    context = None if input.context is None else encode_json(object_of(input.context, "context"), "context")
    name = new_name() if input.flow_run_name is None else clean_text(input.flow_run_name)
    run_id = new_id()
    planned = NewFlowRun(
        run_id,
        tenant_id,
        flow_id,
        encode_json(values, "parameters"),
        start,
        name,
        labels or "[]",
        run_config,
        context=context,
        idempotency_key=key,
    )
    insert_flow_runs(transaction, [planned], moment, caller.author)
    tasks = [
        (task_id, -1, cache_key) for task_id, cache_key in transaction.fetch_all(statement("tasks_to_run"), (flow_id,))
    ]
    insert_task_runs(transaction, run_id, tenant_id, tasks, 1, moment)
    transaction.execute(statement("start_feed"), (run_id, 1 + len(tasks), moment))
    return FlowRunIdPayload(run_id)


def _flow_to_run(transaction: Transaction, input: CreateFlowRunInput, caller: Caller) -> str:
    if input.flow_id is not None:
        return canonical_id(input.flow_id, "flow_id")
    if input.version_group_id is None:
        raise BadInput("A flow run needs flow_id or version_group_id: which flow shall run?")
    tenant = tenant_of(transaction, caller)
    group = transaction.fetch_one(statement("flow_group_by_name"), (clean_text(input.version_group_id), tenant))
    flow = None if group is None else transaction.fetch_one(statement("newest_flow_of_group"), (group[0],))
    if flow is None:
        raise NotFound(f"No flow that is not archived has the version group id {input.version_group_id!r}.")
    flow_id: str = flow[0]
    return flow_id


class NewFlowRun(NamedTuple):
    """A run that is to be made, its values in the forms that are stored."""

    id: str
    tenant_id: str | None
    flow_id: str
    parameters: str
    start: str
    name: str
    labels: str
    run_config: str | None
    context: str | None = None
    idempotency_key: str | None = None
    auto_scheduled: bool = False


def insert_flow_runs(
    transaction: Transaction, runs: Sequence[NewFlowRun], moment: str, author: str | None = None
) -> None:
    """Waiting runs without task runs and, but for that of an automatic one, without the counter of their feed."""
    rows, history = [], []
    for run, state_id in zip(runs, new_ids(len(runs)), strict=True):
        state = plain_state("Scheduled", "Flow run scheduled.", start_time=run.start)
        rows.append(
            (
                run.id,
                run.tenant_id,
                moment,
                run.flow_id,
                run.parameters,
                run.start,
                run.auto_scheduled,
                state.name,
                state.message,
                state.text,
                run.name,
                run.context,
                run.idempotency_key,
                run.labels,
                run.run_config,
            )
        )
        history.append(
            (
                state_id,
                run.tenant_id,
                run.id,
                None,
                1,
                1,
                moment,
                None,
                state.name,
                state.message,
                state.start_time,
                state.text,
                None,
                author,
            )
        )
    transaction.execute_many(statement("insert_flow_run"), rows)
    transaction.execute_many(statement("insert_flow_run_state"), history)
    started = [(run.id, 1, moment) for run in runs if run.auto_scheduled]
    if started:
        transaction.execute_many(statement("start_feed"), started)


def values_of_run(declared: str | None, group_defaults: str, given: dict[str, Any]) -> dict[str, Any]:
    """The values a run gets: the flow's defaults (1.x leaves falsy ones to the flow), the group's, the given ones."""
    specified = decode_json(declared, "parameters") if declared else []
    values = {item["name"]: item["default"] for item in specified if item.get("default")}
    values.update(decode_json(group_defaults, "default_parameters"))
    values.update(given)
    missing = [item["name"] for item in specified if item.get("required") and item["name"] not in values]
    if missing:
        raise BadInput(f"The run needs values for the required parameters {', '.join(missing)}.")
    return values


def labels_of_flow(
    group_labels: str | None, group_run_config: str | None, flow_run_config: str | None, environment: str | None
) -> str:
    """The labels of runs that are given none of their own."""
    found = _first(
        group_labels, _labels_in(group_run_config), _labels_in(flow_run_config), _labels_in(environment), "[]"
    )
    assert found is not None
    return found


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value is not None), None)


def _labels_in(config: Any) -> str | None:
    """The labels that a run config or an environment carries."""
    if config is None:
        return None
    labels = object_of(config, "run_config").get("labels")
    return None if labels is None else labels_of(labels)


def new_name() -> str:
    """A name for people: two words."""
    # Loading the words takes a while: only who makes runs without a name pays for it.
    from coolname import generate_slug

    name: str = generate_slug(2)
    return name


class GetOrCreateTaskRunInput(Input):
    flow_run_id: UUID
    task_id: UUID
    map_index: int | None = None


class GetOrCreateTaskRunInfoInput(GetOrCreateTaskRunInput):
    pass


# All children of a mapped task are made at once; more would not fit into memory, nor into anybody's view.
WIDEST_MAP = 250_000


class GetOrCreateMappedTaskRunsInput(Input):
    """The children 0 to count - 1 of a mapped task. `ids`, one for each, are taken for those that are made now."""

    flow_run_id: UUID
    task_id: UUID
    count: int
    ids: list[UUID] | None = None


class MappedTaskRun(Payload):
    graphql = "mapped_task_run"
    id: UUID | None = None
    version: int | None = None
    state: str | None = None
    serialized_state: JSON | None = None
    map_index: int | None = None


class GetOrCreateMappedTaskRunsPayload(Payload):
    graphql = "get_or_create_mapped_task_runs_payload"
    task_runs: list[MappedTaskRun] | None = None


def get_or_create_task_run(
    transaction: Transaction, input: GetOrCreateTaskRunInput, caller: Caller
) -> TaskRunIdPayload:
    """The id of a task run, made when there is none."""
    return TaskRunIdPayload(_find_or_create(transaction, input)[0])


def get_or_create_task_run_info(
    transaction: Transaction, input: GetOrCreateTaskRunInfoInput, caller: Caller
) -> TaskRunInfoPayload:
    """A task run as it is, made when there is none."""
    run_id, version, state, text = _find_or_create(transaction, input)
    return TaskRunInfoPayload(run_id, version, state, msgspec.Raw(text.encode()))


def _find_or_create(transaction: Transaction, input: GetOrCreateTaskRunInput) -> tuple[str, int, str, str]:
    flow_run_id = canonical_id(input.flow_run_id, "flow_run_id")
    task_id = canonical_id(input.task_id, "task_id")
    map_index = -1 if input.map_index is None else input.map_index
    sequence, moment, tenant_id, cache_key = _place_for(transaction, flow_run_id, task_id)
    row = transaction.fetch_one(statement("find_task_run"), (flow_run_id, task_id, map_index))
    if row is not None:
        return row[0], row[1], row[2], row[3]
    run_id = insert_task_runs(transaction, flow_run_id, tenant_id, [(task_id, map_index, cache_key)], sequence, moment)[
        0
    ]
    transaction.execute(statement("advance_feed"), (flow_run_id, sequence + 1, moment))
    return run_id, 1, PENDING_STATE, PENDING_TEXT


def _place_for(transaction: Transaction, flow_run_id: str, task_id: str) -> tuple[int, str, str | None, str | None]:
    """The feed's end, the time to stamp, the tenant and the task's cache key, for new task runs of a task."""
    transaction.lock_flow_runs((flow_run_id,))
    feed = transaction.fetch_one(statement("feed"), (flow_run_id,))
    if feed is None:
        raise NotFound(f"There is no flow run {flow_run_id}; it may have been deleted.", id=flow_run_id)
    sequence, timestamp, tenant_id, _, flow_id = feed
    task = transaction.fetch_one(statement("task_of_flow"), (task_id, flow_id))
    if task is None:
        raise NotFound(f"The flow of the run {flow_run_id} has no task {task_id}.", id=task_id)
    return sequence, max(timestamp, now()), tenant_id, task[0]


def get_or_create_mapped_task_runs(
    transaction: Transaction, input: GetOrCreateMappedTaskRunsInput, caller: Caller
) -> GetOrCreateMappedTaskRunsPayload:
    """The children of a mapped task, in order; those that are missing are made, all in one transaction."""
    flow_run_id = canonical_id(input.flow_run_id, "flow_run_id")
    task_id = canonical_id(input.task_id, "task_id")
    if not 0 <= input.count <= WIDEST_MAP:
        raise BadInput(f"count must lie between 0 and {WIDEST_MAP:,}; a wider map is better done in batches.")
    sequence, moment, tenant_id, cache_key = _place_for(transaction, flow_run_id, task_id)
    pending = msgspec.Raw(PENDING_TEXT.encode())
    children = {
        row[4]: MappedTaskRun(row[0], row[1], row[2], msgspec.Raw(row[3].encode()), row[4])
        for row in transaction.fetch_all(statement("mapped_task_runs"), (flow_run_id, task_id))
        if row[4] < input.count
    }
    missing = [(task_id, index, cache_key) for index in range(input.count) if index not in children]
    given = _given_ids(input)
    if missing:
        wanted = None if given is None else [given[index] for _, index, _ in missing]
        ids = insert_task_runs(transaction, flow_run_id, tenant_id, missing, sequence, moment, wanted)
        transaction.execute(statement("advance_feed"), (flow_run_id, sequence + len(missing), moment))
        for run_id, (_, index, _) in zip(ids, missing, strict=True):
            children[index] = MappedTaskRun(run_id, 1, PENDING_STATE, pending, index)
    return GetOrCreateMappedTaskRunsPayload([children[index] for index in range(input.count)])


def _given_ids(input: GetOrCreateMappedTaskRunsInput) -> list[str] | None:
    if input.ids is None:
        return None
    ids = [canonical_id(each, "ids") for each in input.ids]
    if len(ids) != input.count or len(set(ids)) != len(ids):
        raise BadInput(f"ids must hold {input.count} different ids, one for each child, not {len(ids)}.")
    return ids


class UpdateFlowRunHeartbeatInput(Input):
    """`interval_seconds` says when the next sign of life is to be expected; where it is left out, nothing changes.

    `holder` is the process that lives: where another one executes the run by now, or none, that is no sign of its life.
    """

    flow_run_id: UUID
    interval_seconds: int | None = None
    holder: Owner | None = None


class UpdateTaskRunHeartbeatInput(Input):
    task_run_id: UUID


class SetFlowRunNameInput(Input):
    flow_run_id: UUID
    name: str


class SetTaskRunNameInput(Input):
    task_run_id: UUID
    name: str


class SetFlowRunLabelsInput(Input):
    flow_run_id: UUID
    labels: list[str]


class DeleteFlowRunInput(Input):
    flow_run_id: UUID


def update_flow_run_heartbeat(
    transaction: Transaction, input: UpdateFlowRunHeartbeatInput, caller: Caller
) -> SuccessPayload:
    """Note that the process of a run still lives; no success where it does not execute the run."""
    interval = checked_interval(input.interval_seconds)
    if input.holder is not None:
        run_id = canonical_id(input.flow_run_id, "flow_run_id")
        host, pid, started = msgspec.structs.astuple(input.holder)
        given = (run_id, now(), interval, host, pid, started or "")
        if transaction.execute(statement("beat_held_flow_run"), given).rowcount:
            return SuccessPayload()
        if transaction.fetch_one(statement("feed"), (run_id,)) is None:
            raise NotFound(f"There is no flow run {run_id}; it may have been deleted.", id=run_id)
        return SuccessPayload(success=False)
    if interval is not None:
        return _update(transaction, "beat_flow_run_at_intervals", "flow run", input.flow_run_id, now(), interval)
    return _update(transaction, "beat_flow_run", "flow run", input.flow_run_id, now())


def update_task_run_heartbeat(
    transaction: Transaction, input: UpdateTaskRunHeartbeatInput, caller: Caller
) -> SuccessPayload:
    """Note that the process of a task run still lives."""
    return _update(transaction, "beat_task_run", "task run", input.task_run_id, now())


def set_flow_run_name(transaction: Transaction, input: SetFlowRunNameInput, caller: Caller) -> SuccessPayload:
    """Name a flow run."""
    return _update(transaction, "name_flow_run", "flow run", input.flow_run_id, clean_text(input.name), now())


def set_task_run_name(transaction: Transaction, input: SetTaskRunNameInput, caller: Caller) -> SuccessPayload:
    """Name a task run."""
    return _update(transaction, "name_task_run", "task run", input.task_run_id, clean_text(input.name), now())


def set_flow_run_labels(transaction: Transaction, input: SetFlowRunLabelsInput, caller: Caller) -> SuccessPayload:
    """Say which agents may take a run."""
    return _update(transaction, "label_flow_run", "flow run", input.flow_run_id, labels_of(input.labels), now())


def _update(transaction: Transaction, name: str, what: str, given: str, *values: Any) -> SuccessPayload:
    run_id = canonical_id(given, f"{what.replace(' ', '_')}_id")
    if transaction.execute(statement(name), (run_id, *values)).rowcount == 0:
        raise NotFound(f"There is no {what} {run_id}; it may have been deleted.", id=run_id)
    return SuccessPayload()


def delete_flow_run(transaction: Transaction, input: DeleteFlowRunInput, caller: Caller) -> SuccessPayload:
    """Make a run disappear from every answer at once; its rows follow in batches that hold nobody up."""
    run_id = canonical_id(input.flow_run_id, "flow_run_id")
    transaction.lock_flow_runs((run_id,))
    if transaction.fetch_one(statement("feed"), (run_id,)) is None:
        raise NotFound(f"There is no flow run {run_id}; it may have been deleted.", id=run_id)
    transaction.execute(statement("hide_flow_run"), (run_id, now()))
    caller.has_deleted = True
    return SuccessPayload()


class TaskRunInfo(Payload):
    graphql = "task_run_info_payload"
    id: UUID | None = None
    version: int | None = None
    serialized_state: JSON | None = None
    state: str | None = None


class MappedChildren(Payload):
    graphql = "mapped_children_payload"
    min_start_time: DateTime | None = None
    max_end_time: DateTime | None = None
    state_counts: JSON | None = None


def get_task_run_info(snapshot: Snapshot, caller: Caller, task_run_id: UUID) -> TaskRunInfo:
    """A task run as it is now."""
    run_id = canonical_id(task_run_id, "task_run_id")
    row = snapshot.fetch_one(statement("task_run_info"), (run_id,))
    if row is None:
        raise NotFound(f"There is no task run {run_id}; it may have been deleted.", id=run_id)
    return TaskRunInfo(row[0], row[1], msgspec.Raw(row[3].encode()), row[2])


def mapped_children(snapshot: Snapshot, caller: Caller, task_run_id: UUID) -> MappedChildren:
    """How the children of a mapped task run are doing."""
    rows = snapshot.fetch_all(statement("mapped_siblings"), (canonical_id(task_run_id, "task_run_id"),))
    starts = [row[2] for row in rows if row[2] is not None]
    ends = [row[3] for row in rows if row[3] is not None]
    return MappedChildren(
        min(starts, default=None), max(ends, default=None), {state: count for state, count, _, _ in rows}
    )


def in_states(group: frozenset[str]) -> str:
    """A group of states as a parameter of a statement."""
    return encode_json(sorted(group), "states")


UNBEGUN = states.SCHEDULED
