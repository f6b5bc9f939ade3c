SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"archived":' || CASE r0.archived WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE 'null' END || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.archived AS archived
    FROM flow AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
