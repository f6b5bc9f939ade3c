SELECT (
  SELECT '{"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || json_object('state', r1.state) || ',"aggregate":{"count":' || count(*) || ',"max":{"scheduled_start_time":' || json_quote(max(r1.scheduled_start_time)) || '},"min":{"name":' || json_quote(min(r1.name)) || '},"avg":{"version":' || coalesce(float_text(avg(r1.version)), 'null') || '}}}' AS object
      FROM (
        SELECT t1.state AS state, t1.scheduled_start_time AS scheduled_start_time, t1.name AS name, t1.version AS version
        FROM flow_run AS t1
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t1.id))) AS r1 GROUP BY r1.state
      ORDER BY r1.state ASC NULLS LAST) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}')
-- []

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '},"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || json_object('state', r1.state, 'map_index', r1.map_index) || ',"aggregate":{"count":' || count(*) || '}}' AS object
      FROM (
        SELECT t1.state AS state, t1.map_index AS map_index
        FROM task_run AS t1
        WHERE t1.map_index < ? AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t1.flow_run_id))) AS r1 GROUP BY +r1.state, +r1.map_index
      ORDER BY r1.state ASC NULLS LAST, r1.map_index ASC) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}'
  FROM task_run AS t0
  WHERE t0.map_index < ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x4
      WHERE x4.flow_run_id = t0.flow_run_id)))
-- [1, 1]

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
