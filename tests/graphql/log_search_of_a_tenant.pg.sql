SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT r0.message AS "message"
      FROM (
        SELECT t0.message AS message
        FROM log AS t0
        WHERE log_words(t0.message) @@ $1::text::tsquery AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.flow_run_id)) AND (t0.flow_run_id IS NOT NULL AND t0.flow_run_id IN (
            SELECT t2.id
            FROM flow_run AS t2
            WHERE t2.tenant_id = $2::uuid))
        ORDER BY t0.timestamp DESC, t0.flow_run_id ASC, t0.sequence ASC) AS r0) AS o3), 'null')::text
-- ["(('flow'))", "00000000-0000-4000-8000-00000000d002"]
