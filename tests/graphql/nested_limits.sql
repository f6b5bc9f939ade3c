SELECT '[' || (
  SELECT group_concat('{"id":' || json_quote(r0.id) || ',"flow_runs":[' || (
      SELECT group_concat('{"id":' || json_quote(r1.id) || ',"task_runs":[' || (
          SELECT group_concat('{"id":' || json_quote(r2.id) || ',"states":[' || (
              SELECT group_concat(json_object('state', r3.state, 'sequence', r3.sequence), ',')
              FROM (
                SELECT t3.state AS state, t3.sequence AS sequence
                FROM task_run_state AS t3
                WHERE t3.task_run_id = r2.id
                ORDER BY t3.sequence DESC
                LIMIT ?) AS r3 HAVING count(*) > 0 UNION ALL
              SELECT '') || ']}', ',')
          FROM (
            SELECT t2.id AS id
            FROM task_run AS t2
            WHERE t2.flow_run_id = r1.id
            ORDER BY t2.id ASC
            LIMIT ? OFFSET ?) AS r2 HAVING count(*) > 0 UNION ALL
          SELECT '') || ']}', ',')
      FROM (
        SELECT t1.id AS id
        FROM flow_run AS t1
        WHERE t1.flow_id = r0.id AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x4
            WHERE x4.flow_run_id = t1.id))
        ORDER BY t1.id DESC
        LIMIT ?) AS r1 HAVING count(*) > 0 UNION ALL
      SELECT '') || '],"flow_runs_aggregate":' || (
      SELECT '{"aggregate":{"count":' || count(*) || '}}'
      FROM flow_run AS t5
      WHERE t5.flow_id = r0.id AND t5.state = ? AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x6
          WHERE x6.flow_run_id = t5.id))) || '}', ',')
  FROM (
    SELECT t0.id AS id
    FROM flow AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [1, 1, 1, 2, "Failed"]
