SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"flow_runs_aggregate":' || (
      SELECT '{"aggregate":{"count":' || count(*) || '},"nodes":[' || coalesce(group_concat(json_object('name', t1.name), ','), '') || '],"groups":[' || (
        SELECT group_concat(g3.object, ',')
        FROM (
          SELECT '{"key":' || json_object('state', r2.state) || ',"aggregate":{"count":' || count(*) || '}}' AS object
          FROM (
            SELECT t2.state AS state
            FROM flow_run AS t2
            WHERE t2.flow_id = r0.id AND t2.name IS NOT NULL AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x4
                WHERE x4.flow_run_id = t2.id))) AS r2 GROUP BY r2.state
          ORDER BY r2.state ASC NULLS LAST) AS g3 HAVING count(*) > 0 UNION ALL
        SELECT '') || ']}'
      FROM flow_run AS t1
      WHERE t1.flow_id = r0.id AND t1.name IS NOT NULL AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x5
          WHERE x5.flow_run_id = t1.id))) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.id AS id
    FROM flow AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
