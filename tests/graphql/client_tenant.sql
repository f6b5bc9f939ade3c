SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'slug', r0.slug, 'id', r0.id), ',')
  FROM (
    SELECT t0.name AS name, t0.slug AS slug, t0.id AS id
    FROM tenant AS t0
    ORDER BY t0.slug ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
