SELECT '[' || (
  SELECT group_concat('{"id":' || json_quote(t0.id) || ',"version":' || json_quote(t0.version) || ',"state":' || json_quote(t0.state) || ',"flow":' || (
      SELECT '{"version":' || json_quote(t1.version) || ',"environment":' || coalesce(t1.environment, 'null') || ',"core_version":' || json_quote(t1.core_version) || ',"storage":' || coalesce(t1.storage, 'null') || ',"name":' || json_quote(t1.name) || ',"id":' || json_quote(t1.id) || '}'
      FROM flow AS t1
      WHERE t1.id = t0.flow_id UNION ALL
      SELECT 'null') || ',"task_runs":[' || (
      SELECT group_concat('{"serialized_state":' || coalesce(t2.serialized_state, 'null') || ',"version":' || json_quote(t2.version) || ',"id":' || json_quote(t2.id) || ',"task_id":' || json_quote(t2.task_id) || '}', ',')
      FROM task_run AS t2
      WHERE t2.flow_run_id = t0.id AND t2.state_start_time <= ? HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM flow_run AS t0
  WHERE t0.id IN (
    SELECT value
    FROM json_each(?)) AND (t0.state = ? OR (t0.state = ? AND EXISTS (
        SELECT 1
        FROM task_run AS t3
        WHERE t3.flow_run_id = t0.id AND t3.state_start_time <= ?))) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x4
      WHERE x4.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["2022-06-01T15:25:45.644395+00:00", "[\"00000006-0000-4000-8000-000000000001\",\"00000006-0000-4000-8000-000000000004\"]", "Scheduled", "Running", "2022-06-01T15:25:45.644395+00:00"]
