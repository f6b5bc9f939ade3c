"""Flows on the wire: everything sorted, so that the same flow is always the same text and has the same hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from prefect.core.edge import Edge
from prefect.core.flow import Flow
from prefect.core.parameter import Parameter
from prefect.core.task import Task
from prefect.exceptions import ValidationError
from prefect.serialization import versioned
from prefect.serialization.edge import dump_edge_between
from prefect.serialization.fields import text_or_none
from prefect.serialization.run_config import dump_run_config, load_run_config
from prefect.serialization.schedule import dump_schedule, load_schedule
from prefect.serialization.schemas import Schema, mapping_of
from prefect.serialization.storage import dump_storage, load_storage
from prefect.serialization.task import dump_parameter, dump_task, load_parameter, load_task, qualified_name


def dump_flow(flow: Flow) -> dict[str, Any]:
    """A flow as JSON values; its storage as it is now, built or not."""
    slugs = flow.slugs
    tasks = sorted(((slug, task) for task, slug in slugs.items()), key=_slug)
    edges = sorted(
        ((slugs[edge.upstream_task], slugs[edge.downstream_task], edge.key or "", edge) for edge in flow.edges),
        key=_edge_order,
    )
    version = versioned.current
    try:
        return {
            "name": flow.name,
            "type": qualified_name(type(flow)),
            "schedule": None if flow.schedule is None else dump_schedule(flow.schedule),
            "parameters": [dump_parameter(task) for _, task in tasks if isinstance(task, Parameter)],
            "tasks": [dump_task(task, slug) for slug, task in tasks],
            "edges": [dump_edge_between(edge, upstream, downstream) for upstream, downstream, _, edge in edges],
            "reference_tasks": [
                {"slug": slug, "__version__": version} for slug in sorted(slugs[task] for task in flow._reference_tasks)
            ],
            "run_config": None if flow.run_config is None else dump_run_config(flow.run_config),
            "storage": None if flow.storage is None else dump_storage(flow.storage),
            "__version__": version,
        }
    except ValidationError as error:
        raise ValidationError(f"Flow {flow.name!r} cannot be serialized: {error}") from error


def _slug(entry: tuple[str, Task]) -> str:
    return entry[0]


def _edge_order(entry: tuple[str, str, str, Edge]) -> tuple[str, str, str]:
    return entry[:3]


def hash_of(serialized: Mapping[str, Any]) -> str:
    """The SHA-256 of a serialized flow, the same for the same flow in every process."""
    return hashlib.sha256(json.dumps(serialized, sort_keys=True).encode()).hexdigest()


def load_flow(data: Any) -> Flow:
    """The plain Flow that the data describes: what runs it is kept, what its tasks do is not."""
    data = mapping_of(data, "flow")
    if "name" not in data:
        raise ValidationError(f"A flow must have a name: it is missing in {list(data)!r}.")
    flow = Flow(
        name=text_or_none(data, "name", "flow") or "",
        schedule=_optional(data, "schedule", load_schedule),
        run_config=_optional(data, "run_config", load_run_config),
        storage=_optional(data, "storage", load_storage),
    )
    parameters = {parameter.slug: parameter for parameter in map(load_parameter, _list(data, "parameters"))}
    tasks: dict[str, Task] = {}
    for task_data in _list(data, "tasks"):
        task = parameters.get(mapping_of(task_data, "task").get("slug")) or load_task(task_data)
        flow.add_task(task)
        tasks[flow.slugs[task]] = task
    for edge_data in _list(data, "edges"):
        edge = mapping_of(edge_data, "edge")
        flow.add_edge(
            _end(edge, "upstream_task", tasks, flow),
            _end(edge, "downstream_task", tasks, flow),
            key=text_or_none(edge, "key", "edge"),
            mapped=edge.get("mapped") is True,
            flattened=edge.get("flattened") is True,
            validate=False,
        )
    reference_tasks = [_end({"task": task}, "task", tasks, None) for task in _list(data, "reference_tasks")]
    if reference_tasks:
        flow.set_reference_tasks(reference_tasks)
    flow.validate()
    return flow


def _optional(data: Mapping[str, Any], field: str, load: Any) -> Any:
    value = data.get(field)
    return None if value is None else load(value)


def _list(data: Mapping[str, Any], field: str) -> list[Any]:
    value = data.get(field, [])
    if isinstance(value, list):
        return value
    raise ValidationError(f"The {field} of a flow must be a list, not {value!r}.")


def _end(edge: Mapping[str, Any], end: str, tasks: dict[str, Task], flow: Flow | None) -> Task:
    """The task that an edge or a reference names by its slug; an edge may name one that the flow does not list."""
    slug = mapping_of(edge.get(end), end).get("slug")
    task = tasks.get(str(slug))
    if task is None:
        if flow is None:
            raise ValueError(f"reference tasks must be part of the flow: there is no task {slug!r}.")
        task = load_task(edge[end])
        flow.add_task(task)
        tasks[flow.slugs[task]] = task
    return task


class FlowSchema(Schema):
    """A flow."""

    __slots__ = ()
    dump_one = staticmethod(dump_flow)
    load_one = staticmethod(load_flow)
