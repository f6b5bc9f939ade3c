SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'version', r0.version), ',')
  FROM (
    SELECT t0.name AS name, t0.version AS version
    FROM flow AS t0
    WHERE t0.archived IN (
      SELECT value
      FROM json_each(?)) AND t0.archived <> ?
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[true,false]", true]
