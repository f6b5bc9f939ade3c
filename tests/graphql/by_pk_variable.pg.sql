SELECT coalesce((
    SELECT row_to_json(o2)
    FROM (
      SELECT t0.id AS "id", t0.name AS "name"
      FROM flow_run AS t0
      WHERE t0.id = $1::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["00000006-0000-4000-8000-000000000002"]
