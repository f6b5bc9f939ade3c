SELECT coalesce((
    SELECT (
      SELECT row_to_json(o11)
      FROM (
        SELECT (
          SELECT coalesce(json_agg(o10), '[]')
          FROM (
            SELECT (
              SELECT row_to_json(o4)
              FROM (
                SELECT a3.k0 AS "state") AS o4) AS "key", (
              SELECT row_to_json(o8)
              FROM (
                SELECT a3.m0 AS "count", (
                  SELECT row_to_json(o5)
                  FROM (
                    SELECT a3.m1 AS "scheduled_start_time") AS o5) AS "max", (
                  SELECT row_to_json(o6)
                  FROM (
                    SELECT a3.m2 AS "name") AS o6) AS "min", (
                  SELECT row_to_json(o7)
                  FROM (
                    SELECT a3.m3 AS "version") AS o7) AS "avg") AS o8) AS "aggregate"
            FROM (
              SELECT r2.state AS k0, count(*) AS m0, max(r2.scheduled_start_time) AS m1, min(r2.name) AS m2, avg(r2.version)::double precision AS m3
              FROM (
                SELECT t2.scheduled_start_time AS scheduled_start_time, t2.name AS name, t2.version AS version, t2.state AS state
                FROM flow_run AS t2
                WHERE (NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion) OR NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion AS x9
                    WHERE x9.flow_run_id = t2.id))) AS r2 GROUP BY r2.state
              ORDER BY r2.state ASC) AS a3) AS o10) AS "groups") AS o11)), 'null')::text
-- []

SELECT coalesce((
    SELECT row_to_json(o10)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate", (
        SELECT coalesce(json_agg(o8), '[]')
        FROM (
          SELECT (
            SELECT row_to_json(o5)
            FROM (
              SELECT a4.k0 AS "state", a4.k1 AS "map_index") AS o5) AS "key", (
            SELECT row_to_json(o6)
            FROM (
              SELECT a4.m0 AS "count") AS o6) AS "aggregate"
          FROM (
            SELECT r3.state AS k0, r3.map_index AS k1, count(*) AS m0
            FROM (
              SELECT t3.state AS state, t3.map_index AS map_index
              FROM task_run AS t3
              WHERE t3.map_index < $1::integer AND (NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion) OR NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion AS x7
                  WHERE x7.flow_run_id = t3.flow_run_id))) AS r3 GROUP BY r3.state, r3.map_index
            ORDER BY r3.state ASC, r3.map_index ASC) AS a4) AS o8) AS "groups"
      FROM (
        SELECT count(*) AS m0
        FROM task_run AS t0
        WHERE t0.map_index < $2::integer AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x9
            WHERE x9.flow_run_id = t0.flow_run_id))) AS a1) AS o10), 'null')::text
-- [1, 1]

SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))) AS a1) AS o4), 'null')::text
-- []
