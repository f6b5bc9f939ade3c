-- owner_of_agent: its tenant.
SELECT tenant_id FROM agent WHERE id = ?1;

-- owner_of_agent_config: its tenant.
SELECT tenant_id FROM agent_config WHERE id = ?1;

-- owner_of_audit: its tenant.
SELECT tenant_id FROM audit WHERE id = ?1;

-- owner_of_auth_api_key: its tenant.
SELECT tenant_id FROM auth_api_key WHERE id = ?1;

-- owner_of_automation: its tenant.
SELECT tenant_id FROM automation WHERE id = ?1;

-- owner_of_automation_event: its tenant.
SELECT tenant_id FROM automation_event WHERE id = ?1;

-- owner_of_cloud_hook: its tenant.
SELECT tenant_id FROM cloud_hook WHERE id = ?1;

-- owner_of_flow: its tenant.
SELECT tenant_id FROM flow WHERE id = ?1;

-- owner_of_flow_concurrency_limit: its tenant.
SELECT tenant_id FROM flow_concurrency_limit WHERE id = ?1;

-- owner_of_flow_group: its tenant.
SELECT tenant_id FROM flow_group WHERE id = ?1;

-- owner_of_flow_run: its tenant.
SELECT tenant_id FROM flow_run WHERE id = ?1;

-- owner_of_hook_delivery: its tenant.
SELECT tenant_id FROM hook_delivery WHERE id = ?1;

-- owner_of_key_value: its tenant.
SELECT tenant_id FROM key_value WHERE id = ?1;

-- owner_of_message: its tenant.
SELECT tenant_id FROM message WHERE id = ?1;

-- owner_of_project: its tenant.
SELECT tenant_id FROM project WHERE id = ?1;

-- owner_of_task: its tenant.
SELECT tenant_id FROM task WHERE id = ?1;

-- owner_of_task_run: its tenant.
SELECT tenant_id FROM task_run WHERE id = ?1;

-- owner_of_task_run_artifact: its tenant.
SELECT tenant_id FROM task_run_artifact WHERE id = ?1;

-- owner_of_task_tag_limit: its tenant.
SELECT tenant_id FROM task_tag_limit WHERE id = ?1;
