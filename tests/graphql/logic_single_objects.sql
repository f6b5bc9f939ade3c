SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'version', r0.version), ',')
  FROM (
    SELECT d0.name, d0.version
    FROM (
      SELECT t0.name AS name, t0.version AS version, t0.id AS key0, row_number() OVER (PARTITION BY t0.id
        ORDER BY t0.id ASC) AS number
      FROM flow AS t0
      WHERE t0.name = ? AND (t0.version = ?)) AS d0
    WHERE d0.number = 1
    ORDER BY d0.key0 ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["hello-world", 2]
