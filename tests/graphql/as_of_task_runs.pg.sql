SELECT coalesce((
    SELECT coalesce(json_agg(o11), '[]')
    FROM (
      SELECT r0.id AS "id", h0.state AS "state", (
        SELECT row_to_json(o4)
        FROM (
          SELECT (
            SELECT row_to_json(o3)
            FROM (
              SELECT a2.m0 AS "count") AS o3) AS "aggregate"
          FROM (
            SELECT count(*) AS m0
            FROM task_run_state AS t1
            WHERE t1.task_run_id = r0.id AND t1.sequence <= $1::bigint) AS a2) AS o4) AS "states_aggregate", (
        SELECT row_to_json(o7)
        FROM (
          SELECT h5.state AS "state"
          FROM flow_run AS t5
          CROSS JOIN LATERAL (
            SELECT s6.*
            FROM flow_run_state AS s6
            WHERE s6.flow_run_id = t5.id AND s6.sequence <= $2::bigint
            ORDER BY s6.sequence DESC
            LIMIT 1) AS h5
          WHERE t5.id = r0.flow_run_id) AS o7) AS "flow_run"
      FROM (
        SELECT t0.id AS id, t0.flow_run_id AS flow_run_id
        FROM task_run AS t0
        CROSS JOIN LATERAL (
          SELECT s9.*
          FROM task_run_state AS s9
          WHERE s9.task_run_id = t0.id AND s9.sequence <= $3::bigint
          ORDER BY s9.sequence DESC
          LIMIT 1) AS h0
        WHERE t0.flow_run_id = $4::uuid AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x8
            WHERE x8.flow_run_id = t0.flow_run_id))
        ORDER BY h0.state ASC, t0.id ASC) AS r0
      CROSS JOIN LATERAL (
        SELECT s10.*
        FROM task_run_state AS s10
        WHERE s10.task_run_id = r0.id AND s10.sequence <= $5::bigint
        ORDER BY s10.sequence DESC
        LIMIT 1) AS h0) AS o11), 'null')::text
-- [9, 9, 9, "00000006-0000-4000-8000-000000000001", 9]

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM task_run AS t0
      WHERE t0.flow_run_id = $1::uuid AND EXISTS (
        SELECT 1
        FROM flow_run AS t1
        CROSS JOIN LATERAL (
          SELECT s2.*
          FROM flow_run_state AS s2
          WHERE s2.flow_run_id = t1.id AND s2.sequence <= $2::bigint
          ORDER BY s2.sequence DESC
          LIMIT 1) AS h1
        WHERE t1.id = t0.flow_run_id AND h1.state = $3::text) AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x3
          WHERE x3.flow_run_id = t0.flow_run_id)) AND t0.first_sequence <= $4) AS o4), 'null')::text
-- ["00000006-0000-4000-8000-000000000001", 8, "Running", 8]

SELECT coalesce((
    SELECT row_to_json(o5)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM task_run AS t0
        CROSS JOIN LATERAL (
          SELECT s4.*
          FROM task_run_state AS s4
          WHERE s4.task_run_id = t0.id AND s4.sequence <= $1::bigint
          ORDER BY s4.sequence DESC
          LIMIT 1) AS h0
        WHERE t0.flow_run_id = $2::uuid AND h0.state = $3::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.flow_run_id))) AS a1) AS o5), 'null')::text
-- [5, "00000006-0000-4000-8000-000000000001", "Pending"]

SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM log AS t0
        WHERE t0.flow_run_id = $1::uuid AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.flow_run_id)) AND t0.sequence <= $2::bigint) AS a1) AS o4), 'null')::text
-- ["00000006-0000-4000-8000-000000000001", 10]

SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT h0.state AS "state", (
        SELECT max(s1.timestamp)
        FROM task_run_state AS s1
        WHERE s1.task_run_id = t0.id AND s1.sequence <= $1::bigint AND s1.state = ANY ($2::text[])) AS "end_time"
      FROM task_run AS t0
      CROSS JOIN LATERAL (
        SELECT s3.*
        FROM task_run_state AS s3
        WHERE s3.task_run_id = t0.id AND s3.sequence <= $3::bigint
        ORDER BY s3.sequence DESC
        LIMIT 1) AS h0
      WHERE t0.id = $4::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t0.flow_run_id))) AS o4), 'null')::text
-- [8, "{\"Cached\",\"Cancelled\",\"Failed\",\"Looped\",\"Success\",\"TimedOut\"}", 8, "00000007-0000-4000-8000-000000000001"]

SELECT coalesce((
    SELECT row_to_json(o3)
    FROM (
      SELECT h0.state AS "state"
      FROM task_run AS t0
      CROSS JOIN LATERAL (
        SELECT s2.*
        FROM task_run_state AS s2
        WHERE s2.task_run_id = t0.id AND s2.sequence <= $1::bigint
        ORDER BY s2.sequence DESC
        LIMIT 1) AS h0
      WHERE t0.id = $2::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.flow_run_id))) AS o3), 'null')::text
-- [8, "00000007-0000-4000-8000-000000000005"]

SELECT coalesce((
    SELECT row_to_json(o5)
    FROM (
      SELECT t0.state AS "state", (
        SELECT coalesce(json_agg(o3), '[]')
        FROM (
          SELECT h1.state AS "state"
          FROM (
            SELECT t1.id AS id
            FROM task_run AS t1
            WHERE t1.flow_run_id = t0.id AND t1.first_sequence <= $1
            ORDER BY t1.id ASC) AS r1
          CROSS JOIN LATERAL (
            SELECT s2.*
            FROM task_run_state AS s2
            WHERE s2.task_run_id = r1.id AND s2.sequence <= $2::bigint
            ORDER BY s2.sequence DESC
            LIMIT 1) AS h1) AS o3) AS "task_runs"
      FROM flow_run AS t0
      WHERE t0.id = $3::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x4
          WHERE x4.flow_run_id = t0.id))) AS o5), 'null')::text
-- [7, 7, "00000006-0000-4000-8000-000000000001"]
