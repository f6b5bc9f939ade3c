SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"flow_runs":[' || (
      SELECT group_concat('{"name":' || json_quote(r1.name) || ',"flow":' || (
          SELECT json_object('version', t2.version)
          FROM flow AS t2
          WHERE t2.id = r1.flow_id UNION ALL
          SELECT 'null') || '}', ',')
      FROM (
        SELECT t1.name AS name, t1.flow_id AS flow_id
        FROM flow_run AS t1
        WHERE t1.flow_id = r0.id AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t1.id))
        ORDER BY t1.id ASC) AS r1 HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM (
    SELECT t0.name AS name, t0.id AS id
    FROM flow AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
