SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow AS t0
        ORDER BY t0.id ASC
        LIMIT ALL OFFSET $1) AS r0) AS o1), 'null')::text
-- [100]
