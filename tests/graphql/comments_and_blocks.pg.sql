SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE t0.name = $1::text AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["woodoo-leopard"]
