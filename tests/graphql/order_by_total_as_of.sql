SELECT (
  SELECT '{"task_runs":[' || (
    SELECT group_concat('{"id":' || json_quote(r1.id) || ',"states_aggregate":' || (
        SELECT '{"aggregate":{"count":' || count(*) || ',"max":{"state":' || json_quote(max(t2.state)) || '}}}'
        FROM task_run_state AS t2
        WHERE t2.task_run_id = r1.id AND t2.sequence <= ?) || '}', ',')
    FROM (
      SELECT t1.id AS id
      FROM task_run AS t1
      WHERE t1.flow_run_id = t0.id AND t1.first_sequence <= ?
      ORDER BY (
        SELECT count(*)
        FROM task_run_state AS t3
        WHERE t3.task_run_id = t1.id AND t3.sequence <= ?) DESC, t1.id ASC) AS r1 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}'
  FROM flow_run AS t0
  CROSS JOIN flow_run_state AS h0 ON h0.id = (
    SELECT s5.id
    FROM flow_run_state AS s5
    WHERE s5.flow_run_id = t0.id AND s5.sequence <= ?
    ORDER BY s5.sequence DESC
    LIMIT 1)
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x4
      WHERE x4.flow_run_id = t0.id)) UNION ALL
  SELECT 'null')
-- [8, 8, 8, 8, "00000006-0000-4000-8000-000000000001"]
