-- insert_cloud_hook: somebody wants to know of the runs of a flow, or of all flows.
INSERT INTO cloud_hook (id, tenant_id, created, updated, name, states, type, config, version_group_id)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8);

-- cloud_hook: what to tell whom.
SELECT tenant_id, name, type, config FROM cloud_hook WHERE id = ?1;

-- delete_cloud_hook: nobody is told any more.
DELETE FROM cloud_hook WHERE id = ?1;

-- set_cloud_hook_active: whether anybody is told.
UPDATE cloud_hook SET active = ?2, updated = ?3 WHERE id = ?1;

-- hooks_for_state: the hooks of a tenant that a state of this run sets off.
SELECT h.id, h.name, h.type, h.config FROM cloud_hook AS h
WHERE h.tenant_id = ?1 AND h.active = TRUE
AND EXISTS (SELECT 1 FROM json_each(h.states) AS e WHERE e.value IN (SELECT value FROM json_each(?2)))
AND (h.version_group_id IS NULL OR h.version_group_id = (
SELECT f.version_group_id FROM flow_run AS r JOIN flow AS f ON f.id = r.flow_id WHERE r.id = ?3))
ORDER BY h.id;

-- any_hook: whether a tenant has hooks at all.
SELECT id FROM cloud_hook WHERE tenant_id = ?1 AND active = TRUE LIMIT 1;

-- run_for_people: a run as a message names it.
SELECT r.name, f.name, r.state, r.state_message FROM flow_run AS r JOIN flow AS f ON f.id = r.flow_id WHERE r.id = ?1;

-- insert_message: something for people to read.
INSERT INTO message (id, tenant_id, created, updated, type, text, content) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6);

-- read_message: whether somebody has read it.
UPDATE message SET read = ?2, updated = ?3 WHERE id = ?1;

-- delete_message: it is of no use any more.
DELETE FROM message WHERE id = ?1;
