-- insert_cloud_hook: somebody wants to know of the runs of a flow, or of all flows.
INSERT INTO cloud_hook (id, tenant_id, created, updated, name, states, type, config, version_group_id, run_filter, template)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- update_cloud_hook: what is given; the rest stays.
UPDATE cloud_hook SET updated = ?2, name = coalesce(?3, name), states = coalesce(?4, states),
config = coalesce(?5, config), run_filter = coalesce(?6, run_filter), template = coalesce(?7, template),
version_group_id = nullif(coalesce(?8, version_group_id), '') WHERE id = ?1;

-- insert_hook_config: with what is secret in it.
INSERT INTO cloud_hook_config (cloud_hook_id, tenant_id, config) VALUES (?1, ?2, ?3);

-- delete_hook_config: it tells nobody, or somebody else.
DELETE FROM cloud_hook_config WHERE cloud_hook_id = ?1;

-- cloud_hook: what to tell whom.
SELECT tenant_id, name, type, template, active FROM cloud_hook WHERE id = ?1;

-- insert_hook_secret: sealed.
INSERT INTO cloud_hook_secret (cloud_hook_id, tenant_id, sealed) VALUES (?1, ?2, ?3);

-- delete_hook_secret: nothing is signed any more.
DELETE FROM cloud_hook_secret WHERE cloud_hook_id = ?1;

-- any_sealed: whether anything is sealed in this database.
SELECT 1 WHERE EXISTS (SELECT 1 FROM secret) OR EXISTS (SELECT 1 FROM cloud_hook_secret);

-- delete_cloud_hook: nobody is told any more.
DELETE FROM cloud_hook WHERE id = ?1;

-- set_cloud_hook_active: whether anybody is told.
UPDATE cloud_hook SET active = ?2, updated = ?3 WHERE id = ?1;

-- hooks_for_state: the hooks of a tenant that a state of this run sets off.
SELECT h.id, h.name, h.type, h.template, h.run_filter FROM cloud_hook AS h
WHERE h.tenant_id = ?1 AND h.active = TRUE
AND EXISTS (SELECT 1 FROM json_each(h.states) AS e WHERE e.value IN (SELECT value FROM json_each(?2)))
AND (h.version_group_id IS NULL OR h.version_group_id = (
SELECT f.version_group_id FROM flow_run AS r JOIN flow AS f ON f.id = r.flow_id WHERE r.id = ?3))
ORDER BY h.id;

-- anybody_listens: whether a tenant has hooks or automations at all.
SELECT 1 WHERE EXISTS (SELECT 1 FROM cloud_hook WHERE tenant_id = ?1 AND active = TRUE)
OR EXISTS (SELECT 1 FROM automation WHERE tenant_id = ?1 AND active = TRUE);

-- run_for_people: a run as hooks, automations and their filters see it.
SELECT r.id, r.name, r.labels, r.auto_scheduled, r.scheduled_start_time, r.start_time, r.end_time, r.state, r.state_message,
r.state_timestamp, f.id, f.name, f.version, f.flow_group_id, f.version_group_id, p.id, p.name, coalesce(a.depth, 0)
FROM flow_run AS r JOIN flow AS f ON f.id = r.flow_id LEFT JOIN project AS p ON p.id = f.project_id
LEFT JOIN automation_run AS a ON a.flow_run_id = r.id WHERE r.id = ?1;

-- insert_message: something for people to read.
INSERT INTO message (id, tenant_id, created, updated, type, text, content) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6);

-- oldest_message: when what is kept begins.
SELECT created FROM message ORDER BY created LIMIT 1;

-- forget_messages: what is older than that, some of it at a time.
DELETE FROM message WHERE id IN (SELECT id FROM message WHERE created < ?1 ORDER BY created LIMIT ?2);

-- read_message: whether somebody has read it.
UPDATE message SET read = ?2, updated = ?3 WHERE id = ?1;

-- delete_message: it is of no use any more.
DELETE FROM message WHERE id = ?1;

-- insert_delivery: to be told at once.
INSERT INTO hook_delivery (id, tenant_id, created, updated, cloud_hook_id, flow_run_id, content, due)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?3);

-- is_delivery_due: whether anything is to be told now.
SELECT 1 FROM hook_delivery WHERE due <= ?1 LIMIT 1;

-- next_delivery: when something is to be told next.
SELECT min(due) FROM hook_delivery WHERE due IS NOT NULL;

-- due_deliveries: what is to be told now, the longest due first, but for hooks that rest.
SELECT id FROM hook_delivery WHERE due <= ?1 AND NOT CAST(cloud_hook_id AS TEXT) IN (SELECT value FROM json_each(?3))
ORDER BY due, id LIMIT ?2;

-- due_delivery_of_hook: what one hook is to tell now, the longest due first.
SELECT id FROM hook_delivery WHERE cloud_hook_id = ?1 AND due <= ?2 ORDER BY due, id LIMIT 1;

-- claim_delivery: one process tells it; should it die, it is due again.
UPDATE hook_delivery SET due = ?3, claimed_by = ?4, attempts = attempts + 1, updated = ?2 WHERE id = ?1 AND due <= ?2;

-- claimed_delivery: what is to be told, and to whom; nothing of the hook where it is gone.
SELECT d.content, d.attempts, d.created, d.cloud_hook_id, h.type, c.config, h.active, s.sealed FROM hook_delivery AS d
LEFT JOIN cloud_hook AS h ON h.id = d.cloud_hook_id
LEFT JOIN cloud_hook_config AS c ON c.cloud_hook_id = d.cloud_hook_id
LEFT JOIN cloud_hook_secret AS s ON s.cloud_hook_id = d.cloud_hook_id
WHERE d.id = ?1 AND d.claimed_by = ?2;

-- finish_delivery: it has arrived, or is given up; unless it was given to another process meanwhile.
UPDATE hook_delivery SET due = NULL, claimed_by = NULL, status = ?3, finished = ?4, updated = ?4, last_error = ?5
WHERE id = ?1 AND claimed_by = ?2;

-- put_off_delivery: it is to be tried again later.
UPDATE hook_delivery SET due = ?3, claimed_by = NULL, updated = ?4, last_error = ?5 WHERE id = ?1 AND claimed_by = ?2;

-- give_up_deliveries_of_hook: nobody is to be told any more.
UPDATE hook_delivery SET due = NULL, claimed_by = NULL, status = 'given up', finished = ?2, updated = ?2, last_error = ?3
WHERE cloud_hook_id = ?1 AND finished IS NULL;

-- give_up_old_deliveries: what waits for a hook that cannot be reached, and is older than it can be told.
UPDATE hook_delivery SET due = NULL, status = 'given up', finished = ?2, updated = ?2, last_error = ?3
WHERE id IN (SELECT id FROM hook_delivery WHERE cloud_hook_id = ?1 AND created < ?4 AND finished IS NULL
AND claimed_by IS NULL LIMIT ?5);

-- delete_deliveries_of_run: what was told of a run, when it is gone; what waits is told nevertheless.
DELETE FROM hook_delivery WHERE flow_run_id = ?1 AND finished IS NOT NULL;

-- forget_deliveries: those that ended long ago.
DELETE FROM hook_delivery WHERE id IN (SELECT id FROM hook_delivery WHERE finished < ?1 ORDER BY finished LIMIT ?2);
