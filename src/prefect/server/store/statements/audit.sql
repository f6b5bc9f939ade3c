-- insert_audit: who did what.
INSERT INTO audit (id, tenant_id, created, who, key_id, key_name, role, agent_id, operation, ids, input, outcome, address,
user_agent, core_version)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15);

-- oldest_audit: when what is kept begins.
SELECT created FROM audit ORDER BY created LIMIT 1;

-- forget_audit: what is older than that, some of it at a time.
DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE created < ?1 ORDER BY created LIMIT ?2);
