SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || ',"max":{"depth":' || json_quote(max(r0.depth)) || '},"avg":{"depth":' || coalesce(float_text(avg(r0.depth)), 'null') || '},"sum":{"depth":' || json_quote(sum(r0.depth)) || '}},"nodes":[' || coalesce(group_concat('{"task":' || (
        SELECT json_object('name', t1.name)
        FROM task AS t1
        WHERE t1.id = r0.task_id UNION ALL
        SELECT 'null') || '}', ','), '') || ']}'
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
    ORDER BY t0.depth ASC NULLS LAST, t0.task_id ASC NULLS LAST) AS r0)
-- ["[\"00000004-0000-4000-8000-00000000000b\"]", 2]

SELECT (
  SELECT '{"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || json_object('depth', r1.depth) || ',"aggregate":{"count":' || count(*) || '}}' AS object
      FROM (
        SELECT t1.depth AS depth
        FROM (WITH RECURSIVE w3 (task_id, depth) AS (
            SELECT t4.id, 0
            FROM task AS t4
            WHERE t4.id IN (
              SELECT value
              FROM json_each(?)) UNION
            SELECT e5.downstream_task_id, w3.depth + 1
            FROM w3
            CROSS JOIN edge AS e5
            WHERE e5.upstream_task_id = w3.task_id AND w3.depth < ?)
          SELECT t4.tenant_id AS tenant_id, t4.id AS task_id, max(w3.depth) AS depth
          FROM w3
          CROSS JOIN task AS t4
          WHERE t4.id = w3.task_id GROUP BY t4.id, t4.tenant_id) AS t1
        ORDER BY t1.depth ASC NULLS LAST, t1.task_id ASC NULLS LAST) AS r1 GROUP BY r1.depth
      ORDER BY r1.depth ASC NULLS LAST) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}')
-- ["[\"00000004-0000-4000-8000-00000000000b\"]", 2]
