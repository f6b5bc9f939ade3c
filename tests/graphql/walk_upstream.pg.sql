SELECT coalesce((
    SELECT coalesce(json_agg(o6), '[]')
    FROM (
      SELECT r0.depth AS "depth", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.name AS "name"
          FROM task AS t1
          WHERE t1.id = r0.task_id) AS o2) AS "task"
      FROM (
        SELECT t0.depth AS depth, t0.task_id AS task_id
        FROM (WITH RECURSIVE w3 (task_id, depth) AS (
            SELECT t4.id, 0
            FROM task AS t4
            WHERE t4.id = ANY ($1::uuid[]) UNION
            SELECT e5.upstream_task_id, w3.depth + 1
            FROM w3
            CROSS JOIN edge AS e5
            WHERE e5.downstream_task_id = w3.task_id AND w3.depth < $2::integer)
          SELECT t4.tenant_id AS tenant_id, t4.id AS task_id, max(w3.depth) AS depth
          FROM w3
          CROSS JOIN task AS t4
          WHERE t4.id = w3.task_id GROUP BY t4.id, t4.tenant_id) AS t0
        ORDER BY t0.depth ASC, t0.task_id ASC
        LIMIT $3 OFFSET $4) AS r0) AS o6), 'null')::text
-- ["{\"00000004-0000-4000-8000-00000000000f\"}", 50, 3, 1]

SELECT coalesce((
    SELECT coalesce(json_agg(o10), '[]')
    FROM (
      SELECT r0.depth AS "depth", (
        SELECT row_to_json(o4)
        FROM (
          SELECT t1.name AS "name", (
            SELECT row_to_json(o3)
            FROM (
              SELECT t2.name AS "name"
              FROM flow AS t2
              WHERE t2.id = t1.flow_id) AS o3) AS "flow"
          FROM task AS t1
          WHERE t1.id = r0.task_id) AS o4) AS "task"
      FROM (
        SELECT t0.depth AS depth, t0.task_id AS task_id
        FROM (WITH RECURSIVE w7 (task_id, depth) AS (
            SELECT t8.id, 0
            FROM task AS t8
            WHERE t8.id = ANY ($1::uuid[]) UNION
            SELECT e9.upstream_task_id, w7.depth + 1
            FROM w7
            CROSS JOIN edge AS e9
            WHERE e9.downstream_task_id = w7.task_id AND w7.depth < $2::integer)
          SELECT t8.tenant_id AS tenant_id, t8.id AS task_id, max(w7.depth) AS depth
          FROM w7
          CROSS JOIN task AS t8
          WHERE t8.id = w7.task_id GROUP BY t8.id, t8.tenant_id) AS t0
        WHERE (t0.task_id IS NOT NULL AND t0.task_id IN (
            SELECT t6.id
            FROM task AS t6
            WHERE t6.name <> $3::text))
        ORDER BY (
          SELECT t5.name
          FROM task AS t5
          WHERE t5.id = t0.task_id) DESC) AS r0) AS o10), 'null')::text
-- ["{\"00000004-0000-4000-8000-00000000000f\"}", 3, "d"]
