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
        SELECT e4.upstream_task_id, w2.depth + 1
        FROM w2
        CROSS JOIN edge AS e4
        WHERE e4.downstream_task_id = w2.task_id AND w2.depth < ?)
      SELECT t3.tenant_id AS tenant_id, t3.id AS task_id, max(w2.depth) AS depth
      FROM w2
      CROSS JOIN task AS t3
      WHERE t3.id = w2.task_id GROUP BY t3.id, t3.tenant_id) AS t0
    ORDER BY t0.depth ASC NULLS LAST, t0.task_id ASC NULLS LAST
    LIMIT ? OFFSET ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000004-0000-4000-8000-00000000000f\"]", 50, 3, 1]

SELECT '[' || (
  SELECT group_concat('{"depth":' || json_quote(r0.depth) || ',"task":' || (
      SELECT '{"name":' || json_quote(t1.name) || ',"flow":' || (
        SELECT json_object('name', t2.name)
        FROM flow AS t2
        WHERE t2.id = t1.flow_id UNION ALL
        SELECT 'null') || '}'
      FROM task AS t1
      WHERE t1.id = r0.task_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT t0.depth AS depth, t0.task_id AS task_id
    FROM (WITH RECURSIVE w5 (task_id, depth) AS (
        SELECT t6.id, 0
        FROM task AS t6
        WHERE t6.id IN (
          SELECT value
          FROM json_each(?)) UNION
        SELECT e7.upstream_task_id, w5.depth + 1
        FROM w5
        CROSS JOIN edge AS e7
        WHERE e7.downstream_task_id = w5.task_id AND w5.depth < ?)
      SELECT t6.tenant_id AS tenant_id, t6.id AS task_id, max(w5.depth) AS depth
      FROM w5
      CROSS JOIN task AS t6
      WHERE t6.id = w5.task_id GROUP BY t6.id, t6.tenant_id) AS t0
    WHERE (t0.task_id IS NOT NULL AND t0.task_id IN (
        SELECT t4.id
        FROM task AS t4
        WHERE t4.name <> ?))
    ORDER BY (
      SELECT t3.name
      FROM task AS t3
      WHERE t3.id = t0.task_id) DESC NULLS FIRST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000004-0000-4000-8000-00000000000f\"]", 3, "d"]
