SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'version', r0.version), ',')
  FROM (
    SELECT d0.name, d0.version
    FROM (
      SELECT t0.name AS name, t0.version AS version, t0.name AS key0, t0.version AS key1, row_number() OVER (PARTITION BY t0.name
        ORDER BY t0.name ASC, t0.version DESC NULLS FIRST) AS number
      FROM flow AS t0) AS d0
    WHERE d0.number = 1
    ORDER BY d0.key0 ASC, d0.key1 DESC NULLS FIRST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
