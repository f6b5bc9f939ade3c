-- task_run_facts: what the rules must know of a task run, and the number that its flow run's feed has reached.
SELECT t.flow_run_id, t.tenant_id, t.version, t.state, t.serialized_state, n.sequence, n.timestamp, r.state, NULL,
r.owner_host, r.owner_pid, r.owner_started FROM task_run AS t
CROSS JOIN flow_run_sequence AS n ON n.flow_run_id = t.flow_run_id
CROSS JOIN flow_run AS r ON r.id = t.flow_run_id
WHERE t.id = ?1 AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = t.flow_run_id);

-- flow_run_facts: what the rules must know of a flow run, and the number that its feed has reached.
SELECT r.id, r.tenant_id, r.version, r.state, r.serialized_state, n.sequence, n.timestamp, r.state, r.agent_id,
r.owner_host, r.owner_pid, r.owner_started FROM flow_run AS r
CROSS JOIN flow_run_sequence AS n ON n.flow_run_id = r.id
WHERE r.id = ?1 AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = r.id);

-- insert_task_run_state: one row of a task run's history.
INSERT INTO task_run_state (id, tenant_id, flow_run_id, task_run_id, sequence, version, timestamp, client_timestamp,
state, message, start_time, serialized_state, created, updated, idempotency_id, set_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?7, ?7, ?13, ?14);

-- insert_flow_run_state: one row of a flow run's history.
INSERT INTO flow_run_state (id, tenant_id, flow_run_id, sequence, version, timestamp, client_timestamp,
state, message, start_time, serialized_state, created, updated, idempotency_id, set_by)
VALUES (?1, ?2, ?3, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?7, ?7, ?13, ?14);

-- move_task_run: to the next version and its state, or nowhere when somebody else was faster.
UPDATE task_run SET version = ?2 + 1, state = ?3, state_timestamp = ?4, updated = ?4, state_message = ?5,
state_start_time = ?6, serialized_state = ?7, start_time = coalesce(start_time, ?8), heartbeat = coalesce(?8, heartbeat),
end_time = coalesce(?9, end_time)
WHERE id = ?1 AND version = ?2;

-- move_flow_run: to the next version and its state, or nowhere when somebody else was faster.
UPDATE flow_run SET version = ?2 + 1, state = ?3, state_timestamp = ?4, updated = ?4, state_message = ?5,
state_start_time = ?6, serialized_state = ?7, start_time = coalesce(start_time, ?8), heartbeat = coalesce(?8, heartbeat),
end_time = coalesce(?9, end_time)
WHERE id = ?1 AND version = ?2;

-- advance_feed: the number and the time that a run's feed has reached.
UPDATE flow_run_sequence SET sequence = ?2, timestamp = ?3 WHERE flow_run_id = ?1;

-- task_run_state_by_idempotency_id: what became of a proposal that is sent again.
SELECT task_run_id, version, sequence, serialized_state FROM task_run_state WHERE idempotency_id = ?1;

-- flow_run_state_by_idempotency_id: what became of a proposal that is sent again.
SELECT flow_run_id, version, sequence, serialized_state FROM flow_run_state WHERE idempotency_id = ?1;

-- last_task_run_state: who proposed a task run's state of this version.
SELECT idempotency_id, client_timestamp FROM task_run_state WHERE task_run_id = ?1 AND version = ?2;

-- last_flow_run_state: who proposed a flow run's state of this version.
SELECT idempotency_id, client_timestamp FROM flow_run_state WHERE flow_run_id = ?1 AND version = ?2;

-- set_flow_run_agent: which agent submitted a run.
UPDATE flow_run SET agent_id = ?2, heartbeat = ?3 WHERE id = ?1;

-- set_flow_run_owner: which process executes a run, and how often it will give signs of life; nulls where it does not say.
UPDATE flow_run SET owner_host = ?2, owner_pid = ?3, owner_started = ?4, heartbeat_interval = ?5 WHERE id = ?1;

-- task_runs_in_states: the task runs of a flow run that are in one of these states.
SELECT id, task_id, map_index, version, state, serialized_state FROM task_run
WHERE flow_run_id = ?1 AND state IN (SELECT value FROM json_each(?2)) ORDER BY first_sequence;

-- running_task_names: what was running in a flow run, for people.
SELECT coalesce(k.slug, k.name, CAST(t.task_id AS TEXT)), t.map_index FROM task_run AS t LEFT JOIN task AS k ON k.id = t.task_id
WHERE t.flow_run_id = ?1 AND t.state IN (SELECT value FROM json_each(?2)) ORDER BY t.first_sequence LIMIT ?3;

-- flow_run_owner: the process that executes a run, when it last gave a sign, and the run's state.
SELECT state, owner_host, owner_pid, owner_started, heartbeat, flow_id FROM flow_run WHERE id = ?1;

-- owned_flow_runs: the runs that processes of this host execute, for the rescue of those whose process is gone.
SELECT id, owner_pid, owner_started FROM flow_run
WHERE state IN (SELECT value FROM json_each(?1)) AND owner_host = ?2
AND id NOT IN (SELECT flow_run_id FROM flow_run_deletion);
