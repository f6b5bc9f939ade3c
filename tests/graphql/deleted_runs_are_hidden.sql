SELECT (
  SELECT json_object('id', t0.id)
  FROM flow_run AS t0
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) UNION ALL
  SELECT 'null')
-- ["00000006-0000-4000-8000-000000000006"]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE t0.name = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["being-deleted"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM flow_run_state AS t0
  WHERE t0.flow_run_id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.flow_run_id)))
-- ["00000006-0000-4000-8000-000000000006"]

SELECT (
  SELECT '{"flow_runs":[' || (
    SELECT group_concat(json_object('name', r1.name), ',')
    FROM (
      SELECT t1.name AS name
      FROM flow_run AS t1
      WHERE t1.flow_id = t0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t1.id))
      ORDER BY t1.id ASC) AS r1 HAVING count(*) > 0 UNION ALL
    SELECT '') || '],"flow_runs_aggregate":' || (
    SELECT '{"aggregate":{"count":' || count(*) || '}}'
    FROM flow_run AS t3
    WHERE t3.flow_id = t0.id AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x4
        WHERE x4.flow_run_id = t3.id))) || '}'
  FROM flow AS t0
  WHERE t0.id = ? UNION ALL
  SELECT 'null')
-- ["00000003-0000-4000-8000-000000000002"]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow AS t0
  WHERE EXISTS (
    SELECT 1
    FROM flow_run AS t1
    WHERE t1.flow_id = t0.id AND t1.name = ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x2
        WHERE x2.flow_run_id = t1.id))) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["being-deleted"]
