SELECT (
  SELECT '{"aggregate":{"min":{"name":' || json_quote(min(t0.name)) || ',"created":' || json_quote(min(t0.created)) || ',"start_time":' || json_quote(min(t0.start_time)) || ',"id":' || json_quote(min(t0.id)) || '},"max":{"name":' || json_quote(max(t0.name)) || ',"created":' || json_quote(max(t0.created)) || ',"state":' || json_quote(max(t0.state)) || ',"version":' || json_quote(max(t0.version)) || '}}}'
  FROM flow_run AS t0
  WHERE (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- []
