SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.depth AS "depth", r0.task_id AS "task_id"
      FROM (
        SELECT t0.depth AS depth, t0.task_id AS task_id
        FROM (WITH RECURSIVE w1 (task_id, depth) AS (
            SELECT t2.id, 0
            FROM task AS t2
            WHERE t2.id = ANY ($1::uuid[]) UNION
            SELECT e3.downstream_task_id, w1.depth + 1
            FROM w1
            CROSS JOIN edge AS e3
            WHERE e3.upstream_task_id = w1.task_id AND w1.depth < $2::integer)
          SELECT t2.tenant_id AS tenant_id, t2.id AS task_id, max(w1.depth) AS depth
          FROM w1
          CROSS JOIN task AS t2
          WHERE t2.id = w1.task_id GROUP BY t2.id, t2.tenant_id) AS t0
        WHERE t0.tenant_id = $3::uuid
        ORDER BY t0.depth ASC, t0.task_id ASC) AS r0) AS o4), 'null')::text
-- ["{\"00000004-0000-4000-8000-00000000000b\"}", 50, "00000000-0000-4000-8000-00000000d002"]
