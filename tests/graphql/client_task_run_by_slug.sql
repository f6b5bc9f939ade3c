SELECT '[' || (
  SELECT group_concat('{"id":' || json_quote(t0.id) || ',"name":' || json_quote(t0.name) || ',"task":' || (
      SELECT json_object('id', t1.id, 'slug', t1.slug)
      FROM task AS t1
      WHERE t1.id = t0.task_id UNION ALL
      SELECT 'null') || ',"map_index":' || json_quote(t0.map_index) || ',"serialized_state":' || coalesce(t0.serialized_state, 'null') || ',"flow_run_id":' || json_quote(t0.flow_run_id) || '}', ',')
  FROM task_run AS t0
  WHERE EXISTS (
    SELECT 1
    FROM task AS t2
    WHERE t2.id = t0.task_id AND t2.slug = ?) AND t0.flow_run_id = ? AND t0.map_index = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x3
      WHERE x3.flow_run_id = t0.flow_run_id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["mapped-1", "00000006-0000-4000-8000-000000000001", 1]
