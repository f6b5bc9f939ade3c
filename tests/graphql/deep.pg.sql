SELECT coalesce((
    SELECT coalesce(json_agg(o18), '[]')
    FROM (
      SELECT (
        SELECT coalesce(json_agg(o17), '[]')
        FROM (
          SELECT (
            SELECT coalesce(json_agg(o16), '[]')
            FROM (
              SELECT (
                SELECT coalesce(json_agg(o15), '[]')
                FROM (
                  SELECT (
                    SELECT row_to_json(o14)
                    FROM (
                      SELECT (
                        SELECT coalesce(json_agg(o13), '[]')
                        FROM (
                          SELECT (
                            SELECT coalesce(json_agg(o11), '[]')
                            FROM (
                              SELECT r6.state AS "state", (
                                SELECT row_to_json(o10)
                                FROM (
                                  SELECT (
                                    SELECT row_to_json(o9)
                                    FROM (
                                      SELECT t8.name AS "name"
                                      FROM flow_run AS t8
                                      WHERE t8.id = t7.flow_run_id) AS o9) AS "flow_run"
                                  FROM task_run AS t7
                                  WHERE t7.id = r6.task_run_id) AS o10) AS "task_run"
                              FROM (
                                SELECT t6.state AS state, t6.task_run_id AS task_run_id
                                FROM task_run_state AS t6
                                WHERE t6.task_run_id = r5.id
                                ORDER BY t6.sequence ASC) AS r6) AS o11) AS "states"
                          FROM (
                            SELECT t5.id AS id
                            FROM task_run AS t5
                            WHERE t5.task_id = t4.id AND (NOT EXISTS (
                                SELECT 1
                                FROM flow_run_deletion) OR NOT EXISTS (
                                SELECT 1
                                FROM flow_run_deletion AS x12
                                WHERE x12.flow_run_id = t5.flow_run_id))
                            ORDER BY t5.id ASC) AS r5) AS o13) AS "task_runs"
                      FROM task AS t4
                      WHERE t4.id = t3.downstream_task_id) AS o14) AS "downstream_task"
                  FROM edge AS t3
                  WHERE t3.upstream_task_id = r2.id) AS o15) AS "downstream_edges"
              FROM (
                SELECT t2.id AS id
                FROM task AS t2
                WHERE t2.flow_id = r1.id
                ORDER BY t2.id ASC) AS r2) AS o16) AS "tasks"
          FROM (
            SELECT t1.id AS id
            FROM flow AS t1
            WHERE t1.project_id = r0.id
            ORDER BY t1.id ASC) AS r1) AS o17) AS "flows"
      FROM (
        SELECT t0.id AS id
        FROM project AS t0
        ORDER BY t0.id ASC) AS r0) AS o18), 'null')::text
-- []
