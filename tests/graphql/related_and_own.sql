SELECT '[' || (
  SELECT group_concat('{"id":' || json_quote(r0.id) || ',"map_index":' || json_quote(r0.map_index) || ',"task":' || (
      SELECT json_object('name', t1.name)
      FROM task AS t1
      WHERE t1.id = r0.task_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT t0.id AS id, t0.map_index AS map_index, t0.task_id AS task_id
    FROM task_run AS t0
    WHERE t0.flow_run_id IN (
      SELECT t2.id
      FROM flow_run AS t2
      WHERE t2.flow_id IN (
        SELECT t3.id
        FROM flow AS t3
        WHERE t3.name = ? AND t3.archived = ?)) AND t0.map_index >= ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x4
        WHERE x4.flow_run_id = t0.flow_run_id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["hello-world", false, 0]
