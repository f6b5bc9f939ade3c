SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version", r0.archived AS "archived"
      FROM (
        SELECT t0.name AS name, t0.version AS version, t0.archived AS archived
        FROM flow AS t0
        WHERE t0.archived = $1::boolean
        ORDER BY t0.id ASC) AS r0) AS o1), 'null')::text
-- [true]
