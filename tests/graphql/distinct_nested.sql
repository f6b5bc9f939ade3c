SELECT '[' || (
  SELECT group_concat('{"flows":[' || (
      SELECT group_concat(json_object('name', r1.name, 'version', r1.version), ',')
      FROM (
        SELECT d1.name, d1.version
        FROM (
          SELECT t1.name AS name, t1.version AS version, t1.name AS key0, t1.version AS key1, row_number() OVER (PARTITION BY t1.name
            ORDER BY t1.name ASC, t1.version DESC NULLS FIRST) AS number
          FROM flow AS t1
          WHERE t1.project_id = r0.id) AS d1
        WHERE d1.number = 1
        ORDER BY d1.key0 ASC, d1.key1 DESC NULLS FIRST) AS r1 HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM (
    SELECT t0.id AS id
    FROM project AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
