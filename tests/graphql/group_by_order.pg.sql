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
                SELECT t2.state AS state
                FROM flow_run AS t2
                WHERE (NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion) OR NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion AS x6
                    WHERE x6.flow_run_id = t2.id))) AS r2 GROUP BY r2.state
              ORDER BY count(*) DESC, r2.state DESC NULLS LAST) AS a3) AS o7) AS "groups") AS o8)), 'null')::text
-- []

SELECT coalesce((
    SELECT (
      SELECT row_to_json(o9)
      FROM (
        SELECT (
          SELECT coalesce(json_agg(o8), '[]')
          FROM (
            SELECT (
              SELECT row_to_json(o4)
              FROM (
                SELECT a3.k0 AS "flow_id", a3.k1 AS "state") AS o4) AS "key", (
              SELECT row_to_json(o6)
              FROM (
                SELECT a3.m0 AS "count", (
                  SELECT row_to_json(o5)
                  FROM (
                    SELECT a3.m1 AS "version") AS o5) AS "max") AS o6) AS "aggregate"
            FROM (
              SELECT r2.flow_id AS k0, r2.state AS k1, count(*) AS m0, max(r2.version) AS m1
              FROM (
                SELECT t2.version AS version, t2.flow_id AS flow_id, t2.state AS state
                FROM flow_run AS t2
                WHERE (NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion) OR NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion AS x7
                    WHERE x7.flow_run_id = t2.id))) AS r2 GROUP BY r2.flow_id, r2.state
              ORDER BY max(r2.version) DESC, r2.flow_id ASC, r2.state ASC
              LIMIT $1 OFFSET $2) AS a3) AS o8) AS "groups") AS o9)), 'null')::text
-- [3, 1]

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
                SELECT a3.k0 AS "auto_scheduled") AS o4) AS "key", (
              SELECT row_to_json(o5)
              FROM (
                SELECT a3.m0 AS "count") AS o5) AS "aggregate"
            FROM (
              SELECT r2.auto_scheduled AS k0, count(*) AS m0
              FROM (
                SELECT t2.auto_scheduled AS auto_scheduled
                FROM flow_run AS t2
                WHERE (NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion) OR NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion AS x6
                    WHERE x6.flow_run_id = t2.id))) AS r2 GROUP BY r2.auto_scheduled
              ORDER BY r2.auto_scheduled DESC) AS a3) AS o7) AS "groups") AS o8)), 'null')::text
-- []
