SELECT coalesce((
    SELECT coalesce(json_agg(o13), '[]')
    FROM (
      SELECT r0.id AS "id", (
        SELECT coalesce(json_agg(o7), '[]')
        FROM (
          SELECT r1.id AS "id", (
            SELECT coalesce(json_agg(o5), '[]')
            FROM (
              SELECT r2.id AS "id", (
                SELECT coalesce(json_agg(o4), '[]')
                FROM (
                  SELECT r3.state AS "state", r3.sequence AS "sequence"
                  FROM (
                    SELECT t3.state AS state, t3.sequence AS sequence
                    FROM task_run_state AS t3
                    WHERE t3.task_run_id = r2.id
                    ORDER BY t3.sequence DESC
                    LIMIT $1) AS r3) AS o4) AS "states"
              FROM (
                SELECT t2.id AS id
                FROM task_run AS t2
                WHERE t2.flow_run_id = r1.id
                ORDER BY t2.id ASC
                LIMIT $2 OFFSET $3) AS r2) AS o5) AS "task_runs"
          FROM (
            SELECT t1.id AS id
            FROM flow_run AS t1
            WHERE t1.flow_id = r0.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x6
                WHERE x6.flow_run_id = t1.id))
            ORDER BY t1.id DESC
            LIMIT $4) AS r1) AS o7) AS "flow_runs", (
        SELECT row_to_json(o12)
        FROM (
          SELECT (
            SELECT row_to_json(o10)
            FROM (
              SELECT a9.m0 AS "count") AS o10) AS "aggregate"
          FROM (
            SELECT count(*) AS m0
            FROM flow_run AS t8
            WHERE t8.flow_id = r0.id AND t8.state = $5::text AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x11
                WHERE x11.flow_run_id = t8.id))) AS a9) AS o12) AS "flow_runs_aggregate"
      FROM (
        SELECT t0.id AS id
        FROM flow AS t0
        ORDER BY t0.id ASC) AS r0) AS o13), 'null')::text
-- [1, 1, 1, 2, "Failed"]
