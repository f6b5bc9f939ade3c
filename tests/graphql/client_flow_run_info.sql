SELECT (
  SELECT '{"id":' || json_quote(t0.id) || ',"name":' || json_quote(t0.name) || ',"flow_id":' || json_quote(t0.flow_id) || ',"parameters":' || coalesce(t0.parameters, 'null') || ',"context":' || coalesce(t0.context, 'null') || ',"version":' || json_quote(t0.version) || ',"scheduled_start_time":' || json_quote(t0.scheduled_start_time) || ',"serialized_state":' || coalesce(t0.serialized_state, 'null') || ',"task_runs":[' || (
    SELECT group_concat('{"id":' || json_quote(r1.id) || ',"task":' || (
        SELECT json_object('id', t2.id, 'slug', t2.slug)
        FROM task AS t2
        WHERE t2.id = r1.task_id UNION ALL
        SELECT 'null') || ',"version":' || json_quote(r1.version) || ',"serialized_state":' || coalesce(r1.serialized_state, 'null') || '}', ',')
    FROM (
      SELECT t1.id AS id, t1.task_id AS task_id, t1.version AS version, t1.serialized_state AS serialized_state
      FROM task_run AS t1
      WHERE t1.flow_run_id = t0.id AND t1.map_index = ?
      ORDER BY (
        SELECT t3.slug
        FROM task AS t3
        WHERE t3.id = t1.task_id) ASC NULLS LAST) AS r1 HAVING count(*) > 0 UNION ALL
    SELECT '') || '],"flow":' || (
    SELECT '{"project":' || (
      SELECT json_object('name', t5.name, 'id', t5.id)
      FROM project AS t5
      WHERE t5.id = t4.project_id UNION ALL
      SELECT 'null') || '}'
    FROM flow AS t4
    WHERE t4.id = t0.flow_id UNION ALL
    SELECT 'null') || '}'
  FROM flow_run AS t0
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x6
      WHERE x6.flow_run_id = t0.id)) UNION ALL
  SELECT 'null')
-- [-1, "00000006-0000-4000-8000-000000000001"]
