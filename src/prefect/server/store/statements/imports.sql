-- import_tenant: a tenant; one that is there already stays.
INSERT INTO tenant (id, created, updated, name, slug, info, settings)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT DO NOTHING;

-- import_project: a project; one that is there already stays.
INSERT INTO project (id, tenant_id, created, updated, name, description)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO NOTHING;

-- import_flow_group: a flow group; one that is there already stays.
INSERT INTO flow_group (id, tenant_id, created, updated, name, labels, schedule, settings, default_parameters,
run_config, description)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT DO NOTHING;

-- import_flow: a version of a flow; one that is there already stays.
INSERT INTO flow (id, tenant_id, created, updated, version, name, description, environment, parameters, project_id,
archived, version_group_id, storage, core_version, settings, serialized_flow, schedule, is_schedule_active,
flow_group_id, run_config)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
ON CONFLICT DO NOTHING;

-- import_task: a task; one that is there already stays.
INSERT INTO task (id, tenant_id, created, updated, flow_id, name, slug, description, type, max_retries, retry_delay,
trigger, mapped, auto_generated, cache_key, is_root_task, is_terminal_task, is_reference_task, tags)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, /*justify_hours(?11 * interval '1 microsecond')*/ ?11, ?12, ?13, ?14,
?15, ?16, ?17, ?18, ?19)
ON CONFLICT DO NOTHING;

-- import_edge: an edge; one that is there already stays.
INSERT INTO edge (id, tenant_id, created, updated, flow_id, upstream_task_id, downstream_task_id, key, mapped)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT DO NOTHING;

-- import_agent_config: the settings of agents; one that is there already stays.
INSERT INTO agent_config (id, tenant_id, created, updated, name, settings)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO NOTHING;

-- import_agent: an agent; one that is there already stays.
INSERT INTO agent (id, tenant_id, created, updated, agent_config_id, name, type, core_version, labels, last_queried)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT DO NOTHING;

-- import_cloud_hook: a hook; one that is there already stays.
INSERT INTO cloud_hook (id, tenant_id, created, updated, name, states, type, config, active, version_group_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT DO NOTHING;

-- import_cloud_hook_config: what is secret in it as well; of a hook that is there already, it stays.
INSERT INTO cloud_hook_config (cloud_hook_id, tenant_id, config)
VALUES (?1, ?2, ?3)
ON CONFLICT DO NOTHING;

-- import_message: a message; one that is there already stays.
INSERT INTO message (id, tenant_id, created, updated, read, type, text, content)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT DO NOTHING;

-- import_flow_run: a flow run as it was last; one that is there already stays.
INSERT INTO flow_run (id, tenant_id, created, updated, flow_id, parameters, scheduled_start_time, auto_scheduled,
heartbeat, start_time, end_time, version, state, state_timestamp, state_message, state_result, state_start_time,
serialized_state, name, context, times_resurrected, idempotency_key, agent_id, labels, run_config)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
?25)
ON CONFLICT DO NOTHING;

-- import_flow_run_state: a state of a flow run, in its place in the feed; one that is there already stays.
INSERT INTO flow_run_state (id, tenant_id, flow_run_id, sequence, version, timestamp, state, message, result,
start_time, serialized_state, created, updated)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT DO NOTHING;

-- import_task_run: a task run as it was last; one that is there already stays.
INSERT INTO task_run (id, tenant_id, created, updated, flow_run_id, task_id, map_index, version, heartbeat,
start_time, end_time, state, state_timestamp, state_message, state_result, state_start_time, serialized_state,
cache_key, name, first_sequence)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
ON CONFLICT DO NOTHING;

-- import_task_run_state: a state of a task run, in its place in the feed; one that is there already stays.
INSERT INTO task_run_state (id, tenant_id, flow_run_id, task_run_id, sequence, version, timestamp, state, message,
result, start_time, serialized_state, created, updated)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
ON CONFLICT DO NOTHING;

-- import_task_run_artifact: an artifact, in its place in the feed; one that is there already stays.
INSERT INTO task_run_artifact (id, tenant_id, created, updated, flow_run_id, task_run_id, sequence, kind, data)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT DO NOTHING;

-- import_log: a log line, in its place in the feed; one that is there already stays.
INSERT INTO log (id, tenant_id, created, updated, flow_run_id, task_run_id, sequence, timestamp, name, level, message,
info, is_loaded_from_archive)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT DO NOTHING;

-- imported_flow_run: whether this run is there already.
SELECT id FROM flow_run WHERE id = ?1;
