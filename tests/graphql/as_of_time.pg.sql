SELECT coalesce((
    SELECT coalesce(json_agg(o23), '[]')
    FROM (
      SELECT r0.name AS "name", r0.state AS "state", (
        SELECT min(s1.timestamp)
        FROM flow_run_state AS s1
        WHERE s1.flow_run_id = r0.id AND s1.timestamp <= $1::timestamptz AND s1.state = ANY ($2::text[])) AS "start_time", (
        SELECT max(s2.timestamp)
        FROM flow_run_state AS s2
        WHERE s2.flow_run_id = r0.id AND s2.timestamp <= $3::timestamptz AND s2.state = ANY ($4::text[])) AS "end_time", r0.sequence AS "sequence", (
        SELECT coalesce(json_agg(o5), '[]')
        FROM (
          SELECT r3.state AS "state"
          FROM (
            SELECT h3.state AS state
            FROM task_run AS t3
            CROSS JOIN LATERAL (
              SELECT s4.*
              FROM task_run_state AS s4
              WHERE s4.task_run_id = t3.id AND s4.timestamp <= $5::timestamptz
              ORDER BY s4.sequence DESC
              LIMIT 1) AS h3
            WHERE t3.flow_run_id = r0.id
            ORDER BY t3.id ASC) AS r3) AS o5) AS "task_runs", (
        SELECT row_to_json(o9)
        FROM (
          SELECT (
            SELECT row_to_json(o8)
            FROM (
              SELECT a7.m0 AS "count") AS o8) AS "aggregate"
          FROM (
            SELECT count(*) AS m0
            FROM log AS t6
            WHERE t6.flow_run_id = r0.id AND t6.created <= $6::timestamptz) AS a7) AS o9) AS "logs_aggregate", (
        SELECT row_to_json(o16)
        FROM (
          SELECT (
            SELECT row_to_json(o15)
            FROM (
              SELECT (
                SELECT row_to_json(o13)
                FROM (
                  SELECT a12.m0 AS "count") AS o13) AS "aggregate"
              FROM (
                SELECT count(*) AS m0
                FROM flow_run AS t11
                WHERE t11.flow_id = t10.id AND (NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion) OR NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion AS x14
                    WHERE x14.flow_run_id = t11.id))) AS a12) AS o15) AS "flow_runs_aggregate"
          FROM flow AS t10
          WHERE t10.id = r0.flow_id) AS o16) AS "flow"
      FROM (
        SELECT t0.name AS name, h0.state AS state, t0.id AS id, greatest(coalesce((
              SELECT max(s17.sequence)
              FROM flow_run_state AS s17
              WHERE s17.flow_run_id = t0.id AND s17.timestamp <= $7::timestamptz), 0), coalesce((
              SELECT max(s18.sequence)
              FROM log AS s18
              WHERE s18.flow_run_id = t0.id AND s18.created <= $8::timestamptz), 0), coalesce((
              SELECT max(s19.sequence)
              FROM task_run_artifact AS s19
              WHERE s19.flow_run_id = t0.id AND s19.created <= $9::timestamptz), 0), coalesce((
              SELECT max(s20.sequence)
              FROM task_run_state AS s20
              WHERE s20.flow_run_id = t0.id AND s20.timestamp <= $10::timestamptz), 0)) AS sequence, t0.flow_id AS flow_id
        FROM flow_run AS t0
        CROSS JOIN LATERAL (
          SELECT s22.*
          FROM flow_run_state AS s22
          WHERE s22.flow_run_id = t0.id AND s22.timestamp <= $11::timestamptz
          ORDER BY s22.sequence DESC
          LIMIT 1) AS h0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x21
            WHERE x21.flow_run_id = t0.id))
        ORDER BY t0.id ASC) AS r0) AS o23), 'null')::text
-- ["2021-05-12T17:00:33.5+00:00", "{\"Running\"}", "2021-05-12T17:00:33.5+00:00", "{\"Cached\",\"Cancelled\",\"Failed\",\"Looped\",\"Success\",\"TimedOut\"}", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00"]

SELECT coalesce((
    SELECT row_to_json(o5)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM flow_run AS t0
        CROSS JOIN LATERAL (
          SELECT s4.*
          FROM flow_run_state AS s4
          WHERE s4.flow_run_id = t0.id AND s4.timestamp <= $1::timestamptz
          ORDER BY s4.sequence DESC
          LIMIT 1) AS h0
        WHERE h0.state = $2::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))) AS a1) AS o5), 'null')::text
-- ["2021-05-12T17:00:33.5+00:00", "Running"]

SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      CROSS JOIN LATERAL (
        SELECT s2.*
        FROM flow_run_state AS s2
        WHERE s2.flow_run_id = t0.id AND s2.timestamp <= $1::timestamptz
        ORDER BY s2.sequence DESC
        LIMIT 1) AS h0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o3), 'null')::text
-- ["2021-05-12T17:00:00+00:00"]
