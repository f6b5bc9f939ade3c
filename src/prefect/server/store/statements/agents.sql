-- insert_agent: who looks for runs to start.
INSERT INTO agent (id, tenant_id, created, updated, agent_config_id, name, type, core_version, labels)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8);

-- delete_agent: it looks no longer.
DELETE FROM agent WHERE id = ?1;

-- agent_has_asked: when it last looked for runs.
UPDATE agent SET last_queried = ?2 WHERE id = ?1 AND tenant_id = ?3;

-- insert_agent_config: settings that agents share.
INSERT INTO agent_config (id, tenant_id, created, updated, name, settings) VALUES (?1, ?2, ?3, ?3, ?4, ?5);

-- agent_config_exists: whether there is such a configuration, and whose it is.
SELECT tenant_id FROM agent_config WHERE id = ?1;

-- update_agent_config: what is null stays as it is.
UPDATE agent_config SET name = coalesce(?2, name), settings = coalesce(?3, settings), updated = ?4 WHERE id = ?1;

-- delete_agent_config: the row alone.
DELETE FROM agent_config WHERE id = ?1;

-- forget_agent_config: agents that had it go on without.
UPDATE agent SET agent_config_id = NULL, updated = ?2 WHERE agent_config_id = ?1;

-- due_flow_runs: which runs are due for these labels, in order, with each limit that a run falls under and its free slots.
WITH free AS MATERIALIZED (
SELECT l.name AS name, l."limit" - (SELECT count(*) FROM flow_run AS u WHERE u.state IN (SELECT value FROM json_each(?6))
AND u.tenant_id = l.tenant_id AND EXISTS (SELECT 1 FROM json_each(u.labels) AS e WHERE e.value = l.name)) AS slots
FROM flow_concurrency_limit AS l WHERE l.tenant_id = ?1
), waiting AS (
SELECT r.id AS id, r.labels AS labels, r.state_start_time AS due, TRUE AS needs_slots FROM flow_run AS r
WHERE r.state_start_time <= ?2 AND coalesce(r.state, '') = ?3 AND r.tenant_id = ?1 AND (r.labels = '[]') = ?4
AND NOT EXISTS (SELECT 1 FROM json_each(r.labels) AS e WHERE NOT (e.value IN (SELECT value FROM json_each(?5))))
AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = r.id)
ORDER BY r.state_start_time, r.id LIMIT ?9
), going_on AS (
SELECT r.id AS id, r.labels AS labels, (SELECT min(t.state_start_time) FROM task_run AS t WHERE t.flow_run_id = r.id
AND t.state_start_time <= ?2 AND t.state IN (SELECT value FROM json_each(?8))) AS due, FALSE AS needs_slots FROM flow_run AS r
WHERE r.state = ?7 AND r.owner_host IS NULL AND r.tenant_id = ?1 AND (r.labels = '[]') = ?4
AND NOT EXISTS (SELECT 1 FROM json_each(r.labels) AS e WHERE NOT (e.value IN (SELECT value FROM json_each(?5))))
AND EXISTS (SELECT 1 FROM task_run AS t WHERE t.flow_run_id = r.id
AND t.state_start_time <= ?2 AND t.state IN (SELECT value FROM json_each(?8)))
AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = r.id)
), examined AS (
SELECT id, labels, due, needs_slots FROM waiting UNION ALL SELECT id, labels, due, needs_slots FROM going_on ORDER BY 3, 1 LIMIT ?9
)
SELECT c.id, f.name, f.slots FROM examined AS c LEFT JOIN free AS f ON c.needs_slots = TRUE
AND EXISTS (SELECT 1 FROM json_each(c.labels) AS e WHERE e.value = f.name)
ORDER BY c.due, c.id, f.name;

-- labels_of_flow_run: its tenant and what an agent must have to take it.
SELECT tenant_id, labels FROM flow_run AS r WHERE r.id = ?1
AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = r.id);

-- agents_of_tenant: who looks for runs, those that asked last first.
SELECT id, name, type, labels, last_queried FROM agent WHERE tenant_id = ?1
ORDER BY coalesce(last_queried, created) DESC, id LIMIT ?2;

-- due_at_a_glance: runs whose time has come, whoever may start them, the longest due first.
SELECT r.id, r.tenant_id, r.labels FROM flow_run AS r
WHERE r.state_start_time <= ?1 AND coalesce(r.state, '') = ?2 ORDER BY r.state_start_time LIMIT ?3;

-- next_due_time: when the time of another run comes.
SELECT r.state_start_time FROM flow_run AS r
WHERE r.state_start_time > ?1 AND coalesce(r.state, '') = ?2 ORDER BY r.state_start_time LIMIT 1;

-- flow_runs_of_agents: the runs that these agents have started and that are in this state.
SELECT id, tenant_id, agent_id FROM flow_run WHERE state = ?1 AND CAST(agent_id AS TEXT) IN (SELECT value FROM json_each(?2));

-- flow_runs_in_states: which of these runs are in one of these states.
SELECT r.id, r.tenant_id FROM (SELECT /*CAST(?1 AS jsonb)*/ ?1 AS ids) AS g
CROSS JOIN json_each(g.ids) AS e ON TRUE CROSS JOIN flow_run AS r ON r.id = /*(*/ e.value /*)::uuid*/
WHERE r.state IN (SELECT value FROM json_each(?2));

-- agent_of_flow_run: which agent submitted a run.
SELECT agent_id FROM flow_run WHERE id = ?1;
