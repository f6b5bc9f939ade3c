SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow AS t0
        WHERE t0.name NOT ILIKE $1::text COLLATE "folding"
        ORDER BY t0.id ASC) AS r0) AS o1), 'null')::text
-- ["HELLO%"]
