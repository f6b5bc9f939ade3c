SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name", r0.start_time AS "start_time"
      FROM (
        SELECT t0.name AS name, t0.start_time AS start_time
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id)) AND (t0.start_time IS NOT NULL OR t0.start_time IS NULL AND t0.id > $1::uuid)
        ORDER BY t0.start_time DESC, t0.id ASC) AS r0) AS o2), 'null')::text
-- ["00000006-0000-4000-8000-000000000004"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name", r0.start_time AS "start_time"
      FROM (
        SELECT t0.name AS name, t0.start_time AS start_time
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id)) AND (t0.start_time <= $1::timestamptz AND (t0.start_time < $2::timestamptz OR t0.start_time = $3::timestamptz AND t0.id > $4::uuid))
        ORDER BY t0.start_time DESC, t0.id ASC) AS r0) AS o2), 'null')::text
-- ["2021-05-12T17:05:00+00:00", "2021-05-12T17:05:00+00:00", "2021-05-12T17:05:00+00:00", "00000006-0000-4000-8000-000000000005"]
