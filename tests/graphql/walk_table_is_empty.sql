SELECT '[' || (
  SELECT group_concat('{"task_id":' || json_quote(t0.task_id) || ',"depth":' || json_quote(t0.depth) || ',"task":' || (
      SELECT json_object('id', t1.id)
      FROM task AS t1
      WHERE t1.id = t0.task_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT NULL AS tenant_id, NULL AS task_id, NULL AS depth
    WHERE 0) AS t0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM (
    SELECT NULL AS tenant_id, NULL AS task_id, NULL AS depth
    WHERE 0) AS t0)
-- []
