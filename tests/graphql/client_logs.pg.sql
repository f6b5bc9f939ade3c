SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT (
        SELECT coalesce(json_agg(o2), '[]')
        FROM (
          SELECT r1.timestamp AS "timestamp", r1.message AS "message", r1.level AS "level"
          FROM (
            SELECT t1.timestamp AS timestamp, t1.message AS message, t1.level AS level
            FROM log AS t1
            WHERE t1.flow_run_id = t0.id AND t1.timestamp <= $1::timestamptz
            ORDER BY t1.timestamp ASC) AS r1) AS o2) AS "logs"
      FROM flow_run AS t0
      WHERE t0.id = $2::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x3
          WHERE x3.flow_run_id = t0.id))) AS o4), 'null')::text
-- ["2021-05-12T17:00:40+00:00", "00000006-0000-4000-8000-000000000001"]
