SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '},"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || json_object('state', r1.state) || ',"aggregate":{"count":' || count(*) || ',"min":{"sequence":' || coalesce(min(r1.sequence), 'null') || '}}}' AS object
      FROM (
        SELECT t1.state AS state, t1.sequence AS sequence
        FROM task_run_state AS t1
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t1.flow_run_id))
        ORDER BY t1.sequence DESC
        LIMIT ?) AS r1 GROUP BY r1.state
      ORDER BY r1.state ASC) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}'
  FROM (
    SELECT 1
    FROM task_run_state AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x4
        WHERE x4.flow_run_id = t0.flow_run_id))
    ORDER BY t0.sequence DESC
    LIMIT ?) AS r0)
-- [5, 5]

SELECT (
  SELECT '{"groups":[' || (
    SELECT group_concat(g2.object, ',')
    FROM (
      SELECT '{"key":' || json_object('state', r1.state) || ',"aggregate":{"count":' || count(*) || '}}' AS object
      FROM (
        SELECT d1.state
        FROM (
          SELECT t1.state AS state, t1.task_run_id AS key0, t1.sequence AS key1, row_number() OVER (PARTITION BY t1.task_run_id
            ORDER BY t1.task_run_id ASC, t1.sequence DESC) AS number
          FROM task_run_state AS t1
          WHERE (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x3
              WHERE x3.flow_run_id = t1.flow_run_id))) AS d1
        WHERE d1.number = 1
        ORDER BY d1.key0 ASC, d1.key1 DESC) AS r1 GROUP BY r1.state
      ORDER BY r1.state ASC) AS g2 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}')
-- []
