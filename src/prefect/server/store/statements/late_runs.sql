-- late_flow_runs: the runs that were due before this time and that nobody has taken.
SELECT r.id, r.name, r.flow_id, f.name, r.state_start_time, r.labels FROM flow_run AS r JOIN flow AS f ON f.id = r.flow_id
WHERE r.state_start_time <= ?2 AND r.state = ?3 AND r.tenant_id = ?1
AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = r.id)
ORDER BY r.state_start_time, r.id LIMIT ?4;

-- asking_agents: the agents of a tenant, and when each has last asked for runs.
SELECT name, labels, last_queried FROM agent WHERE tenant_id = ?1;

-- full_flow_limits: the labels whose slots are all taken.
SELECT l.name, l."limit" FROM flow_concurrency_limit AS l WHERE l.tenant_id = ?1 AND l."limit" <= (
SELECT count(*) FROM flow_run AS u WHERE u.state IN (SELECT value FROM json_each(?2)) AND u.tenant_id = l.tenant_id
AND EXISTS (SELECT 1 FROM json_each(u.labels) AS e WHERE e.value = l.name));
