SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id, 'name', r0.name, 'state', r0.state), ',')
  FROM (
    SELECT t0.id AS id, t0.name AS name, t0.state AS state
    FROM flow_run AS t0
    WHERE ((t0.name IN (
          SELECT value
          FROM json_each(?)) AND NOT (t0.state = ?)) OR NOT ((t0.name IS NOT NULL OR t0.state IS NOT NULL))) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"brave-otter\",\"woodoo-leopard\"]", "Success"]
