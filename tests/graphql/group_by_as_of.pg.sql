SELECT coalesce((
    SELECT row_to_json(o14)
    FROM (
      SELECT (
        SELECT (
          SELECT row_to_json(o11)
          FROM (
            SELECT (
              SELECT coalesce(json_agg(o10), '[]')
              FROM (
                SELECT (
                  SELECT row_to_json(o5)
                  FROM (
                    SELECT a4.k0 AS "state") AS o5) AS "key", (
                  SELECT row_to_json(o8)
                  FROM (
                    SELECT a4.m0 AS "count", (
                      SELECT row_to_json(o7)
                      FROM (
                        SELECT a4.m1 AS "start_time") AS o7) AS "min") AS o8) AS "aggregate"
                FROM (
                  SELECT h3.state AS k0, count(*) AS m0, min((
                      SELECT min(s6.timestamp)
                      FROM task_run_state AS s6
                      WHERE s6.task_run_id = r3.id AND s6.sequence <= $1::bigint AND s6.state = ANY ($2::text[]))) AS m1
                  FROM (
                    SELECT t3.id AS id
                    FROM task_run AS t3
                    WHERE t3.flow_run_id = t0.id AND t3.first_sequence <= $3) AS r3
                  CROSS JOIN LATERAL (
                    SELECT s9.*
                    FROM task_run_state AS s9
                    WHERE s9.task_run_id = r3.id AND s9.sequence <= $4::bigint
                    ORDER BY s9.sequence DESC
                    LIMIT 1) AS h3 GROUP BY h3.state
                  ORDER BY h3.state ASC) AS a4) AS o10) AS "groups") AS o11)) AS "task_runs_aggregate"
      FROM flow_run AS t0
      CROSS JOIN LATERAL (
        SELECT s13.*
        FROM flow_run_state AS s13
        WHERE s13.flow_run_id = t0.id AND s13.sequence <= $5::bigint
        ORDER BY s13.sequence DESC
        LIMIT 1) AS h0
      WHERE t0.id = $6::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x12
          WHERE x12.flow_run_id = t0.id))) AS o14), 'null')::text
-- [8, "{\"Running\"}", 8, 8, 8, "00000006-0000-4000-8000-000000000001"]
