SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id, 'state', h0.state), ',')
  FROM (
    SELECT t0.id AS id
    FROM task_run AS t0
    CROSS JOIN task_run_state AS h0 ON h0.id = (
      SELECT s2.id
      FROM task_run_state AS s2
      WHERE s2.task_run_id = t0.id AND s2.sequence <= ?
      ORDER BY s2.sequence DESC
      LIMIT 1)
    WHERE t0.flow_run_id = ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id)) AND (h0.state <= ? AND (h0.state < ? OR h0.state = ? AND t0.id > ?))
    ORDER BY h0.state DESC NULLS FIRST, t0.id ASC) AS r0
  CROSS JOIN task_run_state AS h0 ON h0.id = (
    SELECT s3.id
    FROM task_run_state AS s3
    WHERE s3.task_run_id = r0.id AND s3.sequence <= ?
    ORDER BY s3.sequence DESC
    LIMIT 1) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [8, "00000006-0000-4000-8000-000000000001", "Pending", "Pending", "Pending", "00000007-0000-4000-8000-000000000002", 8]
