SELECT (
  SELECT '{"name":' || json_quote(t0.name) || ',"flow":' || (
    SELECT '{"name":' || json_quote(t1.name) || ',"project":' || (
      SELECT json_object('name', t2.name)
      FROM project AS t2
      WHERE t2.id = t1.project_id UNION ALL
      SELECT 'null') || '}'
    FROM flow AS t1
    WHERE t1.id = t0.flow_id UNION ALL
    SELECT 'null') || ',"task_runs":[' || (
    SELECT group_concat('{"map_index":' || json_quote(r3.map_index) || ',"states":[' || (
        SELECT group_concat(json_object('state', r4.state), ',')
        FROM (
          SELECT t4.state AS state
          FROM task_run_state AS t4
          WHERE t4.task_run_id = r3.id
          ORDER BY t4.version DESC NULLS FIRST
          LIMIT ?) AS r4 HAVING count(*) > 0 UNION ALL
        SELECT '') || ']}', ',')
    FROM (
      SELECT t3.map_index AS map_index, t3.id AS id
      FROM task_run AS t3
      WHERE t3.flow_run_id = t0.id AND t3.map_index >= ?
      ORDER BY t3.map_index ASC) AS r3 HAVING count(*) > 0 UNION ALL
    SELECT '') || '],"logs_aggregate":' || (
    SELECT '{"aggregate":{"count":' || count(*) || '}}'
    FROM log AS t5
    WHERE t5.flow_run_id = t0.id) || '}'
  FROM flow_run AS t0
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x6
      WHERE x6.flow_run_id = t0.id)) UNION ALL
  SELECT 'null')
-- [1, 0, "00000006-0000-4000-8000-000000000001"]
