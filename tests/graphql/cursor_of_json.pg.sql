SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.name AS "name", r0.labels AS "labels"
      FROM (
        SELECT t0.name AS name, t0.labels AS labels
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id)) AND (t0.labels <= $1::jsonb AND (t0.labels < $2::jsonb OR t0.labels = $3::jsonb AND t0.id > $4::uuid))
        ORDER BY t0.labels DESC, t0.id ASC) AS r0) AS o2), 'null')::text
-- ["[\"x\",\"x\"]", "[\"x\",\"x\"]", "[\"x\",\"x\"]", "00000006-0000-4000-8000-000000000002"]
