-- insert_flow_run: a run with its first state already in place.
INSERT INTO flow_run (id, tenant_id, created, updated, flow_id, parameters, scheduled_start_time, auto_scheduled, version,
state, state_timestamp, state_message, state_start_time, serialized_state, name, context, idempotency_key, labels,
run_config)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?3, ?9, ?6, ?10, ?11, ?12, ?13, ?14, ?15);

-- start_feed: the counter of a new run's feed.
INSERT INTO flow_run_sequence (flow_run_id, sequence, timestamp) VALUES (?1, ?2, ?3);

-- feed: the number and the time that a run's feed has reached, its tenant and its state.
SELECT n.sequence, n.timestamp, r.tenant_id, r.state, r.flow_id FROM flow_run_sequence AS n
JOIN flow_run AS r ON r.id = n.flow_run_id
WHERE n.flow_run_id = ?1 AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = n.flow_run_id);

-- insert_task_run: a task run with its first state already in place.
INSERT INTO task_run (id, tenant_id, created, updated, flow_run_id, task_id, map_index, version, state, state_timestamp,
state_message, serialized_state, cache_key, first_sequence)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, 1, ?7, ?3, ?8, ?9, ?10, ?11);

-- insert_first_task_run_state: the row of history that a task run begins with.
INSERT INTO task_run_state (id, tenant_id, flow_run_id, task_run_id, sequence, version, timestamp, state, message,
serialized_state, created, updated)
VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?6, ?6);

-- tasks_to_run: the tasks of a flow that each of its runs has a task run for.
SELECT id, cache_key FROM task WHERE flow_id = ?1 ORDER BY id;

-- task_of_flow: whether a task belongs to a flow, and its cache key.
SELECT cache_key FROM task WHERE id = ?1 AND flow_id = ?2;

-- flow_run_by_key: the run that an idempotency key made before.
SELECT id FROM flow_run WHERE idempotency_key = ?1 AND flow_id = ?2;

-- find_task_run: a task run by what identifies it within its flow run.
SELECT id, version, state, serialized_state FROM task_run WHERE flow_run_id = ?1 AND task_id = ?2 AND map_index = ?3;

-- mapped_task_runs: the children of a mapped task, in order.
SELECT id, version, state, serialized_state, map_index FROM task_run
WHERE flow_run_id = ?1 AND task_id = ?2 AND map_index >= 0 ORDER BY map_index;

-- task_run_info: a task run as it is now.
SELECT id, version, state, serialized_state FROM task_run AS t
WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM flow_run_deletion AS d WHERE d.flow_run_id = t.flow_run_id);

-- mapped_siblings: the task runs that were mapped from the same parent as this task run.
SELECT s.state, count(*), min(s.start_time), max(s.end_time) FROM task_run AS t
JOIN task_run AS s ON s.flow_run_id = t.flow_run_id AND s.task_id = t.task_id AND s.map_index >= 0
WHERE t.id = ?1 GROUP BY s.state ORDER BY s.state;

-- beat_flow_run: a sign of life. Clients of 1.x ask for the log lines up to the time of `updated`.
UPDATE flow_run SET heartbeat = ?2, updated = ?2 WHERE id = ?1;

-- beat_flow_run_at_intervals: a sign of life, and after how many seconds the next one is to be expected.
UPDATE flow_run SET heartbeat = ?2, updated = ?2, heartbeat_interval = ?3 WHERE id = ?1;

-- beat_held_flow_run: a sign of life of this very process, unless another one has the run, or it was left to wait.
UPDATE flow_run SET heartbeat = ?2, updated = ?2, heartbeat_interval = coalesce(?3, heartbeat_interval) WHERE id = ?1
AND CASE WHEN owner_host IS NULL THEN heartbeat IS NOT NULL
ELSE owner_host = ?4 AND owner_pid = ?5 AND coalesce(owner_started, '') = ?6 END;

-- beat_task_run: a sign of life.
UPDATE task_run SET heartbeat = ?2, updated = ?2 WHERE id = ?1;

-- name_flow_run: a name for people.
UPDATE flow_run SET name = ?2, updated = ?3 WHERE id = ?1;

-- name_task_run: a name for people.
UPDATE task_run SET name = ?2, updated = ?3 WHERE id = ?1;

-- label_flow_run: which agents may take a run.
UPDATE flow_run SET labels = ?2, updated = ?3 WHERE id = ?1;

-- hide_flow_run: a run that somebody asked to delete disappears at once.
INSERT INTO flow_run_deletion (flow_run_id, requested_at) SELECT id, ?2 FROM flow_run WHERE id = ?1
ON CONFLICT DO NOTHING;

-- hide_flow_runs_of_flow: all runs of a flow disappear at once.
INSERT INTO flow_run_deletion (flow_run_id, requested_at) SELECT id, ?2 FROM flow_run WHERE flow_id = ?1
ON CONFLICT DO NOTHING;

-- unbegun_flow_runs: the runs of a flow that somebody asked for and that have not begun.
SELECT id FROM flow_run WHERE flow_id = ?1 AND auto_scheduled = FALSE AND state IN (SELECT value FROM json_each(?2))
AND id NOT IN (SELECT flow_run_id FROM flow_run_deletion);

-- hide_outlived_flow_runs: a project's finished runs that are older than its retention.
INSERT INTO flow_run_deletion (flow_run_id, requested_at)
SELECT r.id, ?3 FROM flow AS f JOIN flow_run AS r ON r.flow_id = f.id
WHERE f.project_id = ?1 AND r.scheduled_start_time < ?2 AND coalesce(r.end_time, r.state_timestamp) < ?2
AND r.state IN (SELECT value FROM json_each(?4))
ON CONFLICT DO NOTHING;
