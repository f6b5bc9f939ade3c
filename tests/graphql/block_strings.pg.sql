SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.name AS "name", t0.description AS "description"
      FROM project AS t0
      WHERE t0.name = $1::text) AS o1), 'null')::text
-- ["Zürich"]
