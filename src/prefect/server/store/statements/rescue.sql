-- quiet_flow_runs: runs in these states that have given no sign of life since; for a closer look.
SELECT r.id FROM flow_run AS r
WHERE r.state IN (SELECT value FROM json_each(?1)) AND coalesce(r.heartbeat, r.state_timestamp) <= ?2
AND (r.owner_host IS NULL OR r.heartbeat_interval IS NOT NULL)
AND r.id NOT IN (SELECT flow_run_id FROM flow_run_deletion)
ORDER BY coalesce(r.heartbeat, r.state_timestamp), r.id;

-- signs_of_life: what tells whether the process of a run still lives, who it is, and what its flow wants done if not.
SELECT r.state, r.heartbeat, r.state_timestamp,
(SELECT max(t.state_timestamp) FROM task_run AS t WHERE t.flow_run_id = r.id AND t.version > 1),
r.owner_host, r.owner_pid, r.owner_started, r.heartbeat_interval, a.name, r.times_resurrected, g.settings
FROM flow_run AS r JOIN flow AS f ON f.id = r.flow_id LEFT JOIN flow_group AS g ON g.id = f.flow_group_id
LEFT JOIN agent AS a ON a.id = r.agent_id
WHERE r.id = ?1 AND r.id NOT IN (SELECT flow_run_id FROM flow_run_deletion);

-- interrupted_task_runs: the task runs of a run that were being worked on, and how often each may be tried.
SELECT t.id, t.state, coalesce(k.max_retries, 0), coalesce(k.slug, k.name, CAST(t.task_id AS TEXT)),
t.map_index FROM task_run AS t LEFT JOIN task AS k ON k.id = t.task_id
WHERE t.flow_run_id = ?1 AND t.state IN (SELECT value FROM json_each(?2)) ORDER BY t.first_sequence;

-- waiting_task_states: in which of these states task runs of a run are.
SELECT DISTINCT state FROM task_run WHERE flow_run_id = ?1 AND state IN (SELECT value FROM json_each(?2));

-- beginnings_of_task_run: the states that a task run has begun from, the last one first.
SELECT state, serialized_state FROM task_run_state WHERE task_run_id = ?1 AND state IN (SELECT value FROM json_each(?2))
ORDER BY sequence DESC LIMIT 1;

-- resurrect_flow_run: it belongs to nobody, and is started once more.
UPDATE flow_run SET times_resurrected = times_resurrected + 1, agent_id = NULL, owner_host = NULL, owner_pid = NULL,
owner_started = NULL WHERE id = ?1;

-- free_flow_run: no process has it any more; an agent is given it when a task run of it is due.
UPDATE flow_run SET owner_host = NULL, owner_pid = NULL, owner_started = NULL, heartbeat = NULL WHERE id = ?1;

-- is_flow_run_free: whether a run that goes on has been left to whoever takes it up.
SELECT heartbeat IS NULL AND owner_host IS NULL, agent_id FROM flow_run WHERE id = ?1;

-- edges_of_run: which task waits for which.
SELECT e.upstream_task_id, e.downstream_task_id FROM flow_run AS r JOIN edge AS e ON e.flow_id = r.flow_id WHERE r.id = ?1;

-- begin_again: nothing that was before its restart counts any more.
UPDATE flow_run SET times_resurrected = 0, agent_id = NULL, owner_host = NULL, owner_pid = NULL, owner_started = NULL
WHERE id = ?1;
