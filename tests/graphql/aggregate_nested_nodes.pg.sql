SELECT coalesce((
    SELECT coalesce(json_agg(o12), '[]')
    FROM (
      SELECT r0.name AS "name", (
        SELECT row_to_json(o11)
        FROM (
          SELECT (
            SELECT row_to_json(o4)
            FROM (
              SELECT a2.m0 AS "count", (
                SELECT row_to_json(o3)
                FROM (
                  SELECT a2.m1 AS "version") AS o3) AS "max") AS o4) AS "aggregate", a2.m2 AS "nodes"
          FROM (
            SELECT count(*) AS m0, max(r1.version) AS m1, coalesce(json_agg((
                  SELECT row_to_json(o10)
                  FROM (
                    SELECT r1.name AS "name", (
                      SELECT row_to_json(o9)
                      FROM (
                        SELECT (
                          SELECT row_to_json(o7)
                          FROM (
                            SELECT a6.m0 AS "count") AS o7) AS "aggregate"
                        FROM (
                          SELECT count(*) AS m0
                          FROM flow_run AS t5
                          WHERE t5.flow_id = r1.id AND (NOT EXISTS (
                              SELECT 1
                              FROM flow_run_deletion) OR NOT EXISTS (
                              SELECT 1
                              FROM flow_run_deletion AS x8
                              WHERE x8.flow_run_id = t5.id))) AS a6) AS o9) AS "flow_runs_aggregate") AS o10)), '[]') AS m2
            FROM (
              SELECT t1.version AS version, t1.name AS name, t1.id AS id
              FROM flow AS t1
              WHERE t1.project_id = r0.id AND t1.archived = $1::boolean
              ORDER BY t1.name ASC) AS r1) AS a2) AS o11) AS "flows_aggregate"
      FROM (
        SELECT t0.name AS name, t0.id AS id
        FROM project AS t0
        ORDER BY t0.id ASC) AS r0) AS o12), 'null')::text
-- [false]
