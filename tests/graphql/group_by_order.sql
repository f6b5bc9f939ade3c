SELECT (
  SELECT '{"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || json_object('state', r1.state) || ',"aggregate":{"count":' || count(*) || '}}' AS object
      FROM (
        SELECT t1.state AS state
        FROM flow_run AS t1
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t1.id))) AS r1 GROUP BY r1.state
      ORDER BY count(*) DESC, r1.state DESC) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}')
-- []

SELECT (
  SELECT '{"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || json_object('flow_id', r1.flow_id, 'state', r1.state) || ',"aggregate":{"count":' || count(*) || ',"max":{"version":' || json_quote(max(r1.version)) || '}}}' AS object
      FROM (
        SELECT t1.flow_id AS flow_id, t1.state AS state, t1.version AS version
        FROM flow_run AS t1
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t1.id))) AS r1 GROUP BY r1.flow_id, r1.state
      ORDER BY max(r1.version) DESC NULLS FIRST, r1.flow_id ASC, r1.state ASC NULLS LAST
      LIMIT ? OFFSET ?) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}')
-- [3, 1]

SELECT (
  SELECT '{"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || '{"auto_scheduled":' || CASE r1.auto_scheduled WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE 'null' END || '}' || ',"aggregate":{"count":' || count(*) || '}}' AS object
      FROM (
        SELECT t1.auto_scheduled AS auto_scheduled
        FROM flow_run AS t1
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t1.id))) AS r1 GROUP BY r1.auto_scheduled
      ORDER BY r1.auto_scheduled DESC) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}')
-- []
