SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow AS t0
    ORDER BY t0.id ASC
    LIMIT -1 OFFSET ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [100]
