"""One function per mutation, and the registry that the endpoint and the GraphQL schema are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, get_type_hints

from prefect.server.operations import api, flows, logs, projects, runs, states
from prefect.server.operations.base import Caller, Input, Operation, Payload, Query, SuccessPayload

__all__ = ["OPERATIONS", "QUERIES", "Caller", "Input", "Operation", "Payload", "Query", "SuccessPayload"]


# What happens beneath a run, all day long: these take the lock of their run, and nobody else waits for them.
_LOCKING = frozenset(
    {
        logs.create_task_run_artifact,
        logs.delete_task_run_artifact,
        logs.update_task_run_artifact,
        logs.write_run_logs,
        runs.create_flow_run,
        runs.delete_flow_run,
        runs.get_or_create_mapped_task_runs,
        runs.get_or_create_task_run,
        runs.get_or_create_task_run_info,
        runs.set_flow_run_labels,
        runs.set_flow_run_name,
        runs.set_task_run_name,
        runs.update_flow_run_heartbeat,
        runs.update_task_run_heartbeat,
        states.cancel_flow_run,
        states.resume_flow_run,
        states.set_flow_run_states,
        states.set_task_run_states,
    }
)


def _operation(answer: Callable[..., Any]) -> Operation:
    hints = get_type_hints(answer)
    return Operation(answer.__name__, answer, hints["input"], hints["return"], answer in _LOCKING)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        function.__name__: _operation(function)
        for function in (
            flows.archive_flow,
            flows.create_flow,
            flows.create_flow_from_compressed_string,
            flows.delete_flow,
            flows.delete_flow_group,
            flows.register_edges,
            flows.register_tasks,
            flows.set_flow_group_default_parameters,
            flows.set_flow_group_description,
            flows.set_flow_group_labels,
            flows.set_flow_group_run_config,
            flows.set_schedule_active,
            flows.set_schedule_inactive,
            flows.update_flow_project,
            logs.create_task_run_artifact,
            logs.delete_task_run_artifact,
            logs.update_task_run_artifact,
            logs.write_run_logs,
            projects.create_project,
            projects.create_tenant,
            projects.delete_project,
            projects.set_project_description,
            projects.set_project_name,
            projects.set_project_retention,
            runs.create_flow_run,
            runs.delete_flow_run,
            runs.get_or_create_mapped_task_runs,
            runs.get_or_create_task_run,
            runs.get_or_create_task_run_info,
            runs.set_flow_run_labels,
            runs.set_flow_run_name,
            runs.set_task_run_name,
            runs.update_flow_run_heartbeat,
            runs.update_task_run_heartbeat,
            states.cancel_flow_run,
            states.resume_flow_run,
            states.set_flow_run_states,
            states.set_task_run_states,
        )
    }
)

QUERIES: Mapping[str, Query] = MappingProxyType(
    {
        query.name: query
        for query in (
            Query("hello", api.hello),
            Query("api", api.api, (), api.ApiInfo),
            Query("reference_data", api.reference_data, (), api.ReferenceData),
            Query("get_task_run_info", runs.get_task_run_info, ("task_run_id",), runs.TaskRunInfo),
            Query("mapped_children", runs.mapped_children, ("task_run_id",), runs.MappedChildren),
        )
    }
)
