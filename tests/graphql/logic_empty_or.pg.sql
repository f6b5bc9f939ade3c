SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT t0.name AS "name"
      FROM flow AS t0
      WHERE false) AS o1), 'null')::text
-- []
