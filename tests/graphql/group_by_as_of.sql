SELECT (
  SELECT '{"task_runs_aggregate":' || (
    SELECT '{"groups":[' || (
      SELECT group_concat(g4.object, ',')
      FROM (
        SELECT '{"key":' || json_object('state', h2.state) || ',"aggregate":{"count":' || count(*) || ',"min":{"start_time":' || json_quote(min((
              SELECT min(s3.timestamp)
              FROM task_run_state AS s3
              WHERE s3.task_run_id = r2.id AND s3.sequence <= ? AND s3.state IN (
                SELECT value
                FROM json_each(?))))) || '}}}' AS object
        FROM (
          SELECT t2.id AS id
          FROM task_run AS t2
          WHERE t2.flow_run_id = t0.id AND t2.first_sequence <= ?) AS r2
        CROSS JOIN task_run_state AS h2 ON h2.id = (
          SELECT s5.id
          FROM task_run_state AS s5
          WHERE s5.task_run_id = r2.id AND s5.sequence <= ?
          ORDER BY s5.sequence DESC
          LIMIT 1) GROUP BY h2.state
        ORDER BY h2.state ASC NULLS LAST) AS g4 HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}') || '}'
  FROM flow_run AS t0
  CROSS JOIN flow_run_state AS h0 ON h0.id = (
    SELECT s7.id
    FROM flow_run_state AS s7
    WHERE s7.flow_run_id = t0.id AND s7.sequence <= ?
    ORDER BY s7.sequence DESC
    LIMIT 1)
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x6
      WHERE x6.flow_run_id = t0.id)) UNION ALL
  SELECT 'null')
-- [8, "[\"Running\"]", 8, 8, 8, "00000006-0000-4000-8000-000000000001"]
