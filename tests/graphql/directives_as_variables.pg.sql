SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.archived AS "archived"
      FROM (
        SELECT t0.name AS name, t0.archived AS archived
        FROM flow AS t0
        ORDER BY t0.id ASC) AS r0) AS o1), 'null')::text
-- []
