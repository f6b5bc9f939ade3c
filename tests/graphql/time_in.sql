SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow AS t0
    WHERE t0.created IN (
      SELECT value
      FROM json_each(?))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"2021-05-12T17:00:01+00:00\",\"2021-05-12T17:00:02+00:00\"]"]
