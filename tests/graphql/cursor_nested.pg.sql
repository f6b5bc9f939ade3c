SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.name AS "name", (
        SELECT coalesce(json_agg(o3), '[]')
        FROM (
          SELECT r1.name AS "name", r1.scheduled_start_time AS "scheduled_start_time"
          FROM (
            SELECT t1.name AS name, t1.scheduled_start_time AS scheduled_start_time
            FROM flow_run AS t1
            WHERE t1.flow_id = r0.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x2
                WHERE x2.flow_run_id = t1.id)) AND (t1.scheduled_start_time <= $1::timestamptz AND (t1.scheduled_start_time < $2::timestamptz OR t1.scheduled_start_time = $3::timestamptz AND t1.id > $4::uuid))
            ORDER BY t1.scheduled_start_time DESC, t1.id ASC) AS r1) AS o3) AS "flow_runs"
      FROM (
        SELECT t0.name AS name, t0.id AS id
        FROM flow AS t0
        ORDER BY t0.id ASC) AS r0) AS o4), 'null')::text
-- ["2021-05-12T17:16:45+00:00", "2021-05-12T17:16:45+00:00", "2021-05-12T17:16:45+00:00", "00000006-0000-4000-8000-000000000005"]
