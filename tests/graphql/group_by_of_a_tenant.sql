SELECT (
  SELECT '{"groups":[' || (
    SELECT group_concat(g3.object, ',')
    FROM (
      SELECT '{"key":' || '{"state":' || json_quote(r1.state) || ',"tenant":' || (
        SELECT json_object('name', t2.name)
        FROM tenant AS t2
        WHERE t2.id = r1.tenant_id AND t2.id = ? UNION ALL
        SELECT 'null') || '}' || ',"aggregate":{"count":' || count(*) || '}}' AS object
      FROM (
        SELECT t1.tenant_id AS tenant_id, t1.state AS state
        FROM flow_run AS t1
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x4
            WHERE x4.flow_run_id = t1.id)) AND t1.tenant_id = ?) AS r1 GROUP BY r1.tenant_id, r1.state
      ORDER BY r1.tenant_id ASC NULLS LAST, r1.state ASC NULLS LAST) AS g3 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}')
-- ["00000000-0000-4000-8000-00000000d001", "00000000-0000-4000-8000-00000000d001"]
