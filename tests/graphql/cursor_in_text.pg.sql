SELECT coalesce((
    SELECT coalesce(json_agg(o1), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version"
      FROM (
        SELECT t0.name AS name, t0.version AS version
        FROM flow AS t0
        WHERE (t0.version <= $1::integer AND (t0.version < $2::integer OR t0.version = $3::integer AND t0.id > $4::uuid))
        ORDER BY t0.version DESC, t0.id ASC
        LIMIT $5) AS r0) AS o1), 'null')::text
-- [2, 2, 2, "00000003-0000-4000-8000-000000000002", 2]
