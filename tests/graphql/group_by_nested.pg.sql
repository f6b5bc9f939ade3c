SELECT coalesce((
    SELECT coalesce(json_agg(o13), '[]')
    FROM (
      SELECT r0.name AS "name", (
        SELECT row_to_json(o12)
        FROM (
          SELECT (
            SELECT row_to_json(o3)
            FROM (
              SELECT a2.m0 AS "count") AS o3) AS "aggregate", a2.m1 AS "nodes", (
            SELECT coalesce(json_agg(o10), '[]')
            FROM (
              SELECT (
                SELECT row_to_json(o7)
                FROM (
                  SELECT a6.k0 AS "state") AS o7) AS "key", (
                SELECT row_to_json(o8)
                FROM (
                  SELECT a6.m0 AS "count") AS o8) AS "aggregate"
              FROM (
                SELECT r5.state AS k0, count(*) AS m0
                FROM (
                  SELECT t5.state AS state
                  FROM flow_run AS t5
                  WHERE t5.flow_id = r0.id AND t5.name IS NOT NULL AND (NOT EXISTS (
                      SELECT 1
                      FROM flow_run_deletion) OR NOT EXISTS (
                      SELECT 1
                      FROM flow_run_deletion AS x9
                      WHERE x9.flow_run_id = t5.id))) AS r5 GROUP BY r5.state
                ORDER BY r5.state ASC) AS a6) AS o10) AS "groups"
          FROM (
            SELECT count(*) AS m0, coalesce(json_agg((
                  SELECT row_to_json(o4)
                  FROM (
                    SELECT t1.name AS "name") AS o4)), '[]') AS m1
            FROM flow_run AS t1
            WHERE t1.flow_id = r0.id AND t1.name IS NOT NULL AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x11
                WHERE x11.flow_run_id = t1.id))) AS a2) AS o12) AS "flow_runs_aggregate"
      FROM (
        SELECT t0.name AS name, t0.id AS id
        FROM flow AS t0
        ORDER BY t0.id ASC) AS r0) AS o13), 'null')::text
-- []
