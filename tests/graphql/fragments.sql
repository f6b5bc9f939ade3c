SELECT '[' || (
  SELECT group_concat('{"__typename":"flow_run","id":' || json_quote(t0.id) || ',"flow":' || (
      SELECT json_object('name', t1.name, '__typename', 'flow', 'version', t1.version)
      FROM flow AS t1
      WHERE t1.id = t0.flow_id UNION ALL
      SELECT 'null') || ',"version":' || json_quote(t0.version) || '}', ',')
  FROM flow_run AS t0
  WHERE t0.name = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x2
      WHERE x2.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["brave-otter"]
