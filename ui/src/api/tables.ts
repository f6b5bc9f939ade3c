// Made by `make generate`; change what it is made from.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface AgentRow {
  readonly id: string;
  readonly created: string;
  readonly updated: string;
  readonly tenant_id: string;
  readonly agent_config_id: string | null;
  readonly name: string | null;
  readonly type: string | null;
  readonly core_version: string | null;
  readonly labels: Json;
  readonly last_queried: string | null;
}

export interface AgentConfigRow {
  readonly id: string;
  readonly created: string;
  readonly updated: string;
  readonly tenant_id: string;
  readonly name: string | null;
  readonly settings: Json;
}

export interface CloudHookRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly created: string;
  readonly updated: string;
  readonly name: string | null;
  readonly states: Json;
  readonly type: string;
  readonly config: Json;
  readonly active: boolean;
  readonly version_group_id: string | null;
  readonly run_filter: Json;
  readonly template: Json;
}

export interface EdgeRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly created: string;
  readonly flow_id: string;
  readonly upstream_task_id: string;
  readonly downstream_task_id: string;
  readonly key: string | null;
  readonly mapped: boolean;
  readonly updated: string;
}

export interface FlowRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly created: string;
  readonly version: number | null;
  readonly name: string;
  readonly description: string | null;
  readonly environment: Json;
  readonly parameters: Json;
  readonly project_id: string;
  readonly archived: boolean;
  readonly version_group_id: string | null;
  readonly storage: Json;
  readonly core_version: string | null;
  readonly updated: string;
  readonly settings: Json;
  readonly serialized_flow: Json;
  readonly schedule: Json;
  readonly is_schedule_active: boolean;
  readonly flow_group_id: string;
  readonly run_config: Json;
}

export interface FlowGroupRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly created: string;
  readonly updated: string;
  readonly name: string | null;
  readonly labels: Json;
  readonly schedule: Json;
  readonly settings: Json;
  readonly default_parameters: Json;
  readonly run_config: Json;
  readonly description: string | null;
}

export interface FlowRunRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly created: string;
  readonly flow_id: string;
  readonly parameters: Json;
  readonly scheduled_start_time: string;
  readonly auto_scheduled: boolean;
  readonly heartbeat: string | null;
  readonly start_time: string | null;
  readonly end_time: string | null;
  readonly version: number;
  readonly state: string | null;
  readonly state_timestamp: string | null;
  readonly state_message: string | null;
  readonly state_result: Json;
  readonly state_start_time: string | null;
  readonly serialized_state: Json;
  readonly name: string | null;
  readonly context: Json;
  readonly times_resurrected: number | null;
  readonly updated: string;
  readonly idempotency_key: string | null;
  readonly agent_id: string | null;
  readonly labels: Json;
  readonly run_config: Json;
  readonly owner_host: string | null;
  readonly owner_pid: number | null;
  readonly owner_started: string | null;
  readonly heartbeat_interval: number | null;
  readonly sequence: number | null;
}

export interface FlowRunStateRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly flow_run_id: string;
  readonly timestamp: string;
  readonly state: string;
  readonly message: string | null;
  readonly result: Json;
  readonly start_time: string | null;
  readonly serialized_state: Json;
  readonly created: string;
  readonly updated: string;
  readonly version: number | null;
  readonly sequence: number;
  readonly client_timestamp: string | null;
  readonly idempotency_id: string | null;
  readonly set_by: string | null;
}

export interface LogRow {
  readonly flow_run_id: string | null;
  readonly tenant_id: string | null;
  readonly task_run_id: string | null;
  readonly timestamp: string;
  readonly name: string | null;
  readonly level: string | null;
  readonly message: string | null;
  readonly info: Json;
  readonly id: string;
  readonly created: string;
  readonly updated: string;
  readonly is_loaded_from_archive: boolean | null;
  readonly sequence: number;
  readonly client_id: string | null;
  readonly client_sequence: number | null;
}

export interface MessageRow {
  readonly id: string;
  readonly created: string;
  readonly updated: string;
  readonly tenant_id: string;
  readonly read: boolean;
  readonly type: string | null;
  readonly text: string | null;
  readonly content: Json;
}

export interface ProjectRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly created: string;
  readonly name: string;
  readonly description: string | null;
  readonly updated: string;
  readonly retention_days: number | null;
}

export interface TaskRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly created: string;
  readonly flow_id: string;
  readonly name: string | null;
  readonly slug: string | null;
  readonly description: string | null;
  readonly type: string | null;
  readonly max_retries: number | null;
  readonly retry_delay: string | null;
  readonly trigger: string | null;
  readonly mapped: boolean;
  readonly auto_generated: boolean;
  readonly cache_key: string | null;
  readonly is_root_task: boolean;
  readonly is_terminal_task: boolean;
  readonly is_reference_task: boolean;
  readonly tags: Json;
  readonly updated: string;
}

export interface TaskRunRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly created: string;
  readonly flow_run_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly version: number;
  readonly heartbeat: string | null;
  readonly start_time: string | null;
  readonly end_time: string | null;
  readonly state: string | null;
  readonly state_timestamp: string | null;
  readonly state_message: string | null;
  readonly state_result: Json;
  readonly state_start_time: string | null;
  readonly serialized_state: Json;
  readonly cache_key: string | null;
  readonly updated: string;
  readonly name: string | null;
  readonly first_sequence: number;
}

export interface TaskRunArtifactRow {
  readonly id: string;
  readonly created: string;
  readonly updated: string;
  readonly tenant_id: string;
  readonly task_run_id: string;
  readonly kind: string;
  readonly data: Json;
  readonly flow_run_id: string;
  readonly sequence: number;
}

export interface TaskRunStateRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly task_run_id: string;
  readonly timestamp: string;
  readonly state: string;
  readonly message: string | null;
  readonly result: Json;
  readonly start_time: string | null;
  readonly serialized_state: Json;
  readonly created: string;
  readonly updated: string;
  readonly version: number | null;
  readonly flow_run_id: string;
  readonly sequence: number;
  readonly client_timestamp: string | null;
  readonly idempotency_id: string | null;
  readonly set_by: string | null;
}

export interface TenantRow {
  readonly id: string;
  readonly created: string;
  readonly name: string;
  readonly slug: string;
  readonly info: Json;
  readonly settings: Json;
  readonly updated: string;
}

export interface UtilityTraversalRow {
  readonly tenant_id: string | null;
  readonly task_id: string | null;
  readonly depth: number | null;
}

export interface KeyValueRow {
  readonly id: string;
  readonly created: string;
  readonly updated: string;
  readonly tenant_id: string;
  readonly key: string;
  readonly value: Json;
}

export interface TaskTagLimitRow {
  readonly id: string;
  readonly created: string;
  readonly updated: string;
  readonly tenant_id: string;
  readonly tag: string;
  readonly limit: number;
}

export interface TaskConcurrencyLimitRow {
  readonly id: string;
  readonly created: string;
  readonly updated: string;
  readonly tenant_id: string;
  readonly name: string;
  readonly limit: number;
}

export interface FlowConcurrencyLimitRow {
  readonly id: string;
  readonly created: string;
  readonly updated: string;
  readonly tenant_id: string;
  readonly name: string;
  readonly limit: number;
}

export interface AuthApiKeyRow {
  readonly id: string;
  readonly created: string;
  readonly updated: string;
  readonly tenant_id: string;
  readonly name: string;
  readonly user_id: string | null;
  readonly default_tenant_id: string;
  readonly expires_at: string | null;
  readonly role: string;
}

export interface AuditRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly created: string;
  readonly who: string;
  readonly key_id: string | null;
  readonly key_name: string | null;
  readonly role: string;
  readonly agent_id: string | null;
  readonly operation: string;
  readonly ids: Json;
  readonly input: Json;
  readonly outcome: string;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly core_version: string | null;
}

export interface HookDeliveryRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly created: string;
  readonly updated: string;
  readonly cloud_hook_id: string;
  readonly flow_run_id: string | null;
  readonly content: Json;
  readonly status: string;
  readonly attempts: number;
  readonly due: string | null;
  readonly claimed_by: string | null;
  readonly finished: string | null;
  readonly last_error: string | null;
}

export interface AutomationRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly created: string;
  readonly updated: string;
  readonly name: string;
  readonly active: boolean;
  readonly active_since: string;
  readonly trigger: Json;
  readonly actions: Json;
}

export interface AutomationEventRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly created: string;
  readonly updated: string;
  readonly automation_id: string;
  readonly subject: string;
  readonly flow_run_id: string | null;
  readonly content: Json;
  readonly depth: number;
  readonly actions_done: number;
  readonly finished: string | null;
  readonly last_error: string | null;
}
