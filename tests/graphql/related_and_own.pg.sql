SELECT coalesce((
    SELECT coalesce(json_agg(o6), '[]')
    FROM (
      SELECT r0.id AS "id", r0.map_index AS "map_index", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.name AS "name"
          FROM task AS t1
          WHERE t1.id = r0.task_id) AS o2) AS "task"
      FROM (
        SELECT t0.id AS id, t0.map_index AS map_index, t0.task_id AS task_id
        FROM task_run AS t0
        WHERE t0.flow_run_id IN (
          SELECT t3.id
          FROM flow_run AS t3
          WHERE t3.flow_id IN (
            SELECT t4.id
            FROM flow AS t4
            WHERE t4.name = $1::text AND t4.archived = $2::boolean)) AND t0.map_index >= $3::integer AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x5
            WHERE x5.flow_run_id = t0.flow_run_id))
        ORDER BY t0.id ASC) AS r0) AS o6), 'null')::text
-- ["hello-world", false, 0]
