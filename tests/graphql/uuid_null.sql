SELECT '[' || (
  SELECT group_concat('{"id":' || json_quote(r0.id) || ',"agent":' || (
      SELECT json_object('name', t1.name)
      FROM agent AS t1
      WHERE t1.id = r0.agent_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT t0.id AS id, t0.agent_id AS agent_id
    FROM flow_run AS t0
    WHERE t0.agent_id IS NOT NULL AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x2
        WHERE x2.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
