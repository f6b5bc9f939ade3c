-- begin_schedule: the schedule of a flow is active from now on, or is another one.
INSERT INTO flow_schedule (flow_id, tenant_id, revision, planned_until, looked_at, due) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
ON CONFLICT (flow_id) DO UPDATE SET revision = excluded.revision, planned_until = excluded.planned_until,
looked_at = excluded.looked_at, due = excluded.due, error = NULL;

-- begin_schedules_that_came: of flows that were brought in from elsewhere, with some of their runs planned.
INSERT INTO flow_schedule (flow_id, tenant_id, revision, planned_until, looked_at, due)
SELECT f.id, f.tenant_id, CAST(f.id AS TEXT), coalesce((SELECT max(r.scheduled_start_time) FROM flow_run AS r
WHERE r.flow_id = f.id AND r.auto_scheduled = TRUE AND r.scheduled_start_time > ?1), /*CAST(?1 AS timestamptz)*/ ?1),
/*CAST(?1 AS timestamptz)*/ ?1, /*CAST(?1 AS timestamptz)*/ ?1
FROM flow AS f WHERE f.is_schedule_active = TRUE AND f.archived = FALSE
AND NOT EXISTS (SELECT 1 FROM flow_schedule AS s WHERE s.flow_id = f.id);

-- end_schedule: it plans nothing any more.
DELETE FROM flow_schedule WHERE flow_id = ?1;

-- schedules_of_group: the flows of a group whose schedule is active.
SELECT s.flow_id, s.tenant_id FROM flow AS f JOIN flow_schedule AS s ON s.flow_id = f.id WHERE f.flow_group_id = ?1;

-- look_at_schedules_of_group: what runs of a group are made from has changed.
UPDATE flow_schedule SET due = ?2 WHERE error IS NOT NULL AND flow_id IN (SELECT id FROM flow WHERE flow_group_id = ?1);

-- is_schedule_due: whether any schedule is to be looked at: its time has come, or the clock was put back.
SELECT 1 WHERE EXISTS (SELECT 1 FROM flow_schedule WHERE due <= ?1)
OR EXISTS (SELECT 1 FROM flow_schedule WHERE looked_at > ?2);

-- due_schedules: the schedules that are to be looked at, and what runs of their flows are made from.
SELECT s.flow_id, s.tenant_id, s.revision, s.planned_until, s.looked_at, coalesce(g.schedule, f.schedule), f.name,
f.parameters, f.environment, f.run_config, g.labels, g.default_parameters, g.run_config
FROM (SELECT * FROM (SELECT * FROM flow_schedule WHERE due <= ?1 ORDER BY due LIMIT ?3) AS d
UNION SELECT * FROM (SELECT * FROM flow_schedule WHERE looked_at > ?2 ORDER BY looked_at DESC LIMIT ?3) AS b) AS s
JOIN flow AS f ON f.id = s.flow_id LEFT JOIN flow_group AS g ON g.id = f.flow_group_id
ORDER BY s.due, s.flow_id LIMIT ?3;

-- schedule_revision: which schedule of a flow is active, and how far it is planned; nobody else plans it meanwhile.
SELECT revision, planned_until FROM flow_schedule WHERE flow_id = ?1 /*FOR UPDATE*/;

-- schedule_planned: how far a schedule is planned, and when to look at it again.
UPDATE flow_schedule SET planned_until = ?2, looked_at = ?3, due = ?4, error = ?5 WHERE flow_id = ?1;

-- planned_flow_runs: the runs of a flow that a schedule has made and that nobody has taken yet.
SELECT id FROM flow_run WHERE flow_id = ?1 AND auto_scheduled = TRUE AND state IN (SELECT value FROM json_each(?2))
AND start_time IS NULL AND agent_id IS NULL AND times_resurrected = 0;

-- hide_planned_flow_run: such a run disappears, unless somebody has taken it meanwhile.
INSERT INTO flow_run_deletion (flow_run_id, requested_at)
SELECT id, ?2 FROM flow_run WHERE id = ?1 AND state IN (SELECT value FROM json_each(?3))
AND start_time IS NULL AND agent_id IS NULL AND times_resurrected = 0
ON CONFLICT DO NOTHING;

-- release_idempotency_key: the event of a run that is to be deleted may be planned again.
UPDATE flow_run SET idempotency_key = NULL WHERE id = ?1 AND id IN (SELECT flow_run_id FROM flow_run_deletion);

-- last_taken_event: the latest event of a flow that is still to come and whose run has been taken already.
SELECT max(scheduled_start_time) FROM flow_run WHERE flow_id = ?1 AND auto_scheduled = TRUE AND scheduled_start_time > ?2
AND id NOT IN (SELECT flow_run_id FROM flow_run_deletion);

-- tasks_without_task_run: the tasks of a run that a schedule has made which have no task run yet.
SELECT k.id, k.cache_key FROM flow_run AS r JOIN task AS k ON k.flow_id = r.flow_id
WHERE r.id = ?1 AND r.auto_scheduled = TRUE AND NOT EXISTS (
SELECT 1 FROM task_run AS t WHERE t.flow_run_id = r.id AND t.task_id = k.id AND t.map_index = -1) ORDER BY k.id;
