SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"retry_delay":' || json_quote(interval_text(r0.retry_delay)) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.retry_delay AS retry_delay
    FROM task AS t0
    WHERE ((t0.retry_delay < ? OR t0.retry_delay IS NULL) OR t0.retry_delay = ? AND t0.id > ?)
    ORDER BY t0.retry_delay DESC, t0.id ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [90061500000, 90061500000, "00000004-0000-4000-8000-000000000002", 3]
