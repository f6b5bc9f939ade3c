SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM flow AS t0
  WHERE 0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
