SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id, 'state', t0.state, 'start_time', t0.start_time), ',')
  FROM flow_run AS t0
  WHERE t0.name = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["woodoo-leopard"]
