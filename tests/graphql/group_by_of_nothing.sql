SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '},"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || json_object('state', r1.state) || ',"aggregate":{"count":' || count(*) || '}}' AS object
      FROM (
        SELECT t1.state AS state
        FROM flow_run AS t1
        WHERE t1.name = ? AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t1.id))) AS r1 GROUP BY +r1.state
      ORDER BY r1.state ASC NULLS LAST) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}'
  FROM flow_run AS t0
  WHERE t0.name = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x4
      WHERE x4.flow_run_id = t0.id)))
-- ["nobody", "nobody"]
