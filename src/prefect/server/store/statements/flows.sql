-- insert_project: a place for flows.
INSERT INTO project (id, tenant_id, created, updated, name, description) VALUES (?1, ?2, ?3, ?3, ?4, ?5);

-- project_by_name: whether the name is taken.
SELECT id FROM project WHERE tenant_id = ?1 AND name = ?2;

-- project: a project's tenant and name.
SELECT tenant_id, name FROM project WHERE id = ?1;

-- name_project: under which name it is found.
UPDATE project SET name = ?2, updated = ?3 WHERE id = ?1;

-- describe_project: what it is for.
UPDATE project SET description = ?2, updated = ?3 WHERE id = ?1;

-- set_project_retention: after how many days its finished runs are deleted.
UPDATE project SET retention_days = ?2, updated = ?3 WHERE id = ?1;

-- delete_project: the row alone.
DELETE FROM project WHERE id = ?1;

-- flows_of_project: its flows, archived ones too.
SELECT id FROM flow WHERE project_id = ?1;

-- latest_group_of_name: the version group that the newest flow of this name in this project belongs to.
SELECT version_group_id FROM flow WHERE project_id = ?1 AND name = ?2 ORDER BY created DESC, id DESC LIMIT 1;

-- flow_group_by_name: the group that a version group id names.
SELECT id, settings, schedule FROM flow_group WHERE name = ?1 AND tenant_id = ?2;

-- flow_group: what a group decides for its flows.
SELECT id, settings, schedule, labels, default_parameters, run_config FROM flow_group WHERE id = ?1;

-- insert_flow_group: what all versions of a flow share.
INSERT INTO flow_group (id, tenant_id, created, updated, name, settings) VALUES (?1, ?2, ?3, ?3, ?4, ?5);

-- set_flow_group_settings: among them the key of the last registration.
UPDATE flow_group SET settings = ?2, updated = ?3 WHERE id = ?1;

-- set_flow_group_labels: which agents may take its runs.
UPDATE flow_group SET labels = ?2, updated = ?3 WHERE id = ?1;

-- set_flow_group_schedule: when its runs start.
UPDATE flow_group SET schedule = ?2, updated = ?3 WHERE id = ?1;

-- set_flow_group_default_parameters: what its runs are given.
UPDATE flow_group SET default_parameters = ?2, updated = ?3 WHERE id = ?1;

-- set_flow_group_run_config: what its runs need.
UPDATE flow_group SET run_config = ?2, updated = ?3 WHERE id = ?1;

-- set_flow_group_description: what it is for.
UPDATE flow_group SET description = ?2, updated = ?3 WHERE id = ?1;

-- newest_flow_of_group: the version in use.
SELECT id, version FROM flow WHERE flow_group_id = ?1 AND archived = FALSE ORDER BY version DESC LIMIT 1;

-- greatest_version: the number that the next version follows.
SELECT max(version) FROM flow WHERE flow_group_id = ?1;

-- unarchived_flows: the versions that a new one replaces.
SELECT id FROM flow WHERE flow_group_id = ?1 AND archived = FALSE AND id <> ?2;

-- insert_flow: one version of a flow.
INSERT INTO flow (id, tenant_id, created, updated, version, name, description, environment, parameters, project_id,
version_group_id, storage, core_version, serialized_flow, schedule, is_schedule_active, flow_group_id, run_config)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17);

-- flow: what a run of a flow is made from.
SELECT f.tenant_id, f.name, f.parameters, f.archived, f.schedule, f.is_schedule_active, f.environment, f.run_config,
f.flow_group_id, f.project_id FROM flow AS f WHERE f.id = ?1;

-- serialized_flow: a flow in its wire form.
SELECT serialized_flow FROM flow WHERE id = ?1;

-- complete_flow: its wire form, with what was sent after it.
UPDATE flow SET serialized_flow = ?2, updated = ?3 WHERE id = ?1;

-- archive_flow: no more runs of this version.
UPDATE flow SET archived = TRUE, is_schedule_active = FALSE, updated = ?2 WHERE id = ?1;

-- set_schedule_active: whether its schedule makes runs.
UPDATE flow SET is_schedule_active = ?2, updated = ?3 WHERE id = ?1;

-- move_flow: to another project.
UPDATE flow SET project_id = ?2, updated = ?3 WHERE flow_group_id = (SELECT flow_group_id FROM flow WHERE id = ?1);

-- delete_flow: the row alone.
DELETE FROM flow WHERE id = ?1;

-- delete_tasks: a flow's tasks.
DELETE FROM task WHERE flow_id = ?1;

-- delete_edges: a flow's edges.
DELETE FROM edge WHERE flow_id = ?1;

-- flows_of_group: every version.
SELECT id FROM flow WHERE flow_group_id = ?1;

-- delete_flow_group: the row alone.
DELETE FROM flow_group WHERE id = ?1;

-- insert_task: a task of a flow; one that is there already stays.
INSERT INTO task (id, tenant_id, created, updated, flow_id, name, slug, type, max_retries, retry_delay, trigger,
mapped, auto_generated, cache_key, tags)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, /*justify_hours(?9 * interval '1 microsecond')*/ ?9, ?10, ?11, ?12, ?13, ?14)
ON CONFLICT (flow_id, slug) DO NOTHING;

-- task_ids_by_slug: a flow's tasks.
SELECT slug, id FROM task WHERE flow_id = ?1;

-- insert_edge: a dependency of one task of a flow on another.
INSERT INTO edge (id, tenant_id, created, updated, flow_id, upstream_task_id, downstream_task_id, key, mapped)
SELECT ?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (
SELECT 1 FROM edge WHERE flow_id = ?4 AND downstream_task_id = ?6 AND upstream_task_id = ?5 AND key IS ?7);

-- mark_mapped_task: that a task has one run for each element of something.
UPDATE task SET mapped = TRUE WHERE id = ?1;

-- newest_parameters_of_group: name and parameters of the version in use.
SELECT name, parameters FROM flow WHERE flow_group_id = ?1 AND archived = FALSE ORDER BY version DESC LIMIT 1;

-- settings_of_flows: of every version.
SELECT id, settings FROM flow WHERE flow_group_id = ?1;

-- set_flow_settings: of one version.
UPDATE flow SET settings = ?2, updated = ?3 WHERE id = ?1;
