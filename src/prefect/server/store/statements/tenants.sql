-- first_tenant: the tenant of an open backend.
SELECT id FROM tenant ORDER BY created, id LIMIT 1;

-- tenant_exists: whether there is such a tenant.
SELECT id FROM tenant WHERE id = ?1;

-- insert_tenant: whom everything belongs to.
INSERT INTO tenant (id, created, updated, name, slug) VALUES (?1, ?2, ?2, ?3, ?4);

-- tenant_by_slug: whether the slug is taken.
SELECT id FROM tenant WHERE slug = ?1;

-- name_tenant: what people call it.
UPDATE tenant SET name = ?2, updated = ?3 WHERE id = ?1;

-- slug_tenant: what addresses call it.
UPDATE tenant SET slug = ?2, updated = ?3 WHERE id = ?1;

-- tenant_settings: what a tenant has set.
SELECT settings FROM tenant WHERE id = ?1;

-- set_tenant_settings: what a tenant has set.
UPDATE tenant SET settings = ?2, updated = ?3 WHERE id = ?1;

-- delete_tenant: the row alone.
DELETE FROM tenant WHERE id = ?1;

-- hide_flow_runs_of_tenant: all runs of a tenant disappear at once.
INSERT INTO flow_run_deletion (flow_run_id, requested_at) SELECT id, ?2 FROM flow_run WHERE tenant_id = ?1
ON CONFLICT DO NOTHING;

-- delete_tenants_edges: of all its flows.
DELETE FROM edge WHERE tenant_id = ?1;

-- delete_tenants_tasks: of all its flows.
DELETE FROM task WHERE tenant_id = ?1;

-- delete_tenants_flows: in all versions.
DELETE FROM flow WHERE tenant_id = ?1;

-- delete_tenants_schedules: they plan nothing any more.
DELETE FROM flow_schedule WHERE tenant_id = ?1;

-- delete_tenants_flow_groups: of all its flows.
DELETE FROM flow_group WHERE tenant_id = ?1;

-- delete_tenants_projects: the rows alone.
DELETE FROM project WHERE tenant_id = ?1;

-- delete_tenants_agents: they find no runs any more.
DELETE FROM agent WHERE tenant_id = ?1;

-- delete_tenants_agent_configs: the rows alone.
DELETE FROM agent_config WHERE tenant_id = ?1;

-- delete_tenants_hooks: nobody is told any more.
DELETE FROM cloud_hook WHERE tenant_id = ?1;

-- delete_tenants_hook_configs: whom they told.
DELETE FROM cloud_hook_config WHERE tenant_id = ?1;

-- delete_tenants_hook_secrets: sealed as they are.
DELETE FROM cloud_hook_secret WHERE tenant_id = ?1;

-- delete_tenants_deliveries: what waits to be told as well.
DELETE FROM hook_delivery WHERE tenant_id = ?1;

-- delete_tenants_automations: nothing is done by itself any more.
DELETE FROM automation WHERE tenant_id = ?1;

-- delete_tenants_automation_events: what has set them off.
DELETE FROM automation_event WHERE tenant_id = ?1;

-- delete_tenants_automation_runs: what they have started.
DELETE FROM automation_run WHERE tenant_id = ?1;

-- delete_tenants_messages: read or not.
DELETE FROM message WHERE tenant_id = ?1;

-- delete_tenants_key_values: the whole store.
DELETE FROM key_value WHERE tenant_id = ?1;

-- delete_tenants_task_tag_limits: of its tags.
DELETE FROM task_tag_limit WHERE tenant_id = ?1;

-- delete_tenants_flow_concurrency_limits: of its labels.
DELETE FROM flow_concurrency_limit WHERE tenant_id = ?1;

-- delete_tenants_slots: who held a slot of them.
DELETE FROM task_tag_slot WHERE tenant_id = ?1;

-- delete_tenants_secrets: sealed as they are.
DELETE FROM secret WHERE tenant_id = ?1;

-- delete_tenants_sessions: nobody is logged in any more.
DELETE FROM auth_session WHERE tenant_id = ?1;

-- delete_tenants_audit: who did what to it.
DELETE FROM audit WHERE tenant_id = ?1;

-- delete_tenants_key_hashes: its keys open nothing any more.
DELETE FROM api_key_hash WHERE id IN (SELECT id FROM auth_api_key WHERE tenant_id = ?1);

-- delete_tenants_api_keys: the rows alone.
DELETE FROM auth_api_key WHERE tenant_id = ?1;
