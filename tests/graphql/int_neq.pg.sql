SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.id AS "id", r0.map_index AS "map_index"
      FROM (
        SELECT t0.id AS id, t0.map_index AS map_index
        FROM task_run AS t0
        WHERE t0.map_index <> $1::integer AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.flow_run_id))
        ORDER BY t0.id ASC) AS r0) AS o2), 'null')::text
-- [0]
