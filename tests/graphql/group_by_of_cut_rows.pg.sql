SELECT coalesce((
    SELECT row_to_json(o11)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate", (
        SELECT coalesce(json_agg(o9), '[]')
        FROM (
          SELECT (
            SELECT row_to_json(o5)
            FROM (
              SELECT a4.k0 AS "state") AS o5) AS "key", (
            SELECT row_to_json(o7)
            FROM (
              SELECT a4.m0 AS "count", (
                SELECT row_to_json(o6)
                FROM (
                  SELECT a4.m1 AS "sequence") AS o6) AS "min") AS o7) AS "aggregate"
          FROM (
            SELECT r3.state AS k0, count(*) AS m0, min(r3.sequence) AS m1
            FROM (
              SELECT t3.sequence AS sequence, t3.state AS state
              FROM task_run_state AS t3
              WHERE (NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion) OR NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion AS x8
                  WHERE x8.flow_run_id = t3.flow_run_id))
              ORDER BY t3.sequence DESC
              LIMIT $1) AS r3 GROUP BY r3.state
            ORDER BY r3.state ASC) AS a4) AS o9) AS "groups"
      FROM (
        SELECT count(*) AS m0
        FROM (
          SELECT 1
          FROM task_run_state AS t0
          WHERE (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x10
              WHERE x10.flow_run_id = t0.flow_run_id))
          ORDER BY t0.sequence DESC
          LIMIT $2) AS r0) AS a1) AS o11), 'null')::text
-- [5, 5]

SELECT coalesce((
    SELECT (
      SELECT row_to_json(o8)
      FROM (
        SELECT (
          SELECT coalesce(json_agg(o7), '[]')
          FROM (
            SELECT (
              SELECT row_to_json(o4)
              FROM (
                SELECT a3.k0 AS "state") AS o4) AS "key", (
              SELECT row_to_json(o5)
              FROM (
                SELECT a3.m0 AS "count") AS o5) AS "aggregate"
            FROM (
              SELECT r2.state AS k0, count(*) AS m0
              FROM (
                SELECT d2.state
                FROM (
                  SELECT t2.state AS state, t2.task_run_id AS key0, t2.sequence AS key1, row_number() OVER (PARTITION BY t2.task_run_id
                    ORDER BY t2.task_run_id ASC, t2.sequence DESC) AS number
                  FROM task_run_state AS t2
                  WHERE (NOT EXISTS (
                      SELECT 1
                      FROM flow_run_deletion) OR NOT EXISTS (
                      SELECT 1
                      FROM flow_run_deletion AS x6
                      WHERE x6.flow_run_id = t2.flow_run_id))) AS d2
                WHERE d2.number = 1
                ORDER BY d2.key0 ASC, d2.key1 DESC) AS r2 GROUP BY r2.state
              ORDER BY r2.state ASC) AS a3) AS o7) AS "groups") AS o8)), 'null')::text
-- []
