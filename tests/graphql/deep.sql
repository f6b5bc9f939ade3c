SELECT '[' || (
  SELECT group_concat('{"flows":[' || (
      SELECT group_concat('{"tasks":[' || (
          SELECT group_concat('{"downstream_edges":[' || (
              SELECT group_concat('{"downstream_task":' || (
                  SELECT '{"task_runs":[' || (
                    SELECT group_concat('{"states":[' || (
                        SELECT group_concat('{"state":' || json_quote(r6.state) || ',"task_run":' || (
                            SELECT '{"flow_run":' || (
                              SELECT json_object('name', t8.name)
                              FROM flow_run AS t8
                              WHERE t8.id = t7.flow_run_id UNION ALL
                              SELECT 'null') || '}'
                            FROM task_run AS t7
                            WHERE t7.id = r6.task_run_id UNION ALL
                            SELECT 'null') || '}', ',')
                        FROM (
                          SELECT t6.state AS state, t6.task_run_id AS task_run_id
                          FROM task_run_state AS t6
                          WHERE t6.task_run_id = r5.id
                          ORDER BY t6.sequence ASC) AS r6 HAVING count(*) > 0 UNION ALL
                        SELECT '') || ']}', ',')
                    FROM (
                      SELECT t5.id AS id
                      FROM task_run AS t5
                      WHERE t5.task_id = t4.id AND (NOT EXISTS (
                          SELECT 1
                          FROM flow_run_deletion) OR NOT EXISTS (
                          SELECT 1
                          FROM flow_run_deletion AS x9
                          WHERE x9.flow_run_id = t5.flow_run_id))
                      ORDER BY t5.id ASC) AS r5 HAVING count(*) > 0 UNION ALL
                    SELECT '') || ']}'
                  FROM task AS t4
                  WHERE t4.id = t3.downstream_task_id UNION ALL
                  SELECT 'null') || '}', ',')
              FROM edge AS t3
              WHERE t3.upstream_task_id = r2.id HAVING count(*) > 0 UNION ALL
              SELECT '') || ']}', ',')
          FROM (
            SELECT t2.id AS id
            FROM task AS t2
            WHERE t2.flow_id = r1.id
            ORDER BY t2.id ASC) AS r2 HAVING count(*) > 0 UNION ALL
          SELECT '') || ']}', ',')
      FROM (
        SELECT t1.id AS id
        FROM flow AS t1
        WHERE t1.project_id = r0.id
        ORDER BY t1.id ASC) AS r1 HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM (
    SELECT t0.id AS id
    FROM project AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
