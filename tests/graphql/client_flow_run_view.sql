SELECT '[' || (
  SELECT group_concat('{"id":' || json_quote(t0.id) || ',"name":' || json_quote(t0.name) || ',"flow_id":' || json_quote(t0.flow_id) || ',"serialized_state":' || coalesce(t0.serialized_state, 'null') || ',"states":[' || (
      SELECT group_concat('{"timestamp":' || json_quote(t1.timestamp) || ',"serialized_state":' || coalesce(t1.serialized_state, 'null') || '}', ',')
      FROM flow_run_state AS t1
      WHERE t1.flow_run_id = t0.id HAVING count(*) > 0 UNION ALL
      SELECT '') || '],"labels":' || coalesce(t0.labels, 'null') || ',"parameters":' || coalesce(t0.parameters, 'null') || ',"context":' || coalesce(t0.context, 'null') || ',"updated":' || json_quote(t0.updated) || ',"run_config":' || coalesce(t0.run_config, 'null') || '}', ',')
  FROM flow_run AS t0
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x2
      WHERE x2.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["00000006-0000-4000-8000-000000000001"]
