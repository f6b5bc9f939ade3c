SELECT '[' || (
  SELECT group_concat('{"depth":' || json_quote(r0.depth) || ',"task":' || (
      SELECT json_object('name', t1.name)
      FROM task AS t1
      WHERE t1.id = r0.task_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT t0.depth AS depth, t0.task_id AS task_id
    FROM (WITH RECURSIVE w2 (task_id, depth) AS (
        SELECT t3.id, 0
        FROM task AS t3
        WHERE t3.id IN (
          SELECT value
          FROM json_each(?)) UNION
        SELECT e4.downstream_task_id, w2.depth + 1
        FROM w2
        CROSS JOIN edge AS e4
        WHERE e4.upstream_task_id = w2.task_id AND w2.depth < ?)
      SELECT t3.tenant_id AS tenant_id, t3.id AS task_id, max(w2.depth) AS depth
      FROM w2
      CROSS JOIN task AS t3
      WHERE t3.id = w2.task_id GROUP BY t3.id, t3.tenant_id) AS t0
    ORDER BY t0.depth ASC NULLS LAST, t0.task_id ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000004-0000-4000-8000-00000000000b\"]", 50]

SELECT '[' || (
  SELECT group_concat('{"depth":' || json_quote(r0.depth) || ',"task":' || (
      SELECT json_object('name', t1.name)
      FROM task AS t1
      WHERE t1.id = r0.task_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT t0.depth AS depth, t0.task_id AS task_id
    FROM (WITH RECURSIVE w2 (task_id, depth) AS (
        SELECT t3.id, 0
        FROM task AS t3
        WHERE t3.id IN (
          SELECT value
          FROM json_each(?)) UNION
        SELECT e4.downstream_task_id, w2.depth + 1
        FROM w2
        CROSS JOIN edge AS e4
        WHERE e4.upstream_task_id = w2.task_id AND w2.depth < ?)
      SELECT t3.tenant_id AS tenant_id, t3.id AS task_id, max(w2.depth) AS depth
      FROM w2
      CROSS JOIN task AS t3
      WHERE t3.id = w2.task_id GROUP BY t3.id, t3.tenant_id) AS t0
    ORDER BY t0.depth ASC NULLS LAST, t0.task_id ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000004-0000-4000-8000-00000000000b\",\"00000004-0000-4000-8000-00000000000c\"]", 50]

SELECT '[' || (
  SELECT group_concat('{"depth":' || json_quote(r0.depth) || ',"task":' || (
      SELECT json_object('name', t1.name)
      FROM task AS t1
      WHERE t1.id = r0.task_id UNION ALL
      SELECT 'null') || ',"task_id":' || json_quote(r0.task_id) || ',"tenant_id":' || json_quote(r0.tenant_id) || '}', ',')
  FROM (
    SELECT t0.depth AS depth, t0.task_id AS task_id, t0.tenant_id AS tenant_id
    FROM (WITH RECURSIVE w2 (task_id, depth) AS (
        SELECT t3.id, 0
        FROM task AS t3
        WHERE t3.id IN (
          SELECT value
          FROM json_each(?)) UNION
        SELECT e4.downstream_task_id, w2.depth + 1
        FROM w2
        CROSS JOIN edge AS e4
        WHERE e4.upstream_task_id = w2.task_id AND w2.depth < ?)
      SELECT t3.tenant_id AS tenant_id, t3.id AS task_id, max(w2.depth) AS depth
      FROM w2
      CROSS JOIN task AS t3
      WHERE t3.id = w2.task_id GROUP BY t3.id, t3.tenant_id) AS t0
    ORDER BY t0.depth ASC NULLS LAST, t0.task_id ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000004-0000-4000-8000-00000000000b\"]", 1]

SELECT '[' || (
  SELECT group_concat('{"depth":' || json_quote(r0.depth) || ',"task":' || (
      SELECT json_object('name', t1.name)
      FROM task AS t1
      WHERE t1.id = r0.task_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT t0.depth AS depth, t0.task_id AS task_id
    FROM (WITH RECURSIVE w2 (task_id, depth) AS (
        SELECT t3.id, 0
        FROM task AS t3
        WHERE t3.id IN (
          SELECT value
          FROM json_each(?)) UNION
        SELECT e4.downstream_task_id, w2.depth + 1
        FROM w2
        CROSS JOIN edge AS e4
        WHERE e4.upstream_task_id = w2.task_id AND w2.depth < ?)
      SELECT t3.tenant_id AS tenant_id, t3.id AS task_id, max(w2.depth) AS depth
      FROM w2
      CROSS JOIN task AS t3
      WHERE t3.id = w2.task_id GROUP BY t3.id, t3.tenant_id) AS t0
    ORDER BY t0.depth ASC NULLS LAST, t0.task_id ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000004-0000-4000-8000-00000000000b\"]", 0]

SELECT '[' || (
  SELECT group_concat('{"depth":' || json_quote(r0.depth) || ',"task":' || (
      SELECT json_object('name', t1.name)
      FROM task AS t1
      WHERE t1.id = r0.task_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT t0.depth AS depth, t0.task_id AS task_id
    FROM (WITH RECURSIVE w2 (task_id, depth) AS (
        SELECT t3.id, 0
        FROM task AS t3
        WHERE t3.id IN (
          SELECT value
          FROM json_each(?)) UNION
        SELECT e4.downstream_task_id, w2.depth + 1
        FROM w2
        CROSS JOIN edge AS e4
        WHERE e4.upstream_task_id = w2.task_id AND w2.depth < ?)
      SELECT t3.tenant_id AS tenant_id, t3.id AS task_id, max(w2.depth) AS depth
      FROM w2
      CROSS JOIN task AS t3
      WHERE t3.id = w2.task_id GROUP BY t3.id, t3.tenant_id) AS t0
    ORDER BY t0.depth ASC NULLS LAST, t0.task_id ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000004-0000-4000-8000-00000000000e\"]", 50]

SELECT '[' || (
  SELECT group_concat(json_object('depth', r0.depth), ',')
  FROM (
    SELECT t0.depth AS depth
    FROM (WITH RECURSIVE w1 (task_id, depth) AS (
        SELECT t2.id, 0
        FROM task AS t2
        WHERE t2.id IN (
          SELECT value
          FROM json_each(?)) UNION
        SELECT e3.downstream_task_id, w1.depth + 1
        FROM w1
        CROSS JOIN edge AS e3
        WHERE e3.upstream_task_id = w1.task_id AND w1.depth < ?)
      SELECT t2.tenant_id AS tenant_id, t2.id AS task_id, max(w1.depth) AS depth
      FROM w1
      CROSS JOIN task AS t2
      WHERE t2.id = w1.task_id GROUP BY t2.id, t2.tenant_id) AS t0
    ORDER BY t0.depth ASC NULLS LAST, t0.task_id ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[]", 50]

SELECT '[' || (
  SELECT group_concat(json_object('depth', r0.depth), ',')
  FROM (
    SELECT t0.depth AS depth
    FROM (WITH RECURSIVE w1 (task_id, depth) AS (
        SELECT t2.id, 0
        FROM task AS t2
        WHERE t2.id IN (
          SELECT value
          FROM json_each(?)) UNION
        SELECT e3.downstream_task_id, w1.depth + 1
        FROM w1
        CROSS JOIN edge AS e3
        WHERE e3.upstream_task_id = w1.task_id AND w1.depth < ?)
      SELECT t2.tenant_id AS tenant_id, t2.id AS task_id, max(w1.depth) AS depth
      FROM w1
      CROSS JOIN task AS t2
      WHERE t2.id = w1.task_id GROUP BY t2.id, t2.tenant_id) AS t0
    ORDER BY t0.depth ASC NULLS LAST, t0.task_id ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[]", 50]

SELECT '[' || (
  SELECT group_concat(json_object('depth', r0.depth), ',')
  FROM (
    SELECT t0.depth AS depth
    FROM (WITH RECURSIVE w1 (task_id, depth) AS (
        SELECT t2.id, 0
        FROM task AS t2
        WHERE t2.id IN (
          SELECT value
          FROM json_each(?)) UNION
        SELECT e3.downstream_task_id, w1.depth + 1
        FROM w1
        CROSS JOIN edge AS e3
        WHERE e3.upstream_task_id = w1.task_id AND w1.depth < ?)
      SELECT t2.tenant_id AS tenant_id, t2.id AS task_id, max(w1.depth) AS depth
      FROM w1
      CROSS JOIN task AS t2
      WHERE t2.id = w1.task_id GROUP BY t2.id, t2.tenant_id) AS t0
    ORDER BY t0.depth ASC NULLS LAST, t0.task_id ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000004-0000-4000-8000-00000000000b\"]", 50]
