SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id, 'name', r0.name, 'state', r0.state), ',')
  FROM (
    SELECT t0.id AS id, t0.name AS name, t0.state AS state
    FROM flow_run AS t0
    WHERE ((t0.state = ? AND NOT (t0.name GLOB ?)) OR (t0.auto_scheduled = ? AND t0.flow_id IN (
          SELECT t1.id
          FROM flow AS t1
          WHERE t1.version > ?))) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x2
        WHERE x2.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["Failed", "brave*", true, 1]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE 0 AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM flow_run AS t0
  WHERE (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- []

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM flow_run AS t0
  WHERE NOT (1) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- []

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE t0.state = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["Scheduled"]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE (t0.state = ?) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["Scheduled"]
