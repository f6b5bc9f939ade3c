SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version"
      FROM (
        SELECT d0.name, d0.version
        FROM (
          SELECT t0.name AS name, t0.version AS version, t0.id AS key0, row_number() OVER (PARTITION BY t0.id
            ORDER BY t0.id ASC) AS number
          FROM flow AS t0
          WHERE t0.name = $1::text AND (t0.version = $2::integer)) AS d0
        WHERE d0.number = 1
        ORDER BY d0.key0 ASC) AS r0) AS o1), 'null')::text
-- ["hello-world", 2]
