SELECT '[' || (
  SELECT group_concat(json_object('depth', r0.depth, 'task_id', r0.task_id), ',')
  FROM (
    SELECT t0.depth AS depth, t0.task_id AS task_id
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
    WHERE t0.tenant_id = ?
    ORDER BY t0.depth ASC NULLS LAST, t0.task_id ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000004-0000-4000-8000-00000000000b\"]", 50, "00000000-0000-4000-8000-00000000d002"]
