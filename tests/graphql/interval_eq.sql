SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"retry_delay":' || json_quote(interval_text(r0.retry_delay)) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.retry_delay AS retry_delay
    FROM task AS t0
    WHERE t0.retry_delay = ?
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [90061500000]
