SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"logs":[' || (
      SELECT group_concat(json_object('message', r1.message, 'task_run_id', r1.task_run_id), ',')
      FROM (
        SELECT t1.message AS message, t1.task_run_id AS task_run_id
        FROM (
          SELECT rowid AS number
          FROM log_word
          WHERE log_word MATCH 'run : "' || replace(r0.id, '-', '') || '" AND ' || 'message : (' || ? || ')' UNION ALL
          SELECT l3.number
          FROM log AS l3
          WHERE l3.number > (
            SELECT number
            FROM log_indexed) AND l3.flow_run_id = r0.id AND text_search(l3.message, ?)) AS q2
        CROSS JOIN log AS t1
        WHERE t1.flow_run_id = r0.id AND t1.number = q2.number
        ORDER BY t1.sequence ASC
        LIMIT ?) AS r1 HAVING count(*) > 0 UNION ALL
      SELECT '') || '],"task_runs":[' || (
      SELECT group_concat('{"logs":[' || (
          SELECT group_concat(json_object('message', r5.message), ',')
          FROM (
            SELECT t5.message AS message
            FROM (
              SELECT rowid AS number
              FROM log_word
              WHERE log_word MATCH 'run : "' || replace(r4.flow_run_id, '-', '') || '" AND ' || 'message : (' || ? || ')' UNION ALL
              SELECT l7.number
              FROM log AS l7
              WHERE l7.number > (
                SELECT number
                FROM log_indexed) AND l7.flow_run_id = r4.flow_run_id AND text_search(l7.message, ?)) AS q6
            CROSS JOIN log AS t5
            WHERE t5.task_run_id = r4.id AND t5.number = q6.number
            ORDER BY t5.timestamp DESC, t5.flow_run_id ASC NULLS LAST, t5.sequence ASC) AS r5 HAVING count(*) > 0 UNION ALL
          SELECT '') || ']}', ',')
      FROM (
        SELECT t4.id AS id, t4.flow_run_id AS flow_run_id
        FROM task_run AS t4
        WHERE t4.flow_run_id = r0.id
        ORDER BY t4.id ASC
        LIMIT ?) AS r4 HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM (
    SELECT t0.name AS name, t0.id AS id
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x8
        WHERE x8.flow_run_id = t0.id))
    ORDER BY t0.id ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["(\"task\" *) OR (\"success\")", "task* OR success", 5, "(\"quoted\")", "quoted", 1, 2]
