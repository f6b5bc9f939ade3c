-- insert_automation: something follows by itself from now on.
INSERT INTO automation (id, tenant_id, created, updated, name, active_since, trigger, actions)
VALUES (?1, ?2, ?3, ?3, ?4, ?3, ?5, ?6);

-- automation: what sets it off, and what follows.
SELECT tenant_id, name, active, trigger, actions FROM automation WHERE id = ?1;

-- update_automation: what is given; the rest stays.
UPDATE automation SET updated = ?2, name = coalesce(?3, name), active = ?4, active_since = coalesce(?5, active_since),
trigger = ?6, actions = ?7 WHERE id = ?1;

-- delete_automation: the row alone.
DELETE FROM automation WHERE id = ?1;

-- delete_events_of_automation: what it was set off by.
DELETE FROM automation_event WHERE automation_id = ?1;

-- active_automations: of a tenant.
SELECT id, name, active_since, trigger FROM automation WHERE tenant_id = ?1 AND active = TRUE ORDER BY id;

-- every_active_automation: of all tenants.
SELECT id, tenant_id, name, active_since, trigger FROM automation WHERE active = TRUE ORDER BY id;

-- insert_automation_event: something has set it off, unless the same had before.
INSERT INTO automation_event (id, tenant_id, created, updated, automation_id, subject, flow_run_id, content, depth)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (automation_id, subject) DO NOTHING;

-- any_open_event: whether any actions are to be done.
SELECT 1 FROM automation_event WHERE finished IS NULL LIMIT 1;

-- open_events: whose actions are to be done, the oldest first.
SELECT id FROM automation_event WHERE finished IS NULL ORDER BY created, id LIMIT ?1;

-- open_event: how far its actions are done.
SELECT e.automation_id, e.tenant_id, e.flow_run_id, e.content, e.depth, e.actions_done, e.last_error, a.name, a.active,
a.actions FROM automation_event AS e LEFT JOIN automation AS a ON a.id = e.automation_id
WHERE e.id = ?1 AND e.finished IS NULL;

-- action_done: the next one is done, unless somebody else has done it.
UPDATE automation_event SET actions_done = actions_done + 1, updated = ?3, last_error = coalesce(?4, last_error)
WHERE id = ?1 AND actions_done = ?2 AND finished IS NULL;

-- finish_event: nothing more follows from it.
UPDATE automation_event SET finished = ?2, updated = ?2, last_error = coalesce(?3, last_error)
WHERE id = ?1 AND finished IS NULL;

-- finish_begun_events: of an automation, those of whose actions some are done.
UPDATE automation_event SET finished = ?2, updated = ?2, last_error = coalesce(last_error, ?3)
WHERE automation_id = ?1 AND actions_done > 0 AND finished IS NULL;

-- insert_automation_run: an automation has started it.
INSERT INTO automation_run (flow_run_id, tenant_id, automation_id, automation_event_id, depth)
VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING;

-- runs_not_started: runs of a tenant that were to start between these times, and that have set nothing off yet.
SELECT r.id FROM flow_run AS r WHERE r.tenant_id = ?1 AND r.state IN (SELECT value FROM json_each(?2))
AND r.scheduled_start_time >= ?3 AND r.scheduled_start_time < ?4 AND r.start_time IS NULL AND r.id > ?5
AND NOT EXISTS (SELECT 1 FROM automation_event AS e WHERE e.automation_id = ?6 AND e.subject = CAST(r.id AS TEXT))
AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = r.id) ORDER BY r.id LIMIT ?7;

-- runs_not_finished: runs of a tenant that began between these times, and that have set nothing off yet.
SELECT r.id FROM flow_run AS r WHERE r.tenant_id = ?1 AND r.state IN (SELECT value FROM json_each(?2))
AND r.start_time >= ?3 AND r.start_time < ?4 AND r.id > ?5
AND NOT EXISTS (SELECT 1 FROM automation_event AS e WHERE e.automation_id = ?6 AND e.subject = CAST(r.id AS TEXT))
AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = r.id) ORDER BY r.id LIMIT ?7;

-- runs_not_finished_in_time: the same of those that were to start between these times.
SELECT r.id FROM flow_run AS r WHERE r.tenant_id = ?1 AND r.state IN (SELECT value FROM json_each(?2))
AND r.scheduled_start_time >= ?3 AND r.scheduled_start_time < ?4 AND r.id > ?5
AND NOT EXISTS (SELECT 1 FROM automation_event AS e WHERE e.automation_id = ?6 AND e.subject = CAST(r.id AS TEXT))
AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = r.id) ORDER BY r.id LIMIT ?7;

-- agents_not_heard_of: agents of a tenant that last asked for runs between these times.
SELECT a.id, a.name, a.last_queried FROM agent AS a
WHERE a.tenant_id = ?1 AND a.last_queried >= ?2 AND a.last_queried < ?3 ORDER BY a.id;

-- group_of_flow: of which group a flow is.
SELECT flow_group_id FROM flow WHERE id = ?1;

-- forget_events: those that ended long ago, but for what would set the same off once more.
DELETE FROM automation_event WHERE id IN (SELECT e.id FROM automation_event AS e WHERE e.finished < ?1
AND NOT EXISTS (SELECT 1 FROM flow_run AS r WHERE r.id = e.flow_run_id AND NOT r.state IN (SELECT value FROM json_each(?2)))
ORDER BY e.finished LIMIT ?3);

-- delete_events_of_run: what a run has set off, when it is gone.
DELETE FROM automation_event WHERE flow_run_id = ?1 AND finished IS NOT NULL;

-- delete_automation_run: that an automation had started it.
DELETE FROM automation_run WHERE flow_run_id = ?1;
