SELECT coalesce((
    SELECT coalesce(json_agg(o7), '[]')
    FROM (
      SELECT t0.id AS "id", t0.version AS "version", t0.state AS "state", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.version AS "version", t1.environment AS "environment", t1.core_version AS "core_version", t1.storage AS "storage", t1.name AS "name", t1.id AS "id"
          FROM flow AS t1
          WHERE t1.id = t0.flow_id) AS o2) AS "flow", (
        SELECT coalesce(json_agg(o4), '[]')
        FROM (
          SELECT t3.serialized_state AS "serialized_state", t3.version AS "version", t3.id AS "id", t3.task_id AS "task_id"
          FROM task_run AS t3
          WHERE t3.flow_run_id = t0.id AND t3.state_start_time <= $1::timestamptz) AS o4) AS "task_runs"
      FROM flow_run AS t0
      WHERE t0.id = ANY ($2::uuid[]) AND (t0.state = $3::text OR (t0.state = $4::text AND EXISTS (
            SELECT 1
            FROM task_run AS t5
            WHERE t5.flow_run_id = t0.id AND t5.state_start_time <= $5::timestamptz))) AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x6
          WHERE x6.flow_run_id = t0.id))) AS o7), 'null')::text
-- ["2022-06-01T15:25:45.644395+00:00", "{\"00000006-0000-4000-8000-000000000001\",\"00000006-0000-4000-8000-000000000004\"}", "Scheduled", "Running", "2022-06-01T15:25:45.644395+00:00"]
