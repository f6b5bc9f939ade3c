SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow AS t0
        WHERE t0.created = ANY ($1::timestamptz[])
        ORDER BY t0.id ASC) AS r0) AS o1), 'null')::text
-- ["{\"2021-05-12T17:00:01+00:00\",\"2021-05-12T17:00:02+00:00\"}"]
