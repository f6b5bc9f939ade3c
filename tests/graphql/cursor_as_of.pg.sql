SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.id AS "id", h0.state AS "state"
      FROM (
        SELECT t0.id AS id
        FROM task_run AS t0
        CROSS JOIN LATERAL (
          SELECT s2.*
          FROM task_run_state AS s2
          WHERE s2.task_run_id = t0.id AND s2.sequence <= $1::bigint
          ORDER BY s2.sequence DESC
          LIMIT 1) AS h0
        WHERE t0.flow_run_id = $2::uuid AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.flow_run_id)) AND (h0.state <= $3::text AND (h0.state < $4::text OR h0.state = $5::text AND t0.id > $6::uuid))
        ORDER BY h0.state DESC, t0.id ASC) AS r0
      CROSS JOIN LATERAL (
        SELECT s3.*
        FROM task_run_state AS s3
        WHERE s3.task_run_id = r0.id AND s3.sequence <= $7::bigint
        ORDER BY s3.sequence DESC
        LIMIT 1) AS h0) AS o4), 'null')::text
-- [8, "00000006-0000-4000-8000-000000000001", "Pending", "Pending", "Pending", "00000007-0000-4000-8000-000000000002", 8]
