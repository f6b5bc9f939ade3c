SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.id AS "id", r0.name AS "name", r0.state AS "state"
      FROM (
        SELECT t0.id AS id, t0.name AS name, t0.state AS state
        FROM flow_run AS t0
        WHERE ((t0.name = ANY ($1::text[]) AND NOT (t0.state = $2::text)) OR NOT ((t0.name IS NOT NULL OR t0.state IS NOT NULL))) AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.id ASC) AS r0) AS o2), 'null')::text
-- ["{\"brave-otter\",\"woodoo-leopard\"}", "Success"]
