SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow AS t0
    WHERE NOT text_regex(t0.name, ?)
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["^[a-z]+-"]
