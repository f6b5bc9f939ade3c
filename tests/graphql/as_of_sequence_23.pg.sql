SELECT coalesce((
    SELECT row_to_json(o27)
    FROM (
      SELECT h0.state AS "state", h0.version AS "version", (
        SELECT min(s1.timestamp)
        FROM flow_run_state AS s1
        WHERE s1.flow_run_id = t0.id AND s1.sequence <= $1::bigint AND s1.state = ANY ($2::text[])) AS "start_time", (
        SELECT max(s2.timestamp)
        FROM flow_run_state AS s2
        WHERE s2.flow_run_id = t0.id AND s2.sequence <= $3::bigint AND s2.state = ANY ($4::text[])) AS "end_time", greatest(coalesce((
            SELECT max(s3.sequence)
            FROM flow_run_state AS s3
            WHERE s3.flow_run_id = t0.id AND s3.sequence <= $5::bigint), 0), coalesce((
            SELECT max(s4.sequence)
            FROM log AS s4
            WHERE s4.flow_run_id = t0.id AND s4.sequence <= $6::bigint), 0), coalesce((
            SELECT max(s5.sequence)
            FROM task_run_artifact AS s5
            WHERE s5.flow_run_id = t0.id AND s5.sequence <= $7::bigint), 0), coalesce((
            SELECT max(s6.sequence)
            FROM task_run_state AS s6
            WHERE s6.flow_run_id = t0.id AND s6.sequence <= $8::bigint), 0)) AS "sequence", h0.serialized_state AS "serialized_state", h0.message AS "state_message", (
        SELECT coalesce(json_agg(o11), '[]')
        FROM (
          SELECT r7.id AS "id", h7.state AS "state", h7.version AS "version", (
            SELECT min(s8.timestamp)
            FROM task_run_state AS s8
            WHERE s8.task_run_id = r7.id AND s8.sequence <= $9::bigint AND s8.state = ANY ($10::text[])) AS "start_time", (
            SELECT max(s9.timestamp)
            FROM task_run_state AS s9
            WHERE s9.task_run_id = r7.id AND s9.sequence <= $11::bigint AND s9.state = ANY ($12::text[])) AS "end_time", h7.serialized_state AS "serialized_state"
          FROM (
            SELECT t7.id AS id
            FROM task_run AS t7
            WHERE t7.flow_run_id = t0.id AND t7.first_sequence <= $13
            ORDER BY t7.id ASC) AS r7
          CROSS JOIN LATERAL (
            SELECT s10.*
            FROM task_run_state AS s10
            WHERE s10.task_run_id = r7.id AND s10.sequence <= $14::bigint
            ORDER BY s10.sequence DESC
            LIMIT 1) AS h7) AS o11) AS "task_runs", (
        SELECT coalesce(json_agg(o14), '[]')
        FROM (
          SELECT t12.id AS "id"
          FROM task_run AS t12
          CROSS JOIN LATERAL (
            SELECT s13.*
            FROM task_run_state AS s13
            WHERE s13.task_run_id = t12.id AND s13.sequence <= $15::bigint
            ORDER BY s13.sequence DESC
            LIMIT 1) AS h12
          WHERE t12.flow_run_id = t0.id AND h12.state = $16::text) AS o14) AS "failed", (
        SELECT row_to_json(o20)
        FROM (
          SELECT (
            SELECT row_to_json(o18)
            FROM (
              SELECT a16.m0 AS "count", (
                SELECT row_to_json(o17)
                FROM (
                  SELECT a16.m1 AS "version") AS o17) AS "max") AS o18) AS "aggregate"
          FROM (
            SELECT count(*) AS m0, max(h15.version) AS m1
            FROM task_run AS t15
            CROSS JOIN LATERAL (
              SELECT s19.*
              FROM task_run_state AS s19
              WHERE s19.task_run_id = t15.id AND s19.sequence <= $17::bigint
              ORDER BY s19.sequence DESC
              LIMIT 1) AS h15
            WHERE t15.flow_run_id = t0.id AND h15.state <> $18::text) AS a16) AS o20) AS "task_runs_aggregate", (
        SELECT coalesce(json_agg(o22), '[]')
        FROM (
          SELECT r21.state AS "state"
          FROM (
            SELECT t21.state AS state
            FROM flow_run_state AS t21
            WHERE t21.flow_run_id = t0.id AND t21.sequence <= $19::bigint
            ORDER BY t21.sequence ASC) AS r21) AS o22) AS "states", (
        SELECT coalesce(json_agg(o24), '[]')
        FROM (
          SELECT r23.sequence AS "sequence", r23.task_run_id AS "task_run_id"
          FROM (
            SELECT t23.sequence AS sequence, t23.task_run_id AS task_run_id
            FROM log AS t23
            WHERE t23.flow_run_id = t0.id AND t23.sequence <= $20::bigint
            ORDER BY t23.sequence ASC) AS r23) AS o24) AS "logs"
      FROM flow_run AS t0
      CROSS JOIN LATERAL (
        SELECT s26.*
        FROM flow_run_state AS s26
        WHERE s26.flow_run_id = t0.id AND s26.sequence <= $21::bigint
        ORDER BY s26.sequence DESC
        LIMIT 1) AS h0
      WHERE t0.id = $22::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x25
          WHERE x25.flow_run_id = t0.id))) AS o27), 'null')::text
-- [23, "{\"Running\"}", 23, "{\"Cached\",\"Cancelled\",\"Failed\",\"Looped\",\"Success\",\"TimedOut\"}", 23, 23, 23, 23, 23, "{\"Running\"}", 23, "{\"Cached\",\"Cancelled\",\"Failed\",\"Looped\",\"Success\",\"TimedOut\"}", 23, 23, 23, "Failed", 23, "Pending", 23, 23, 23, "00000006-0000-4000-8000-000000000001"]
