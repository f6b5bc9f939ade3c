SELECT '[' || (
  SELECT group_concat(r0.object, ',')
  FROM (
    SELECT json_object('name', t0.name) AS object
    FROM flow AS t0
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [0]
