SELECT '[' || (
  SELECT group_concat('{"id":' || json_quote(r0.id) || ',"state":' || json_quote(h0.state) || ',"states_aggregate":' || (
      SELECT '{"aggregate":{"count":' || count(*) || '}}'
      FROM task_run_state AS t1
      WHERE t1.task_run_id = r0.id AND t1.sequence <= ?) || ',"flow_run":' || (
      SELECT json_object('state', h2.state)
      FROM flow_run AS t2
      CROSS JOIN flow_run_state AS h2 ON h2.id = (
        SELECT s3.id
        FROM flow_run_state AS s3
        WHERE s3.flow_run_id = t2.id AND s3.sequence <= ?
        ORDER BY s3.sequence DESC
        LIMIT 1)
      WHERE t2.id = r0.flow_run_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT t0.id AS id, t0.flow_run_id AS flow_run_id
    FROM task_run AS t0
    CROSS JOIN task_run_state AS h0 ON h0.id = (
      SELECT s5.id
      FROM task_run_state AS s5
      WHERE s5.task_run_id = t0.id AND s5.sequence <= ?
      ORDER BY s5.sequence DESC
      LIMIT 1)
    WHERE t0.flow_run_id = ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x4
        WHERE x4.flow_run_id = t0.flow_run_id))
    ORDER BY h0.state ASC NULLS LAST, t0.id ASC) AS r0
  CROSS JOIN task_run_state AS h0 ON h0.id = (
    SELECT s6.id
    FROM task_run_state AS s6
    WHERE s6.task_run_id = r0.id AND s6.sequence <= ?
    ORDER BY s6.sequence DESC
    LIMIT 1) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [9, 9, 9, "00000006-0000-4000-8000-000000000001", 9]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM task_run AS t0
  WHERE t0.flow_run_id = ? AND EXISTS (
    SELECT 1
    FROM flow_run AS t1
    CROSS JOIN flow_run_state AS h1 ON h1.id = (
      SELECT s2.id
      FROM flow_run_state AS s2
      WHERE s2.flow_run_id = t1.id AND s2.sequence <= ?
      ORDER BY s2.sequence DESC
      LIMIT 1)
    WHERE t1.id = t0.flow_run_id AND h1.state = ?) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x3
      WHERE x3.flow_run_id = t0.flow_run_id)) AND t0.first_sequence <= ? HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["00000006-0000-4000-8000-000000000001", 8, "Running", 8]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM task_run AS t0
  CROSS JOIN task_run_state AS h0 ON h0.id = (
    SELECT s2.id
    FROM task_run_state AS s2
    WHERE s2.task_run_id = t0.id AND s2.sequence <= ?
    ORDER BY s2.sequence DESC
    LIMIT 1)
  WHERE t0.flow_run_id = ? AND h0.state = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.flow_run_id)))
-- [5, "00000006-0000-4000-8000-000000000001", "Pending"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM log AS t0
  WHERE t0.flow_run_id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.flow_run_id)) AND t0.sequence <= ?)
-- ["00000006-0000-4000-8000-000000000001", 10]

SELECT (
  SELECT json_object('state', h0.state, 'end_time', (
      SELECT max(s1.timestamp)
      FROM task_run_state AS s1
      WHERE s1.task_run_id = t0.id AND s1.sequence <= ? AND s1.state IN (
        SELECT value
        FROM json_each(?))))
  FROM task_run AS t0
  CROSS JOIN task_run_state AS h0 ON h0.id = (
    SELECT s3.id
    FROM task_run_state AS s3
    WHERE s3.task_run_id = t0.id AND s3.sequence <= ?
    ORDER BY s3.sequence DESC
    LIMIT 1)
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x2
      WHERE x2.flow_run_id = t0.flow_run_id)) UNION ALL
  SELECT 'null')
-- [8, "[\"Cached\",\"Cancelled\",\"Failed\",\"Looped\",\"Success\",\"TimedOut\"]", 8, "00000007-0000-4000-8000-000000000001"]

SELECT (
  SELECT json_object('state', h0.state)
  FROM task_run AS t0
  CROSS JOIN task_run_state AS h0 ON h0.id = (
    SELECT s2.id
    FROM task_run_state AS s2
    WHERE s2.task_run_id = t0.id AND s2.sequence <= ?
    ORDER BY s2.sequence DESC
    LIMIT 1)
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.flow_run_id)) UNION ALL
  SELECT 'null')
-- [8, "00000007-0000-4000-8000-000000000005"]

SELECT (
  SELECT '{"state":' || json_quote(t0.state) || ',"task_runs":[' || (
    SELECT group_concat(json_object('state', h1.state), ',')
    FROM (
      SELECT t1.id AS id
      FROM task_run AS t1
      WHERE t1.flow_run_id = t0.id AND t1.first_sequence <= ?
      ORDER BY t1.id ASC) AS r1
    CROSS JOIN task_run_state AS h1 ON h1.id = (
      SELECT s2.id
      FROM task_run_state AS s2
      WHERE s2.task_run_id = r1.id AND s2.sequence <= ?
      ORDER BY s2.sequence DESC
      LIMIT 1) HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}'
  FROM flow_run AS t0
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x3
      WHERE x3.flow_run_id = t0.id)) UNION ALL
  SELECT 'null')
-- [7, 7, "00000006-0000-4000-8000-000000000001"]
