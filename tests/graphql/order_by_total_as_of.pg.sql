SELECT coalesce((
    SELECT row_to_json(o11)
    FROM (
      SELECT (
        SELECT coalesce(json_agg(o8), '[]')
        FROM (
          SELECT r1.id AS "id", (
            SELECT row_to_json(o6)
            FROM (
              SELECT (
                SELECT row_to_json(o5)
                FROM (
                  SELECT a3.m0 AS "count", (
                    SELECT row_to_json(o4)
                    FROM (
                      SELECT a3.m1 AS "state") AS o4) AS "max") AS o5) AS "aggregate"
              FROM (
                SELECT count(*) AS m0, max(t2.state) AS m1
                FROM task_run_state AS t2
                WHERE t2.task_run_id = r1.id AND t2.sequence <= $1::bigint) AS a3) AS o6) AS "states_aggregate"
          FROM (
            SELECT t1.id AS id
            FROM task_run AS t1
            WHERE t1.flow_run_id = t0.id AND t1.first_sequence <= $2
            ORDER BY (
              SELECT count(*)
              FROM task_run_state AS t7
              WHERE t7.task_run_id = t1.id AND t7.sequence <= $3::bigint) DESC, t1.id ASC) AS r1) AS o8) AS "task_runs"
      FROM flow_run AS t0
      CROSS JOIN LATERAL (
        SELECT s10.*
        FROM flow_run_state AS s10
        WHERE s10.flow_run_id = t0.id AND s10.sequence <= $4::bigint
        ORDER BY s10.sequence DESC
        LIMIT 1) AS h0
      WHERE t0.id = $5::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x9
          WHERE x9.flow_run_id = t0.id))) AS o11), 'null')::text
-- [8, 8, 8, 8, "00000006-0000-4000-8000-000000000001"]
