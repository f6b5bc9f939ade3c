SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.slug AS "slug", r0.id AS "id"
      FROM (
        SELECT t0.name AS name, t0.slug AS slug, t0.id AS id
        FROM tenant AS t0
        ORDER BY t0.slug ASC) AS r0) AS o1), 'null')::text
-- []
