SELECT (
  SELECT json_object('id', t0.id)
  FROM flow_run AS t0
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) UNION ALL
  SELECT 'null')
-- ["ffffffff-0000-4000-8000-000000000001"]
