SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id, 'map_index', r0.map_index), ',')
  FROM (
    SELECT t0.id AS id, t0.map_index AS map_index
    FROM task_run AS t0
    WHERE t0.map_index <> ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [0]
