SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM project AS t0
    WHERE EXISTS (
      SELECT 1
      FROM flow AS t1
      WHERE t1.project_id = t0.id AND EXISTS (
        SELECT 1
        FROM task AS t2
        WHERE t2.flow_id = t1.id AND EXISTS (
          SELECT 1
          FROM task_run AS t3
          WHERE t3.task_id = t2.id AND EXISTS (
            SELECT 1
            FROM task_run_state AS t4
            WHERE t4.task_run_id = t3.id AND t4.state = ?) AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x5
              WHERE x5.flow_run_id = t3.flow_run_id)))))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["Failed"]
