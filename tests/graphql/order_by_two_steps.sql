SELECT '[' || (
  SELECT group_concat('{"task":' || (
      SELECT json_object('slug', t1.slug)
      FROM task AS t1
      WHERE t1.id = r0.task_id UNION ALL
      SELECT 'null') || ',"map_index":' || json_quote(r0.map_index) || '}', ',')
  FROM (
    SELECT t0.task_id AS task_id, t0.map_index AS map_index
    FROM task_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x5
        WHERE x5.flow_run_id = t0.flow_run_id))
    ORDER BY (
      SELECT (
        SELECT t3.name
        FROM flow AS t3
        WHERE t3.id = t2.flow_id)
      FROM flow_run AS t2
      WHERE t2.id = t0.flow_run_id) DESC NULLS FIRST, (
      SELECT t4.slug
      FROM task AS t4
      WHERE t4.id = t0.task_id) ASC NULLS LAST, t0.map_index DESC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
