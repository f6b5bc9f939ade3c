"""One function per mutation, and the registry that the endpoint and the GraphQL schema are made from."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, get_type_hints

from prefect.server.catalog import Level
from prefect.server.operations import (
    agents,
    api,
    automations,
    exits,
    flows,
    hooks,
    key_values,
    keys,
    late_runs,
    limits,
    logs,
    projects,
    restarts,
    runs,
    secrets,
    services,
    states,
    tenants,
)
from prefect.server.operations.base import Caller, Input, Operation, Payload, Query, SuccessPayload

__all__ = ["OPERATIONS", "QUERIES", "Caller", "Input", "Operation", "Payload", "Query", "SuccessPayload"]


# What happens beneath a run, all day long: these take the lock of their run, and nobody else waits for them.
_LOCKING = frozenset(
    {
        agents.get_runs_in_queue,
        exits.report_flow_run_process_exit,
        logs.create_task_run_artifact,
        logs.delete_task_run_artifact,
        logs.update_task_run_artifact,
        logs.write_run_logs,
        restarts.restart_flow_run,
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
        states.set_flow_run_state,
        states.set_flow_run_states,
        states.set_task_run_state,
        states.set_task_run_states,
    }
)


# What changes who may do what, and whom things belong to.
_FOR_ADMINS = frozenset(
    {
        keys.create_api_key,
        keys.delete_api_key,
        tenants.create_tenant,
        tenants.delete_tenant,
        tenants.update_tenant_name,
        tenants.update_tenant_settings,
        tenants.update_tenant_slug,
    }
)

# What runs and agents report all day has a history of its own: states say who set them.
_ROUTINE = frozenset(
    {
        agents.get_runs_in_queue,
        exits.report_flow_run_process_exit,
        logs.create_task_run_artifact,
        logs.delete_task_run_artifact,
        logs.update_task_run_artifact,
        logs.write_run_logs,
        runs.get_or_create_mapped_task_runs,
        runs.get_or_create_task_run,
        runs.get_or_create_task_run_info,
        runs.set_task_run_name,
        runs.update_flow_run_heartbeat,
        runs.update_task_run_heartbeat,
        states.set_flow_run_state,
        states.set_flow_run_states,
        states.set_task_run_state,
        states.set_task_run_states,
    }
)


def _operation(answer: Callable[..., Any]) -> Operation:
    hints = get_type_hints(answer)
    return Operation(
        answer.__name__,
        answer,
        hints["input"],
        hints["return"],
        answer in _LOCKING,
        Level.ADMIN if answer in _FOR_ADMINS else Level.USER,
        answer in _ROUTINE,
    )


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        function.__name__: _operation(function)
        for function in (
            agents.create_agent_config,
            agents.delete_agent,
            agents.delete_agent_config,
            agents.get_runs_in_queue,
            agents.register_agent,
            agents.update_agent_config,
            automations.create_automation,
            automations.delete_automation,
            automations.update_automation,
            exits.report_flow_run_process_exit,
            flows.archive_flow,
            flows.create_flow,
            flows.create_flow_from_compressed_string,
            flows.delete_flow,
            flows.delete_flow_group,
            flows.delete_flow_group_schedule,
            flows.disable_flow_heartbeat,
            flows.disable_flow_lazarus_process,
            flows.enable_flow_heartbeat,
            flows.enable_flow_lazarus_process,
            flows.register_edges,
            flows.register_tasks,
            flows.set_flow_group_default_parameters,
            flows.set_flow_group_description,
            flows.set_flow_group_labels,
            flows.set_flow_group_run_config,
            flows.set_flow_group_schedule,
            flows.set_schedule_active,
            flows.set_schedule_inactive,
            flows.update_flow_project,
            hooks.create_cloud_hook,
            hooks.delete_cloud_hook,
            hooks.delete_message,
            hooks.mark_message_as_read,
            hooks.mark_message_as_unread,
            hooks.set_cloud_hook_active,
            hooks.set_cloud_hook_inactive,
            hooks.test_cloud_hook,
            hooks.update_cloud_hook,
            key_values.delete_key_value,
            key_values.set_key_value,
            keys.create_api_key,
            keys.delete_api_key,
            limits.delete_flow_concurrency_limit,
            limits.delete_task_concurrency_limit,
            limits.delete_task_tag_limit,
            limits.update_flow_concurrency_limit,
            limits.update_task_concurrency_limit,
            limits.update_task_tag_limit,
            logs.create_task_run_artifact,
            logs.delete_task_run_artifact,
            logs.update_task_run_artifact,
            logs.write_run_logs,
            projects.create_project,
            projects.delete_project,
            projects.set_project_description,
            projects.set_project_name,
            projects.set_project_retention,
            restarts.restart_flow_run,
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
            secrets.delete_secret,
            secrets.set_secret,
            states.cancel_flow_run,
            states.resume_flow_run,
            states.set_flow_run_state,
            states.set_flow_run_states,
            states.set_task_run_state,
            states.set_task_run_states,
            tenants.create_tenant,
            tenants.delete_tenant,
            tenants.pause_tenant_work_queue,
            tenants.resume_tenant_work_queue,
            tenants.update_tenant_name,
            tenants.update_tenant_settings,
            tenants.update_tenant_slug,
        )
    }
)


def _query(
    answer: Callable[..., Any], payload_type: type[Payload] | None = None, needs: Level = Level.READ_ONLY
) -> Query:
    arguments = list(inspect.signature(answer).parameters.values())[2:]
    optional = frozenset(argument.name for argument in arguments if argument.default is not argument.empty)
    return Query(answer.__name__, answer, tuple(argument.name for argument in arguments), payload_type, optional, needs)


QUERIES: Mapping[str, Query] = MappingProxyType(
    {
        query.name: query
        for query in (
            _query(agents.flow_run_matching, agents.FlowRunMatching),
            _query(api.api, api.ApiInfo),
            _query(api.hello),
            _query(api.reference_data, api.ReferenceData),
            _query(api.server_info, api.ServerInfo, Level.ADMIN),
            _query(keys.auth_info, keys.AuthInfo),
            _query(late_runs.late_flow_runs, late_runs.LateFlowRun),
            _query(limits.flow_concurrency, limits.FlowConcurrency),
            _query(limits.task_concurrency, limits.TaskConcurrency),
            _query(runs.get_task_run_info, runs.TaskRunInfo),
            _query(runs.mapped_children, runs.MappedChildren),
            _query(secrets.secret_names),
            _query(secrets.secret_value, needs=Level.USER),
            _query(services.services, services.ServiceStatus),
        )
    }
)
