SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id)) AND ((t0.name > $1::text OR t0.name IS NULL) OR t0.name = $2::text AND t0.id > $3::uuid)
        ORDER BY t0.name ASC, t0.id ASC
        LIMIT $4) AS r0) AS o2), 'null')::text
-- ["brave-otter", "brave-otter", "00000006-0000-4000-8000-000000000002", 2]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name", encode(convert_to('["9293efbb",' || coalesce(to_json(r0.name)::text, 'null') || ',' || coalesce(to_json(r0.id)::text, 'null') || ']', 'UTF8'), 'hex') AS "cursor"
      FROM (
        SELECT t0.name AS name, t0.id AS id
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id)) AND ((t0.name > $1::text OR t0.name IS NULL) OR t0.name = $2::text AND t0.id > $3::uuid)
        ORDER BY t0.name ASC, t0.id ASC
        LIMIT $4) AS r0) AS o2), 'null')::text
-- ["woodoo-leopard", "woodoo-leopard", "00000006-0000-4000-8000-000000000001", 2]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name"
      FROM (
        SELECT t0.name AS name
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id))
        ORDER BY t0.name ASC
        LIMIT $1) AS r0) AS o2), 'null')::text
-- [2]
