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
                SELECT a3.k0 AS "labels") AS o4) AS "key", (
              SELECT row_to_json(o5)
              FROM (
                SELECT a3.m0 AS "count") AS o5) AS "aggregate"
            FROM (
              SELECT r2.labels AS k0, count(*) AS m0
              FROM (
                SELECT t2.labels AS labels
                FROM flow_run AS t2
                WHERE (NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion) OR NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion AS x6
                    WHERE x6.flow_run_id = t2.id))) AS r2 GROUP BY r2.labels
              ORDER BY r2.labels ASC) AS a3) AS o7) AS "groups") AS o8)), 'null')::text
-- []

SELECT coalesce((
    SELECT (
      SELECT row_to_json(o7)
      FROM (
        SELECT (
          SELECT coalesce(json_agg(o6), '[]')
          FROM (
            SELECT (
              SELECT row_to_json(o4)
              FROM (
                SELECT a3.k0 AS "retry_delay", a3.k1 AS "mapped") AS o4) AS "key", (
              SELECT row_to_json(o5)
              FROM (
                SELECT a3.m0 AS "count") AS o5) AS "aggregate"
            FROM (
              SELECT r2.retry_delay AS k0, r2.mapped AS k1, count(*) AS m0
              FROM (
                SELECT t2.retry_delay AS retry_delay, t2.mapped AS mapped
                FROM task AS t2) AS r2 GROUP BY r2.retry_delay, r2.mapped
              ORDER BY r2.retry_delay ASC, r2.mapped ASC) AS a3) AS o6) AS "groups") AS o7)), 'null')::text
-- []

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
                SELECT a3.k0 AS "sequence") AS o4) AS "key", (
              SELECT row_to_json(o5)
              FROM (
                SELECT a3.m0 AS "count") AS o5) AS "aggregate"
            FROM (
              SELECT r2.sequence AS k0, count(*) AS m0
              FROM (
                SELECT t2.sequence AS sequence
                FROM flow_run_state AS t2
                WHERE t2.sequence < $1::bigint AND (NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion) OR NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion AS x6
                    WHERE x6.flow_run_id = t2.flow_run_id))) AS r2 GROUP BY r2.sequence
              ORDER BY r2.sequence DESC) AS a3) AS o7) AS "groups") AS o8)), 'null')::text
-- [3]
