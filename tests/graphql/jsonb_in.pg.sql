SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.tags AS "tags"
      FROM (
        SELECT t0.name AS name, t0.tags AS tags
        FROM task AS t0
        WHERE t0.tags = ANY ($1::jsonb[])
        ORDER BY t0.id ASC) AS r0) AS o1), 'null')::text
-- ["{\"[\\\"etl\\\",\\\"ü\\\"]\"}"]
