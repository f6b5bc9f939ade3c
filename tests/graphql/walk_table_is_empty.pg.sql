SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT t0.task_id AS "task_id", t0.depth AS "depth", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.id AS "id"
          FROM task AS t1
          WHERE t1.id = t0.task_id) AS o2) AS "task"
      FROM (
        SELECT NULL::uuid AS tenant_id, NULL::uuid AS task_id, NULL::integer AS depth
        WHERE false) AS t0) AS o3), 'null')::text
-- []

SELECT coalesce((
    SELECT row_to_json(o3)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM (
          SELECT NULL::uuid AS tenant_id, NULL::uuid AS task_id, NULL::integer AS depth
          WHERE false) AS t0) AS a1) AS o3), 'null')::text
-- []
