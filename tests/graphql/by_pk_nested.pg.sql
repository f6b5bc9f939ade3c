SELECT coalesce((
    SELECT row_to_json(o14)
    FROM (
      SELECT t0.name AS "name", (
        SELECT row_to_json(o4)
        FROM (
          SELECT t1.name AS "name", (
            SELECT row_to_json(o3)
            FROM (
              SELECT t2.name AS "name"
              FROM project AS t2
              WHERE t2.id = t1.project_id) AS o3) AS "project"
          FROM flow AS t1
          WHERE t1.id = t0.flow_id) AS o4) AS "flow", (
        SELECT coalesce(json_agg(o8), '[]')
        FROM (
          SELECT r5.map_index AS "map_index", (
            SELECT coalesce(json_agg(o7), '[]')
            FROM (
              SELECT r6.state AS "state"
              FROM (
                SELECT t6.state AS state
                FROM task_run_state AS t6
                WHERE t6.task_run_id = r5.id
                ORDER BY t6.version DESC
                LIMIT $1) AS r6) AS o7) AS "states"
          FROM (
            SELECT t5.map_index AS map_index, t5.id AS id
            FROM task_run AS t5
            WHERE t5.flow_run_id = t0.id AND t5.map_index >= $2::integer
            ORDER BY t5.map_index ASC) AS r5) AS o8) AS "task_runs", (
        SELECT row_to_json(o12)
        FROM (
          SELECT (
            SELECT row_to_json(o11)
            FROM (
              SELECT a10.m0 AS "count") AS o11) AS "aggregate"
          FROM (
            SELECT count(*) AS m0
            FROM log AS t9
            WHERE t9.flow_run_id = t0.id) AS a10) AS o12) AS "logs_aggregate"
      FROM flow_run AS t0
      WHERE t0.id = $3::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x13
          WHERE x13.flow_run_id = t0.id))) AS o14), 'null')::text
-- [1, 0, "00000006-0000-4000-8000-000000000001"]
