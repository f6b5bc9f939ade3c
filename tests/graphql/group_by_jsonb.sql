SELECT (
  SELECT '{"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || '{"labels":' || coalesce(json_canonical(r1.labels), 'null') || '}' || ',"aggregate":{"count":' || count(*) || '}}' AS object
      FROM (
        SELECT t1.labels AS labels
        FROM flow_run AS t1
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t1.id))) AS r1 GROUP BY json_canonical(r1.labels)
      ORDER BY json_sortable(r1.labels) ASC) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}')
-- []

SELECT (
  SELECT '{"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || '{"retry_delay":' || json_quote(interval_text(r1.retry_delay)) || ',"mapped":' || CASE r1.mapped WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE 'null' END || '}' || ',"aggregate":{"count":' || count(*) || '}}' AS object
      FROM (
        SELECT t1.retry_delay AS retry_delay, t1.mapped AS mapped
        FROM task AS t1) AS r1 GROUP BY r1.retry_delay, r1.mapped
      ORDER BY r1.retry_delay ASC NULLS LAST, r1.mapped ASC) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}')
-- []

SELECT (
  SELECT '{"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || json_object('sequence', r1.sequence) || ',"aggregate":{"count":' || count(*) || '}}' AS object
      FROM (
        SELECT t1.sequence AS sequence
        FROM flow_run_state AS t1
        WHERE t1.sequence < ? AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t1.flow_run_id))) AS r1 GROUP BY +r1.sequence
      ORDER BY r1.sequence DESC) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}')
-- [3]
