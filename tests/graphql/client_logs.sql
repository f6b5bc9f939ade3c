SELECT '[' || (
  SELECT group_concat('{"logs":[' || (
      SELECT group_concat(json_object('timestamp', r1.timestamp, 'message', r1.message, 'level', r1.level), ',')
      FROM (
        SELECT t1.timestamp AS timestamp, t1.message AS message, t1.level AS level
        FROM log AS t1
        WHERE t1.flow_run_id = t0.id AND t1.timestamp <= ?
        ORDER BY t1.timestamp ASC) AS r1 HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM flow_run AS t0
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x2
      WHERE x2.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["2021-05-12T17:00:40+00:00", "00000006-0000-4000-8000-000000000001"]
