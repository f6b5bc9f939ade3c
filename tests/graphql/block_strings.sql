SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name, 'description', t0.description), ',')
  FROM project AS t0
  WHERE t0.name = ? HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["Zürich"]
