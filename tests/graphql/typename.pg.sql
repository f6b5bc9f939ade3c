SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT 'flow_run'::text AS "__typename"
      FROM (
        SELECT 1
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.id ASC
        LIMIT $1) AS r0) AS o2), 'null')::text
-- [1]

SELECT coalesce((
    SELECT row_to_json(o3)
    FROM (
      SELECT 'tenant_aggregate'::text AS "__typename", a1.m0 AS "nodes"
      FROM (
        SELECT coalesce(json_agg((
              SELECT row_to_json(o2)
              FROM (
                SELECT 'tenant'::text AS "__typename") AS o2)), '[]') AS m0
        FROM tenant AS t0) AS a1) AS o3), 'null')::text
-- []
