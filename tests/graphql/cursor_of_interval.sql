SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"retry_delay":' || json_quote(interval_text(r0.retry_delay)) || '}', ',')
  FROM (
    SELECT name, retry_delay
    FROM (
      SELECT *
      FROM (
        SELECT t0.name AS name, t0.retry_delay AS retry_delay, t0.retry_delay AS key0, t0.id AS key1
        FROM task AS t0
        WHERE (t0.retry_delay <= ? AND (t0.retry_delay < ? OR t0.retry_delay = ? AND t0.id > ?))
        ORDER BY key0 DESC, key1 ASC
        LIMIT ?) AS a0 UNION ALL
      SELECT *
      FROM (
        SELECT t0.name AS name, t0.retry_delay AS retry_delay, t0.retry_delay AS key0, t0.id AS key1
        FROM task AS t0
        WHERE t0.retry_delay IS NULL
        ORDER BY key0 DESC, key1 ASC
        LIMIT ?) AS a1) AS u1
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [90061500000, 90061500000, 90061500000, "00000004-0000-4000-8000-000000000002", 3, 3, 3]
