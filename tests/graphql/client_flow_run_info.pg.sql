SELECT coalesce((
    SELECT row_to_json(o11)
    FROM (
      SELECT t0.id AS "id", t0.name AS "name", t0.flow_id AS "flow_id", t0.parameters AS "parameters", t0.context AS "context", t0.version AS "version", t0.scheduled_start_time AS "scheduled_start_time", t0.serialized_state AS "serialized_state", (
        SELECT coalesce(json_agg(o5), '[]')
        FROM (
          SELECT r1.id AS "id", (
            SELECT row_to_json(o3)
            FROM (
              SELECT t2.id AS "id", t2.slug AS "slug"
              FROM task AS t2
              WHERE t2.id = r1.task_id) AS o3) AS "task", r1.version AS "version", r1.serialized_state AS "serialized_state"
          FROM (
            SELECT t1.id AS id, t1.task_id AS task_id, t1.version AS version, t1.serialized_state AS serialized_state
            FROM task_run AS t1
            WHERE t1.flow_run_id = t0.id AND t1.map_index = $1::integer
            ORDER BY (
              SELECT t4.slug
              FROM task AS t4
              WHERE t4.id = t1.task_id) ASC) AS r1) AS o5) AS "task_runs", (
        SELECT row_to_json(o9)
        FROM (
          SELECT (
            SELECT row_to_json(o8)
            FROM (
              SELECT t7.name AS "name", t7.id AS "id"
              FROM project AS t7
              WHERE t7.id = t6.project_id) AS o8) AS "project"
          FROM flow AS t6
          WHERE t6.id = t0.flow_id) AS o9) AS "flow"
      FROM flow_run AS t0
      WHERE t0.id = $2::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x10
          WHERE x10.flow_run_id = t0.id))) AS o11), 'null')::text
-- [-1, "00000006-0000-4000-8000-000000000001"]
