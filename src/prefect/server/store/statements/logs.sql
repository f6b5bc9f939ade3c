-- insert_log: one line.
INSERT INTO log (id, tenant_id, created, updated, flow_run_id, task_run_id, sequence, timestamp, name, level, message,
info, client_id, client_sequence)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);

-- flow_run_of_task_run: where a task run belongs.
SELECT flow_run_id, tenant_id FROM task_run WHERE id = ?1;

-- log_mark: the last line kept of a client.
SELECT sequence FROM log_client WHERE flow_run_id = ?1 AND client_id = ?2;

-- set_log_mark: the last line kept of a client.
INSERT INTO log_client (flow_run_id, client_id, sequence) VALUES (?1, ?2, ?3)
ON CONFLICT (flow_run_id, client_id) DO UPDATE SET sequence = excluded.sequence;

-- task_run_of_artifact: whose it is.
SELECT task_run_id FROM task_run_artifact WHERE id = ?1;

-- insert_artifact: something that a task wants shown.
INSERT INTO task_run_artifact (id, tenant_id, created, updated, flow_run_id, task_run_id, sequence, kind, data)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8);

-- update_artifact: what it shows now.
UPDATE task_run_artifact SET data = ?2, updated = ?3 WHERE id = ?1;

-- delete_artifact: it is no longer shown.
DELETE FROM task_run_artifact WHERE id = ?1;

-- events_after: what happened in a run after a sequence, in order; states, log lines and artifacts alike.
SELECT sequence, 'flow_run_state' AS kind, id, flow_run_id AS run_id, state AS name, message, timestamp, serialized_state AS data
FROM flow_run_state WHERE flow_run_id = ?1 AND sequence > ?2 AND sequence <= ?2 + ?3
UNION ALL
SELECT sequence, 'task_run_state', id, task_run_id, state, message, timestamp, serialized_state
FROM task_run_state WHERE flow_run_id = ?1 AND sequence > ?2 AND sequence <= ?2 + ?3
UNION ALL
SELECT sequence, 'log', id, task_run_id, level, message, timestamp, info
FROM log WHERE flow_run_id = ?1 AND sequence > ?2 AND sequence <= ?2 + ?3
UNION ALL
SELECT sequence, 'artifact', id, task_run_id, kind, NULL, created, data
FROM task_run_artifact WHERE flow_run_id = ?1 AND sequence > ?2 AND sequence <= ?2 + ?3
ORDER BY 1;

-- feed_end: the last number of a run's feed.
SELECT sequence FROM flow_run_sequence WHERE flow_run_id = ?1;
