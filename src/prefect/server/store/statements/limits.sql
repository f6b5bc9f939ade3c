-- insert_task_tag_limit: how many task runs with a tag may run at once.
INSERT INTO task_tag_limit (id, tenant_id, created, updated, tag, "limit") VALUES (?1, ?2, ?3, ?3, ?4, ?5);

-- task_tag_limit_by_tag: the limit of a tag.
SELECT id FROM task_tag_limit WHERE tenant_id = ?1 AND tag = ?2;

-- set_task_tag_limit: another number.
UPDATE task_tag_limit SET "limit" = ?2, updated = ?3 WHERE id = ?1;

-- task_tag_limit: whose it is, and of which tag.
SELECT tenant_id, tag FROM task_tag_limit WHERE id = ?1;

-- delete_task_tag_limit: any number may run.
DELETE FROM task_tag_limit WHERE id = ?1;

-- delete_slots_of_tag: nobody needs one any more.
DELETE FROM task_tag_slot WHERE tenant_id = ?1 AND tag = ?2;

-- take_slots_of_tag: those that run already hold a slot of a new limit.
INSERT INTO task_tag_slot (tenant_id, tag, task_run_id)
SELECT ?1, ?2, t.id FROM flow_run AS r JOIN task_run AS t ON t.flow_run_id = r.id JOIN task AS k ON k.id = t.task_id
WHERE r.state IN (SELECT value FROM json_each(?4)) AND r.tenant_id = ?1 AND t.state IN (SELECT value FROM json_each(?3))
AND EXISTS (SELECT 1 FROM json_each(k.tags) AS e WHERE e.value = ?2)
ON CONFLICT DO NOTHING;

-- task_tag_limits: the limits of a tenant.
SELECT tag, "limit" FROM task_tag_limit WHERE tenant_id = ?1 ORDER BY tag;

-- tags_of_task_run: what its task is tagged with.
SELECT k.tags FROM task_run AS t JOIN task AS k ON k.id = t.task_id WHERE t.id = ?1;

-- forget_slots: those of task runs that run no longer, or whose flow run has ended.
DELETE FROM task_tag_slot WHERE tenant_id = ?1 AND tag = ?2 AND NOT EXISTS (
SELECT 1 FROM task_run AS t JOIN flow_run AS r ON r.id = t.flow_run_id WHERE t.id = task_tag_slot.task_run_id
AND t.state IN (SELECT value FROM json_each(?3)) AND r.state IN (SELECT value FROM json_each(?4)));

-- slots_taken: by others than this task run.
SELECT count(*) FROM task_tag_slot AS s JOIN task_run AS t ON t.id = s.task_run_id JOIN flow_run AS r ON r.id = t.flow_run_id
WHERE s.tenant_id = ?1 AND s.tag = ?2 AND s.task_run_id <> ?3 AND t.state IN (SELECT value FROM json_each(?4))
AND r.state IN (SELECT value FROM json_each(?5))
AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = t.flow_run_id);

-- take_slot: while it runs, the task run holds a slot.
INSERT INTO task_tag_slot (tenant_id, tag, task_run_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING;

-- task_concurrency: how many slots of each limit are taken.
SELECT l.tag, (SELECT count(*) FROM task_tag_slot AS s JOIN task_run AS t ON t.id = s.task_run_id
JOIN flow_run AS r ON r.id = t.flow_run_id WHERE s.tenant_id = l.tenant_id AND s.tag = l.tag
AND t.state IN (SELECT value FROM json_each(?2)) AND r.state IN (SELECT value FROM json_each(?3))
AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = t.flow_run_id))
FROM task_tag_limit AS l WHERE l.tenant_id = ?1 ORDER BY l.tag;

-- insert_flow_concurrency_limit: how many flow runs with a label may run at once.
INSERT INTO flow_concurrency_limit (id, tenant_id, created, updated, name, "limit") VALUES (?1, ?2, ?3, ?3, ?4, ?5);

-- flow_concurrency_limit_by_name: the limit of a label.
SELECT id FROM flow_concurrency_limit WHERE tenant_id = ?1 AND name = ?2;

-- set_flow_concurrency_limit: another number.
UPDATE flow_concurrency_limit SET "limit" = ?2, updated = ?3 WHERE id = ?1;

-- delete_flow_concurrency_limit: any number may run.
DELETE FROM flow_concurrency_limit WHERE id = ?1;

-- flow_concurrency_limits_of_run: the limits that a flow run falls under.
SELECT l.name, l."limit" FROM flow_run AS r JOIN flow_concurrency_limit AS l ON l.tenant_id = r.tenant_id
WHERE r.id = ?1 AND EXISTS (SELECT 1 FROM json_each(r.labels) AS e WHERE e.value = l.name) ORDER BY l.name;

-- flow_slots_taken: by others than this flow run.
SELECT count(*) FROM flow_run AS r WHERE r.state IN (SELECT value FROM json_each(?4)) AND r.tenant_id = ?1 AND r.id <> ?3
AND EXISTS (SELECT 1 FROM json_each(r.labels) AS e WHERE e.value = ?2)
AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = r.id);

-- flow_concurrency: how many slots of each limit are taken.
SELECT l.name, (SELECT count(*) FROM flow_run AS r WHERE r.state IN (SELECT value FROM json_each(?2))
AND r.tenant_id = l.tenant_id AND EXISTS (SELECT 1 FROM json_each(r.labels) AS e WHERE e.value = l.name)
AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = r.id))
FROM flow_concurrency_limit AS l WHERE l.tenant_id = ?1 ORDER BY l.name;
