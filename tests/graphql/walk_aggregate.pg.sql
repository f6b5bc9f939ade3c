SELECT coalesce((
    SELECT row_to_json(o12)
    FROM (
      SELECT (
        SELECT row_to_json(o5)
        FROM (
          SELECT a1.m0 AS "count", (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m1 AS "depth") AS o2) AS "max", (
            SELECT row_to_json(o3)
            FROM (
              SELECT a1.m2 AS "depth") AS o3) AS "avg", (
            SELECT row_to_json(o4)
            FROM (
              SELECT a1.m3 AS "depth") AS o4) AS "sum") AS o5) AS "aggregate", a1.m4 AS "nodes"
      FROM (
        SELECT count(*) AS m0, max(r0.depth) AS m1, avg(r0.depth)::double precision AS m2, sum(r0.depth) AS m3, coalesce(json_agg((
              SELECT row_to_json(o8)
              FROM (
                SELECT (
                  SELECT row_to_json(o7)
                  FROM (
                    SELECT t6.name AS "name"
                    FROM task AS t6
                    WHERE t6.id = r0.task_id) AS o7) AS "task") AS o8)), '[]') AS m4
        FROM (
          SELECT t0.depth AS depth, t0.task_id AS task_id
          FROM (WITH RECURSIVE w9 (task_id, depth) AS (
              SELECT t10.id, 0
              FROM task AS t10
              WHERE t10.id = ANY ($1::uuid[]) UNION
              SELECT e11.downstream_task_id, w9.depth + 1
              FROM w9
              CROSS JOIN edge AS e11
              WHERE e11.upstream_task_id = w9.task_id AND w9.depth < $2::integer)
            SELECT t10.tenant_id AS tenant_id, t10.id AS task_id, max(w9.depth) AS depth
            FROM w9
            CROSS JOIN task AS t10
            WHERE t10.id = w9.task_id GROUP BY t10.id, t10.tenant_id) AS t0
          ORDER BY t0.depth ASC, t0.task_id ASC) AS r0) AS a1) AS o12), 'null')::text
-- ["{\"00000004-0000-4000-8000-00000000000b\"}", 2]

SELECT coalesce((
    SELECT (
      SELECT row_to_json(o10)
      FROM (
        SELECT (
          SELECT coalesce(json_agg(o9), '[]')
          FROM (
            SELECT (
              SELECT row_to_json(o4)
              FROM (
                SELECT a3.k0 AS "depth") AS o4) AS "key", (
              SELECT row_to_json(o5)
              FROM (
                SELECT a3.m0 AS "count") AS o5) AS "aggregate"
            FROM (
              SELECT r2.depth AS k0, count(*) AS m0
              FROM (
                SELECT t2.depth AS depth
                FROM (WITH RECURSIVE w6 (task_id, depth) AS (
                    SELECT t7.id, 0
                    FROM task AS t7
                    WHERE t7.id = ANY ($1::uuid[]) UNION
                    SELECT e8.downstream_task_id, w6.depth + 1
                    FROM w6
                    CROSS JOIN edge AS e8
                    WHERE e8.upstream_task_id = w6.task_id AND w6.depth < $2::integer)
                  SELECT t7.tenant_id AS tenant_id, t7.id AS task_id, max(w6.depth) AS depth
                  FROM w6
                  CROSS JOIN task AS t7
                  WHERE t7.id = w6.task_id GROUP BY t7.id, t7.tenant_id) AS t2
                ORDER BY t2.depth ASC, t2.task_id ASC) AS r2 GROUP BY r2.depth
              ORDER BY r2.depth ASC) AS a3) AS o9) AS "groups") AS o10)), 'null')::text
-- ["{\"00000004-0000-4000-8000-00000000000b\"}", 2]
