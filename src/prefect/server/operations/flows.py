"""Flows are registered, versioned, scheduled, archived and deleted; their groups keep what versions share."""

from __future__ import annotations

import base64
import binascii
import gzip
import uuid
import zlib
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prefect.server import states
from prefect.server.errors import BadInput, NotFound
from prefect.server.identifiers import new_id, new_ids, now
from prefect.server.operations.base import Caller, IdPayload, Input, SuccessPayload
from prefect.server.operations.runs import in_states
from prefect.server.operations.schedules import begin_schedule, end_schedule, forget_planned
from prefect.server.operations.states import plain_state, propose_one
from prefect.server.operations.values import (
    JSON,
    UUID,
    canonical_id,
    clean_optional,
    clean_text,
    decode_json,
    encode_json,
    labels_of,
    list_of,
    number_of,
    object_of,
    text_of,
)
from prefect.server.store.interface import Transaction
from prefect.server.store.statements import statement
from prefect.server.transitions import FLOW
from prefect.utilities.version import VERSION

# A flow larger than this, uncompressed, is refused: a few bytes can be made to unpack to any size.
LARGEST_FLOW_BYTES = 200_000_000
LONGEST_INTERVAL_SECONDS = 2**31 - 1
HEARTBEAT_SETTING = "heartbeat_enabled"
LAZARUS_SETTING = "lazarus_enabled"


class FlowIdPayload(IdPayload):
    graphql = "flow_id_payload"
    row = "flow"


class CreateFlowInput(Input):
    serialized_flow: JSON
    project_id: UUID
    version_group_id: str | None = None
    set_schedule_active: bool | None = None
    description: str | None = None
    idempotency_key: str | None = None


class CreateFlowFromCompressedStringInput(Input):
    serialized_flow: str
    project_id: UUID
    version_group_id: str | None = None
    set_schedule_active: bool | None = None
    description: str | None = None
    idempotency_key: str | None = None


class RegisterTasksInput(Input):
    serialized_tasks: JSON
    flow_id: UUID


class RegisterEdgesInput(Input):
    serialized_edges: JSON
    flow_id: UUID


class FlowInput(Input):
    flow_id: UUID


class ArchiveFlowInput(FlowInput):
    pass


class DeleteFlowInput(FlowInput):
    pass


class SetScheduleActiveInput(FlowInput):
    pass


class SetScheduleInactiveInput(FlowInput):
    pass


class UpdateFlowProjectInput(Input):
    flow_id: UUID
    project_id: UUID


def create_flow_from_compressed_string(
    transaction: Transaction, input: CreateFlowFromCompressedStringInput, caller: Caller
) -> FlowIdPayload:
    """Register a version of a flow that comes as base64 of gzip of JSON."""
    return _create_flow(transaction, _decompress(input.serialized_flow), input, caller)


def create_flow(transaction: Transaction, input: CreateFlowInput, caller: Caller) -> FlowIdPayload:
    """Register a version of a flow; the version before it is archived."""
    return _create_flow(transaction, object_of(input.serialized_flow, "serialized_flow"), input, caller)


def _decompress(text: str) -> dict[str, Any]:
    try:
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        data = unpacker.decompress(base64.b64decode(text, validate=True), LARGEST_FLOW_BYTES)
    except (binascii.Error, ValueError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(f"serialized_flow must be base64 of gzip of JSON: {error}.") from None
    if unpacker.unconsumed_tail:
        raise BadInput(f"serialized_flow is larger than {LARGEST_FLOW_BYTES} bytes when unpacked.")
    return object_of(data.decode("utf-8", "replace"), "serialized_flow")


def _create_flow(
    transaction: Transaction,
    flow: dict[str, Any],
    input: CreateFlowInput | CreateFlowFromCompressedStringInput,
    caller: Caller,
) -> FlowIdPayload:
    project_id = canonical_id(input.project_id, "project_id")
    project = transaction.fetch_one(statement("project"), (project_id,))
    if project is None:
        raise NotFound(f"There is no project {project_id}; create it first (prefect create project).", id=project_id)
    tenant_id = project[0]
    name = flow.get("name")
    if not isinstance(name, str) or not name:
        raise BadInput("serialized_flow has no name.")
    name = clean_text(name)
    moment = now()
    group_name = clean_optional(input.version_group_id)
    if group_name is None:
        latest = transaction.fetch_one(statement("latest_group_of_name"), (project_id, name))
        group_name = str(uuid.uuid4()) if latest is None else latest[0]
    group = transaction.fetch_one(statement("flow_group_by_name"), (group_name, tenant_id))
    key = clean_optional(input.idempotency_key)
    if group is None:
        group_id, group_schedule = new_id(), None
        settings: dict[str, Any] = {HEARTBEAT_SETTING: True}
        transaction.execute(
            statement("insert_flow_group"), (group_id, tenant_id, moment, group_name, encode_json(settings, "settings"))
        )
    else:
        group_id, settings, group_schedule = group[0], decode_json(group[1], "settings"), group[2]
        if key is not None and settings.get("idempotency_key") == key:
            newest = transaction.fetch_one(statement("newest_flow_of_group"), (group_id,))
            if newest is not None:
                return FlowIdPayload(newest[0])
    if settings.get("idempotency_key") != key and key is not None:
        settings["idempotency_key"] = key
        transaction.execute(statement("set_flow_group_settings"), (group_id, encode_json(settings, "settings"), moment))
    greatest = transaction.fetch_one(statement("greatest_version"), (group_id,))
    version = 1 + ((greatest[0] if greatest else None) or 0)
    flow_id = new_id()
    schedule = flow.get("schedule")
    tasks, edges = list_of(flow.get("tasks") or [], "tasks"), list_of(flow.get("edges") or [], "edges")
    parameters = list_of(flow.get("parameters") or [], "parameters")
    wants_schedule = input.set_schedule_active is not False and (schedule is not None or group_schedule is not None)
    if wants_schedule:
        _check_schedulable(parameters, schedule, name)
    transaction.execute(
        statement("insert_flow"),
        (
            flow_id,
            tenant_id,
            moment,
            version,
            name,
            clean_optional(input.description),
            _optional_json(flow.get("environment"), "environment"),
            encode_json(parameters, "parameters"),
            project_id,
            group_name,
            _optional_json(flow.get("storage"), "storage"),
            text_of(flow.get("__version__"), "The version of a flow"),
            # Of a flow that is sent in parts, tasks and edges come later.
            encode_json({"tasks": [], "edges": [], **flow}, "serialized_flow"),
            _optional_json(schedule, "schedule"),
            wants_schedule,
            group_id,
            _optional_json(flow.get("run_config"), "run_config"),
        ),
    )
    _insert_tasks(transaction, flow_id, tenant_id, _in_running_order(tasks, edges), moment)
    _insert_edges(transaction, flow_id, tenant_id, edges, moment)
    formers = [row[0] for row in transaction.fetch_all(statement("unarchived_flows"), (group_id, flow_id))]
    for former in formers:
        _archive(transaction, former, moment, caller.author)
    if wants_schedule:
        begin_schedule(transaction, flow_id, tenant_id, moment, former=formers[0] if formers else None)
    return FlowIdPayload(flow_id)


def _optional_json(value: Any, what: str) -> str | None:
    return None if value is None else encode_json(value, what)


def _in_running_order(tasks: list[Any], edges: list[Any]) -> list[Any]:
    """The tasks as they will run, upstream first.

    Task runs are made in the order of the tasks. Those that run one after the other then lie side by side in the file,
    which saves a tenth of the cost of recording them; nothing else depends on the order.
    """
    try:
        by_slug = {task["slug"]: task for task in tasks}
        waits_for = dict.fromkeys(by_slug, 0)
        downstream: dict[str, list[str]] = {slug: [] for slug in by_slug}
        for edge in edges:
            downstream[edge["upstream_task"]["slug"]].append(edge["downstream_task"]["slug"])
            waits_for[edge["downstream_task"]["slug"]] += 1
    except (KeyError, TypeError):
        return tasks  # malformed: whoever reads it further says where
    order = [slug for slug, count in waits_for.items() if count == 0]
    for slug in order:  # grows while it is walked
        for following in downstream[slug]:
            waits_for[following] -= 1
            if waits_for[following] == 0:
                order.append(following)
    # Tasks in a cycle never come up, and tasks that share a slug are counted once: both are stored as they came.
    return [by_slug[slug] for slug in order] if len(order) == len(tasks) else tasks


def _insert_tasks(transaction: Transaction, flow_id: str, tenant_id: str | None, tasks: list[Any], moment: str) -> None:
    rows = []
    for task_id, task in zip(new_ids(len(tasks)), tasks, strict=True):
        task = object_of(task, "A task")
        slug = task.get("slug")
        if not isinstance(slug, str) or not slug:
            raise BadInput(f"The task {task.get('name')!r} has no slug; register the flow with a current version.")
        trigger = task.get("trigger")
        delay = number_of(task.get("retry_delay"), "The retry_delay of a task")
        retries = number_of(task.get("max_retries"), "The max_retries of a task")
        rows.append(
            (
                task_id,
                tenant_id,
                moment,
                flow_id,
                text_of(task.get("name"), "The name of a task"),
                clean_text(slug),
                text_of(task.get("type"), "The type of a task"),
                None if retries is None else int(retries),
                # On the wire in seconds, stored in microseconds.
                None if delay is None else round(delay * 1_000_000),
                text_of(trigger.get("fn"), "The trigger of a task") if isinstance(trigger, dict) else None,
                bool(task.get("mapped")),
                bool(task.get("auto_generated")),
                text_of(task.get("cache_key"), "The cache_key of a task"),
                encode_json(task.get("tags") or [], "tags"),
            )
        )
    transaction.execute_many(statement("insert_task"), rows)


def _insert_edges(transaction: Transaction, flow_id: str, tenant_id: str | None, edges: list[Any], moment: str) -> None:
    if not edges:
        return
    ids: dict[str, str] = dict(transaction.fetch_all(statement("task_ids_by_slug"), (flow_id,)))
    rows = []
    mapped = set()
    for edge_id, edge in zip(new_ids(len(edges)), edges, strict=True):
        edge = object_of(edge, "An edge")
        ends = []
        for end in ("upstream_task", "downstream_task"):
            slug = text_of(object_of(edge.get(end) or {}, f"The {end} of an edge").get("slug"), "The slug of a task")
            if slug is None or slug not in ids:
                raise BadInput(f"An edge names the {end} {slug!r}, which is no task of the flow {flow_id}.")
            ends.append(ids[slug])
        rows.append(
            (
                edge_id,
                tenant_id,
                moment,
                flow_id,
                *ends,
                text_of(edge.get("key"), "The key of an edge"),
                bool(edge.get("mapped")),
            )
        )
        if edge.get("mapped"):
            mapped.add(ends[1])
    transaction.execute_many(statement("insert_edge"), rows)
    if mapped:
        # A task does not say so itself: it is mapped where what comes in is.
        transaction.execute_many(statement("mark_mapped_task"), [(task_id,) for task_id in sorted(mapped)])


def _flow(transaction: Transaction, given: str) -> tuple[str, tuple[Any, ...]]:
    flow_id = canonical_id(given, "flow_id")
    row = transaction.fetch_one(statement("flow"), (flow_id,))
    if row is None:
        raise NotFound(f"There is no flow {flow_id}; register it first, or look up its id.", id=flow_id)
    return flow_id, row


def register_tasks(transaction: Transaction, input: RegisterTasksInput, caller: Caller) -> SuccessPayload:
    """Add tasks to a flow that was sent without them; those it has already stay as they are."""
    flow_id, flow = _flow(transaction, input.flow_id)
    tasks, moment = list_of(input.serialized_tasks, "serialized_tasks"), now()
    _insert_tasks(transaction, flow_id, flow[0], tasks, moment)
    _complete(transaction, flow_id, "tasks", tasks, moment)
    return SuccessPayload()


def register_edges(transaction: Transaction, input: RegisterEdgesInput, caller: Caller) -> SuccessPayload:
    """Add edges between tasks that were registered before."""
    flow_id, flow = _flow(transaction, input.flow_id)
    edges, moment = list_of(input.serialized_edges, "serialized_edges"), now()
    _insert_edges(transaction, flow_id, flow[0], edges, moment)
    _complete(transaction, flow_id, "edges", edges, moment)
    return SuccessPayload()


def _complete(transaction: Transaction, flow_id: str, part: str, items: list[Any], moment: str) -> None:
    """Put what came later into the flow's wire form too, so that the flow can be built again from it."""
    row = transaction.fetch_one(statement("serialized_flow"), (flow_id,))
    if row is None or row[0] is None or not items:
        return
    flow = object_of(row[0], "serialized_flow")
    known = flow.get(part) or []
    kept = {_identity(item) for item in known}
    flow[part] = known + [item for item in items if _identity(item) not in kept]
    transaction.execute(statement("complete_flow"), (flow_id, encode_json(flow, "serialized_flow"), moment))


def _identity(item: Any) -> tuple[Any, ...]:
    """What tells a task, or an edge, from the others of its flow."""
    ends = [(item.get(end) or {}).get("slug") for end in ("upstream_task", "downstream_task")]
    return item.get("slug"), *ends, item.get("key")


def archive_flow(transaction: Transaction, input: ArchiveFlowInput, caller: Caller) -> SuccessPayload:
    """Make no more runs of a version: what its schedule has planned goes, what people have planned is cancelled."""
    flow_id, _ = _flow(transaction, input.flow_id)
    _archive(transaction, flow_id, now(), caller.author)
    return SuccessPayload()


def _archive(transaction: Transaction, flow_id: str, moment: str, author: str | None) -> None:
    transaction.execute(statement("archive_flow"), (flow_id, moment))
    end_schedule(transaction, flow_id, moment)
    waiting = in_states(states.SCHEDULED)
    cancelled = plain_state("Cancelled", "The flow was archived before this run began.")
    for (run_id,) in transaction.fetch_all(statement("unbegun_flow_runs"), (flow_id, waiting)):
        propose_one(transaction, FLOW, cancelled._replace(run_id=run_id), Caller(author=author))


def delete_flow(transaction: Transaction, input: DeleteFlowInput, caller: Caller) -> SuccessPayload:
    """Delete a version of a flow; its runs disappear at once and are removed in batches."""
    flow_id, _ = _flow(transaction, input.flow_id)
    remove_flow(transaction, flow_id, now())
    caller.has_deleted = True
    return SuccessPayload()


def remove_flow(transaction: Transaction, flow_id: str, moment: str) -> None:
    """A flow, its tasks and edges; its runs are hidden and left to the deletion in batches."""
    transaction.execute(statement("hide_flow_runs_of_flow"), (flow_id, moment))
    for name in ("end_schedule", "delete_edges", "delete_tasks", "delete_flow"):
        transaction.execute(statement(name), (flow_id,))


def set_schedule_active(transaction: Transaction, input: SetScheduleActiveInput, caller: Caller) -> SuccessPayload:
    """Let a flow's schedule make runs; nothing happens where neither the flow nor its group has one."""
    flow_id, flow = _flow(transaction, input.flow_id)
    group = transaction.fetch_one(statement("flow_group"), (flow[8],))
    if flow[4] is None and (group is None or group[2] is None):
        return SuccessPayload()
    schedule = None if flow[4] is None else decode_json(flow[4], "schedule")
    _check_schedulable(decode_json(flow[2] or "[]", "parameters"), schedule, flow[1])
    if flow[3]:
        return SuccessPayload()  # of an archived version no runs are made
    moment = now()
    transaction.execute(statement("set_schedule_active"), (flow_id, True, moment))
    if not flow[5]:
        begin_schedule(transaction, flow_id, flow[0], moment)
    return SuccessPayload()


def _check_schedulable(parameters: list[Any], schedule: Any, name: str) -> None:
    required = {item["name"] for item in parameters if isinstance(item, dict) and item.get("required")}
    clocks = schedule.get("clocks") or [] if isinstance(schedule, dict) else []
    for clock in clocks:
        missing = required - set(clock.get("parameter_defaults") or {})
        if missing:
            raise BadInput(
                f"The flow {name!r} cannot be scheduled: its required parameters {', '.join(sorted(missing))} have no "
                "default in every clock."
            )


def set_schedule_inactive(transaction: Transaction, input: SetScheduleInactiveInput, caller: Caller) -> SuccessPayload:
    """Let a flow's schedule make no more runs; what it has planned goes."""
    flow_id, _ = _flow(transaction, input.flow_id)
    moment = now()
    transaction.execute(statement("set_schedule_active"), (flow_id, False, moment))
    end_schedule(transaction, flow_id, moment)
    return SuccessPayload()


def update_flow_project(transaction: Transaction, input: UpdateFlowProjectInput, caller: Caller) -> FlowIdPayload:
    """Move a flow, all its versions, to another project."""
    flow_id, _ = _flow(transaction, input.flow_id)
    project_id = canonical_id(input.project_id, "project_id")
    if transaction.fetch_one(statement("project"), (project_id,)) is None:
        raise NotFound(f"There is no project {project_id}.", id=project_id)
    transaction.execute(statement("move_flow"), (flow_id, project_id, now()))
    return FlowIdPayload(flow_id)


class GroupInput(Input):
    flow_group_id: UUID


class DeleteFlowGroupInput(GroupInput):
    pass


class SetFlowGroupDefaultParametersInput(GroupInput):
    parameters: JSON


class SetFlowGroupDescriptionInput(GroupInput):
    description: str | None = None


class SetFlowGroupLabelsInput(GroupInput):
    labels: list[str] | None = None


class SetFlowGroupRunConfigInput(GroupInput):
    run_config: JSON | None = None


def set_flow_group_default_parameters(
    transaction: Transaction, input: SetFlowGroupDefaultParametersInput, caller: Caller
) -> SuccessPayload:
    """What every run of the flow is given unless it says otherwise."""
    values = object_of(input.parameters, "parameters")
    answer = _set(transaction, "set_flow_group_default_parameters", input, encode_json(values, "parameters"))
    transaction.execute(
        statement("look_at_schedules_of_group"), (canonical_id(input.flow_group_id, "flow_group_id"), now())
    )
    return answer


def set_flow_group_description(
    transaction: Transaction, input: SetFlowGroupDescriptionInput, caller: Caller
) -> SuccessPayload:
    """What the flow is for."""
    return _set(transaction, "set_flow_group_description", input, clean_optional(input.description))


def set_flow_group_labels(transaction: Transaction, input: SetFlowGroupLabelsInput, caller: Caller) -> SuccessPayload:
    """Which agents may take its runs; null leaves it to the flow."""
    labels = None if input.labels is None else labels_of(input.labels)
    return _set(transaction, "set_flow_group_labels", input, labels)


def set_flow_group_run_config(
    transaction: Transaction, input: SetFlowGroupRunConfigInput, caller: Caller
) -> SuccessPayload:
    """What its runs need; null leaves it to the flow."""
    config = None if input.run_config is None else object_of(input.run_config, "run_config")
    return _set(transaction, "set_flow_group_run_config", input, _optional_json(config, "run_config"))


def _set(transaction: Transaction, name: str, input: GroupInput, value: str | None) -> SuccessPayload:
    group_id = canonical_id(input.flow_group_id, "flow_group_id")
    if transaction.execute(statement(name), (group_id, value, now())).rowcount == 0:
        raise NotFound(f"There is no flow group {group_id}.", id=group_id)
    return SuccessPayload()


def delete_flow_group(transaction: Transaction, input: DeleteFlowGroupInput, caller: Caller) -> SuccessPayload:
    """Delete a flow with all its versions and runs."""
    group_id = canonical_id(input.flow_group_id, "flow_group_id")
    moment = now()
    for (flow_id,) in transaction.fetch_all(statement("flows_of_group"), (group_id,)):
        remove_flow(transaction, flow_id, moment)
        caller.has_deleted = True
    if transaction.execute(statement("delete_flow_group"), (group_id,)).rowcount == 0:
        raise NotFound(f"There is no flow group {group_id}.", id=group_id)
    return SuccessPayload()


class CronClockInput(Input):
    cron: str
    parameter_defaults: JSON | None = None


class IntervalClockInput(Input):
    """`interval` is in seconds."""

    interval: int
    parameter_defaults: JSON | None = None


class SetFlowGroupScheduleInput(GroupInput):
    cron_clocks: list[CronClockInput] | None = None
    interval_clocks: list[IntervalClockInput] | None = None
    timezone: str | None = None


class DeleteFlowGroupScheduleInput(GroupInput):
    pass


def set_flow_group_schedule(
    transaction: Transaction, input: SetFlowGroupScheduleInput, caller: Caller
) -> SuccessPayload:
    """When runs of the flow start, whatever its versions say; what was planned by the schedule before goes."""
    group_id, newest = _group(transaction, input.flow_group_id)
    start = _start_of_clocks(input.timezone)
    clocks = [_cron_clock(clock, start) for clock in input.cron_clocks or ()]
    clocks += [_interval_clock(clock, start) for clock in input.interval_clocks or ()]
    if not clocks:
        raise BadInput("A schedule needs at least one clock: cron_clocks or interval_clocks.")
    schedule = {
        "type": "Schedule",
        "clocks": clocks,
        "filters": [],
        "or_filters": [],
        "not_filters": [],
        "adjustments": [],
        "__version__": VERSION,
    }
    if newest is not None:
        _check_schedulable(decode_json(newest[1] or "[]", "parameters"), schedule, newest[0])
    transaction.execute(statement("set_flow_group_schedule"), (group_id, encode_json(schedule, "schedule"), now()))
    _plan_anew(transaction, group_id)
    return SuccessPayload()


def delete_flow_group_schedule(
    transaction: Transaction, input: DeleteFlowGroupScheduleInput, caller: Caller
) -> SuccessPayload:
    """Leave it to the versions of the flow when they run; what was planned by the schedule goes."""
    group_id, _ = _group(transaction, input.flow_group_id)
    transaction.execute(statement("set_flow_group_schedule"), (group_id, None, now()))
    _plan_anew(transaction, group_id)
    return SuccessPayload()


def _group(transaction: Transaction, given: str) -> tuple[str, tuple[Any, ...] | None]:
    """The id of a group, and name and parameters of its newest version."""
    group_id = canonical_id(given, "flow_group_id")
    if transaction.fetch_one(statement("flow_group"), (group_id,)) is None:
        raise NotFound(f"There is no flow group {group_id}.", id=group_id)
    return group_id, transaction.fetch_one(statement("newest_parameters_of_group"), (group_id,))


def _plan_anew(transaction: Transaction, group_id: str) -> None:
    moment = now()
    for (flow_id,) in transaction.fetch_all(statement("flows_of_group"), (group_id,)):
        forget_planned(transaction, flow_id, moment)
    for flow_id, tenant_id in transaction.fetch_all(statement("schedules_of_group"), (group_id,)):
        begin_schedule(transaction, flow_id, tenant_id, moment)


def _start_of_clocks(timezone: str | None) -> dict[str, str]:
    """Now, in the zone whose clock the schedule follows, as clocks keep their start."""
    name = timezone or "UTC"
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"{name!r} is the name of no time zone; one is 'Europe/Berlin'.") from None
    return {"dt": datetime.now(zone).replace(microsecond=0, tzinfo=None).isoformat(), "tz": name}


def _cron_clock(clock: CronClockInput, start: dict[str, str]) -> dict[str, Any]:
    from croniter import croniter

    if not croniter.is_valid(clock.cron):
        raise BadInput(f"{clock.cron!r} is no cron expression; one is '0 9 * * 1-5'.")
    return {**_clock("CronClock", clock.parameter_defaults, start), "cron": clock.cron, "day_or": True}


def _interval_clock(clock: IntervalClockInput, start: dict[str, str]) -> dict[str, Any]:
    if not 0 < clock.interval <= LONGEST_INTERVAL_SECONDS:
        raise BadInput(f"An interval must be a number of seconds above 0, not {clock.interval}.")
    # On the wire a clock's interval is in microseconds.
    return {**_clock("IntervalClock", clock.parameter_defaults, start), "interval": clock.interval * 1_000_000}


def _clock(kind: str, defaults: Any, start: dict[str, str]) -> dict[str, Any]:
    values = {} if defaults is None else object_of(defaults, "parameter_defaults")
    return {
        "type": kind,
        "start_date": start,
        "end_date": None,
        "labels": None,
        "parameter_defaults": values,
        "__version__": VERSION,
    }


class EnableFlowHeartbeatInput(FlowInput):
    pass


class DisableFlowHeartbeatInput(FlowInput):
    pass


class EnableFlowLazarusProcessInput(FlowInput):
    pass


class DisableFlowLazarusProcessInput(FlowInput):
    pass


def enable_flow_heartbeat(transaction: Transaction, input: EnableFlowHeartbeatInput, caller: Caller) -> SuccessPayload:
    """Let the runs of a flow say that they live."""
    return _set_setting(transaction, input, HEARTBEAT_SETTING, True)


def disable_flow_heartbeat(
    transaction: Transaction, input: DisableFlowHeartbeatInput, caller: Caller
) -> SuccessPayload:
    """Let them not, and do not take their silence for their end."""
    return _set_setting(transaction, input, HEARTBEAT_SETTING, False)


def enable_flow_lazarus_process(
    transaction: Transaction, input: EnableFlowLazarusProcessInput, caller: Caller
) -> SuccessPayload:
    """Start runs again whose process is gone before it began to work."""
    return _set_setting(transaction, input, LAZARUS_SETTING, True)


def disable_flow_lazarus_process(
    transaction: Transaction, input: DisableFlowLazarusProcessInput, caller: Caller
) -> SuccessPayload:
    """Do not."""
    return _set_setting(transaction, input, LAZARUS_SETTING, False)


def _set_setting(transaction: Transaction, input: FlowInput, name: str, value: bool) -> SuccessPayload:
    """Set it for the group, where the backend looks, and for its versions, where runners of 1.x look."""
    _, flow = _flow(transaction, input.flow_id)
    group_id, moment = flow[8], now()
    row = transaction.fetch_one(statement("flow_group"), (group_id,))
    settings = {**({} if row is None else decode_json(row[1], "settings")), name: value}
    transaction.execute(statement("set_flow_group_settings"), (group_id, encode_json(settings, "settings"), moment))
    for flow_id, text in transaction.fetch_all(statement("settings_of_flows"), (group_id,)):
        changed = {**decode_json(text, "settings"), name: value}
        transaction.execute(statement("set_flow_settings"), (flow_id, encode_json(changed, "settings"), moment))
    return SuccessPayload()
