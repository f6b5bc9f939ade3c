SELECT coalesce((
    SELECT (
      SELECT row_to_json(o15)
      FROM (
        SELECT (
          SELECT coalesce(json_agg(o14), '[]')
          FROM (
            SELECT 'flow_run_aggregate_group'::text AS "__typename", (
              SELECT row_to_json(o10)
              FROM (
                SELECT 'flow_run_aggregate_group_key'::text AS "__typename", (
                  SELECT row_to_json(o9)
                  FROM (
                    SELECT t4.name AS "name", t4.version AS "version", (
                      SELECT row_to_json(o6)
                      FROM (
                        SELECT t5.name AS "name"
                        FROM project AS t5
                        WHERE t5.id = t4.project_id) AS o6) AS "project", (
                      SELECT coalesce(json_agg(o8), '[]')
                      FROM (
                        SELECT r7.name AS "name"
                        FROM (
                          SELECT t7.name AS name
                          FROM task AS t7
                          WHERE t7.flow_id = t4.id
                          ORDER BY t7.name ASC) AS r7) AS o8) AS "tasks"
                    FROM flow AS t4
                    WHERE t4.id = a3.k0) AS o9) AS "flow") AS o10) AS "key", (
              SELECT row_to_json(o12)
              FROM (
                SELECT 'flow_run_aggregate_fields'::text AS "__typename", a3.m0 AS "count", a3.m1 AS "distinct", (
                  SELECT row_to_json(o11)
                  FROM (
                    SELECT a3.m2 AS "scheduled_start_time") AS o11) AS "latest") AS o12) AS "runs"
            FROM (
              SELECT r2.flow_id AS k0, count(*) AS m0, count(DISTINCT r2.state) AS m1, max(r2.scheduled_start_time) AS m2
              FROM (
                SELECT t2.state AS state, t2.scheduled_start_time AS scheduled_start_time, t2.flow_id AS flow_id
                FROM flow_run AS t2
                WHERE (NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion) OR NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion AS x13
                    WHERE x13.flow_run_id = t2.id))) AS r2 GROUP BY r2.flow_id
              ORDER BY count(*) DESC, r2.flow_id ASC) AS a3) AS o14) AS "groups") AS o15)), 'null')::text
-- []
