SELECT coalesce((
    SELECT row_to_json(o5)
    FROM (
      SELECT (
        SELECT coalesce(json_agg(o2), '[]')
        FROM (
          SELECT r1.message AS "message"
          FROM (
            SELECT t1.message AS message
            FROM log AS t1
            WHERE t1.flow_run_id = t0.id AND log_words(t1.message) @@ $1::text::tsquery AND t1.sequence <= $2::bigint
            ORDER BY t1.timestamp DESC, t1.flow_run_id ASC, t1.sequence ASC) AS r1) AS o2) AS "logs"
      FROM flow_run AS t0
      CROSS JOIN LATERAL (
        SELECT s4.*
        FROM flow_run_state AS s4
        WHERE s4.flow_run_id = t0.id AND s4.sequence <= $3::bigint
        ORDER BY s4.sequence DESC
        LIMIT 1) AS h0
      WHERE t0.id = $4::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x3
          WHERE x3.flow_run_id = t0.id))) AS o5), 'null')::text
-- ["(('flow')) | (('quoted'))", 15, 15, "00000006-0000-4000-8000-000000000001"]
