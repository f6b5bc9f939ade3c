SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'created', r0.created), ',')
  FROM (
    SELECT t0.name AS name, t0.created AS created
    FROM flow AS t0
    WHERE t0.created >= ? AND t0.created < ?
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["2021-05-12T17:00:02+00:00", "2021-05-12T17:00:04+00:00"]
