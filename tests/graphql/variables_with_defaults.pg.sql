SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version"
      FROM (
        SELECT t0.name AS name, t0.version AS version
        FROM flow AS t0
        WHERE t0.name = $1::text
        ORDER BY t0.version DESC) AS r0) AS o1), 'null')::text
-- ["hello-world"]
