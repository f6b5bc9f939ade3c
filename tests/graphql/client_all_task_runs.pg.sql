SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM task_run AS t0
      WHERE t0.flow_run_id = $1::uuid AND t0.id <> ALL ($2::uuid[]) AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.flow_run_id))) AS o2), 'null')::text
-- ["00000006-0000-4000-8000-000000000001", "{}"]
