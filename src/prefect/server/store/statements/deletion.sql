-- next_deletion: a run that waits to be deleted.
SELECT flow_run_id FROM flow_run_deletion ORDER BY requested_at LIMIT 1 /*FOR UPDATE SKIP LOCKED*/;

-- any_deletion: whether any run waits to be deleted.
SELECT 1 FROM flow_run_deletion LIMIT 1;

-- delete_logs: some of a run's log lines.
DELETE FROM log WHERE rowid IN (SELECT rowid FROM log WHERE flow_run_id = ?1 LIMIT ?2);

-- delete_artifacts: some of a run's artifacts.
DELETE FROM task_run_artifact WHERE rowid IN (SELECT rowid FROM task_run_artifact WHERE flow_run_id = ?1 LIMIT ?2);

-- delete_task_run_states: some of the history of a run's task runs.
DELETE FROM task_run_state WHERE rowid IN (SELECT rowid FROM task_run_state WHERE flow_run_id = ?1 LIMIT ?2);

-- delete_task_runs: some of a run's task runs.
DELETE FROM task_run WHERE rowid IN (SELECT rowid FROM task_run WHERE flow_run_id = ?1 LIMIT ?2);

-- delete_flow_run_states: some of a run's history.
DELETE FROM flow_run_state WHERE rowid IN (SELECT rowid FROM flow_run_state WHERE flow_run_id = ?1 LIMIT ?2);

-- delete_log_clients: who logged to a run.
DELETE FROM log_client WHERE flow_run_id = ?1;

-- delete_feed: a run's counter.
DELETE FROM flow_run_sequence WHERE flow_run_id = ?1;

-- delete_flow_run: a run's row, when nothing hangs from it any more.
DELETE FROM flow_run WHERE id = ?1;

-- finish_deletion: the run is gone.
DELETE FROM flow_run_deletion WHERE flow_run_id = ?1;

-- projects_with_retention: which projects delete their old runs, and after how many days.
SELECT id, retention_days FROM project WHERE retention_days IS NOT NULL;
