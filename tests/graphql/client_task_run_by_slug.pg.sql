SELECT coalesce((
    SELECT coalesce(json_agg(o5), '[]')
    FROM (
      SELECT t0.id AS "id", t0.name AS "name", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.id AS "id", t1.slug AS "slug"
          FROM task AS t1
          WHERE t1.id = t0.task_id) AS o2) AS "task", t0.map_index AS "map_index", t0.serialized_state AS "serialized_state", t0.flow_run_id AS "flow_run_id"
      FROM task_run AS t0
      WHERE EXISTS (
        SELECT 1
        FROM task AS t3
        WHERE t3.id = t0.task_id AND t3.slug = $1::text) AND t0.flow_run_id = $2::uuid AND t0.map_index = $3::integer AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x4
          WHERE x4.flow_run_id = t0.flow_run_id))) AS o5), 'null')::text
-- ["mapped-1", "00000006-0000-4000-8000-000000000001", 1]
