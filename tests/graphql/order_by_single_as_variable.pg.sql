SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version"
      FROM (
        SELECT t0.name AS name, t0.version AS version
        FROM flow AS t0
        ORDER BY t0.version DESC, t0.id ASC) AS r0) AS o1), 'null')::text
-- []
