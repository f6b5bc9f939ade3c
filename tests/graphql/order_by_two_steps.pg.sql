SELECT coalesce((
    SELECT coalesce(json_agg(o7), '[]')
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.slug AS "slug"
          FROM task AS t1
          WHERE t1.id = r0.task_id) AS o2) AS "task", r0.map_index AS "map_index"
      FROM (
        SELECT t0.task_id AS task_id, t0.map_index AS map_index
        FROM task_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x6
            WHERE x6.flow_run_id = t0.flow_run_id))
        ORDER BY (
          SELECT (
            SELECT t4.name
            FROM flow AS t4
            WHERE t4.id = t3.flow_id)
          FROM flow_run AS t3
          WHERE t3.id = t0.flow_run_id) DESC, (
          SELECT t5.slug
          FROM task AS t5
          WHERE t5.id = t0.task_id) ASC, t0.map_index DESC) AS r0) AS o7), 'null')::text
-- []
