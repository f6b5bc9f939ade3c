SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT (
        SELECT coalesce(json_agg(o2), '[]')
        FROM (
          SELECT r1.name AS "name", r1.version AS "version"
          FROM (
            SELECT d1.name, d1.version
            FROM (
              SELECT t1.name AS name, t1.version AS version, t1.name AS key0, t1.version AS key1, row_number() OVER (PARTITION BY t1.name
                ORDER BY t1.name ASC, t1.version DESC) AS number
              FROM flow AS t1
              WHERE t1.project_id = r0.id) AS d1
            WHERE d1.number = 1
            ORDER BY d1.key0 ASC, d1.key1 DESC) AS r1) AS o2) AS "flows"
      FROM (
        SELECT t0.id AS id
        FROM project AS t0
        ORDER BY t0.id ASC) AS r0) AS o3), 'null')::text
-- []
