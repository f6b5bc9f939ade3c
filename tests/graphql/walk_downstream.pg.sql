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
            SELECT e5.downstream_task_id, w3.depth + 1
            FROM w3
            CROSS JOIN edge AS e5
            WHERE e5.upstream_task_id = w3.task_id AND w3.depth < $2::integer)
          SELECT t4.tenant_id AS tenant_id, t4.id AS task_id, max(w3.depth) AS depth
          FROM w3
          CROSS JOIN task AS t4
          WHERE t4.id = w3.task_id GROUP BY t4.id, t4.tenant_id) AS t0
        ORDER BY t0.depth ASC, t0.task_id ASC) AS r0) AS o6), 'null')::text
-- ["{\"00000004-0000-4000-8000-00000000000b\"}", 50]

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
            SELECT e5.downstream_task_id, w3.depth + 1
            FROM w3
            CROSS JOIN edge AS e5
            WHERE e5.upstream_task_id = w3.task_id AND w3.depth < $2::integer)
          SELECT t4.tenant_id AS tenant_id, t4.id AS task_id, max(w3.depth) AS depth
          FROM w3
          CROSS JOIN task AS t4
          WHERE t4.id = w3.task_id GROUP BY t4.id, t4.tenant_id) AS t0
        ORDER BY t0.depth ASC, t0.task_id ASC) AS r0) AS o6), 'null')::text
-- ["{\"00000004-0000-4000-8000-00000000000b\",\"00000004-0000-4000-8000-00000000000c\"}", 50]

SELECT coalesce((
    SELECT coalesce(json_agg(o6), '[]')
    FROM (
      SELECT r0.depth AS "depth", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.name AS "name"
          FROM task AS t1
          WHERE t1.id = r0.task_id) AS o2) AS "task", r0.task_id AS "task_id", r0.tenant_id AS "tenant_id"
      FROM (
        SELECT t0.depth AS depth, t0.task_id AS task_id, t0.tenant_id AS tenant_id
        FROM (WITH RECURSIVE w3 (task_id, depth) AS (
            SELECT t4.id, 0
            FROM task AS t4
            WHERE t4.id = ANY ($1::uuid[]) UNION
            SELECT e5.downstream_task_id, w3.depth + 1
            FROM w3
            CROSS JOIN edge AS e5
            WHERE e5.upstream_task_id = w3.task_id AND w3.depth < $2::integer)
          SELECT t4.tenant_id AS tenant_id, t4.id AS task_id, max(w3.depth) AS depth
          FROM w3
          CROSS JOIN task AS t4
          WHERE t4.id = w3.task_id GROUP BY t4.id, t4.tenant_id) AS t0
        ORDER BY t0.depth ASC, t0.task_id ASC) AS r0) AS o6), 'null')::text
-- ["{\"00000004-0000-4000-8000-00000000000b\"}", 1]

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
            SELECT e5.downstream_task_id, w3.depth + 1
            FROM w3
            CROSS JOIN edge AS e5
            WHERE e5.upstream_task_id = w3.task_id AND w3.depth < $2::integer)
          SELECT t4.tenant_id AS tenant_id, t4.id AS task_id, max(w3.depth) AS depth
          FROM w3
          CROSS JOIN task AS t4
          WHERE t4.id = w3.task_id GROUP BY t4.id, t4.tenant_id) AS t0
        ORDER BY t0.depth ASC, t0.task_id ASC) AS r0) AS o6), 'null')::text
-- ["{\"00000004-0000-4000-8000-00000000000b\"}", 0]

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
            SELECT e5.downstream_task_id, w3.depth + 1
            FROM w3
            CROSS JOIN edge AS e5
            WHERE e5.upstream_task_id = w3.task_id AND w3.depth < $2::integer)
          SELECT t4.tenant_id AS tenant_id, t4.id AS task_id, max(w3.depth) AS depth
          FROM w3
          CROSS JOIN task AS t4
          WHERE t4.id = w3.task_id GROUP BY t4.id, t4.tenant_id) AS t0
        ORDER BY t0.depth ASC, t0.task_id ASC) AS r0) AS o6), 'null')::text
-- ["{\"00000004-0000-4000-8000-00000000000e\"}", 50]

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.depth AS "depth"
      FROM (
        SELECT t0.depth AS depth
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
        ORDER BY t0.depth ASC, t0.task_id ASC) AS r0) AS o4), 'null')::text
-- ["{}", 50]

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.depth AS "depth"
      FROM (
        SELECT t0.depth AS depth
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
        ORDER BY t0.depth ASC, t0.task_id ASC) AS r0) AS o4), 'null')::text
-- ["{}", 50]

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.depth AS "depth"
      FROM (
        SELECT t0.depth AS depth
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
        ORDER BY t0.depth ASC, t0.task_id ASC) AS r0) AS o4), 'null')::text
-- ["{\"00000004-0000-4000-8000-00000000000b\"}", 50]
