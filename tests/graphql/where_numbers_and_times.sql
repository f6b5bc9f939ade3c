SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id, 'map_index', r0.map_index, 'version', r0.version), ',')
  FROM (
    SELECT t0.id AS id, t0.map_index AS map_index, t0.version AS version
    FROM task_run AS t0
    WHERE t0.map_index > ? AND t0.version <= ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [-1, 2]

SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id, 'start_time', r0.start_time), ',')
  FROM (
    SELECT t0.id AS id, t0.start_time AS start_time
    FROM flow_run AS t0
    WHERE t0.start_time >= ? AND t0.start_time < ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["2021-05-12T17:00:31+00:00", "2021-05-12T17:03:20+00:00"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM task_run_state AS t0
  WHERE t0.sequence > ? AND t0.sequence <= ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.flow_run_id)))
-- [5, 12]

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"retry_delay":' || json_quote(interval_text(r0.retry_delay)) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.retry_delay AS retry_delay
    FROM task AS t0
    WHERE t0.retry_delay >= ?
    ORDER BY t0.retry_delay ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [5000000]

SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM task AS t0
  WHERE t0.retry_delay = ? HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [90061500000]

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(t0.name) || ',"retry_delay":' || json_quote(interval_text(t0.retry_delay)) || '}', ',')
  FROM task AS t0
  WHERE t0.retry_delay IS NULL HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat('{"id":' || json_quote(t0.id) || ',"archived":' || CASE t0.archived WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE 'null' END || ',"is_schedule_active":' || CASE t0.is_schedule_active WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE 'null' END || '}', ',')
  FROM flow AS t0
  WHERE t0.archived IN (
    SELECT value
    FROM json_each(?)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[true]"]
