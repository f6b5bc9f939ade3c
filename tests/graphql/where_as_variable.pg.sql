SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT r0.id AS "id", r0.name AS "name"
      FROM (
        SELECT t0.id AS id, t0.name AS name
        FROM flow_run AS t0
        WHERE (t0.name ILIKE $1::text COLLATE "folding" OR t0.state = ANY ($2::text[])) AND t0.flow_id IN (
          SELECT t1.id
          FROM flow AS t1
          WHERE t1.archived = $3::boolean) AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x2
            WHERE x2.flow_run_id = t0.id))
        ORDER BY t0.name DESC NULLS LAST
        LIMIT $4) AS r0) AS o3), 'null')::text
-- ["%-%", "{\"Failed\",\"Scheduled\"}", false, 2]
