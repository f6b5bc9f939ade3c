SELECT (
  SELECT '{"logs":[' || (
    SELECT group_concat(json_object('message', r1.message), ',')
    FROM (
      SELECT t1.message AS message
      FROM (
        SELECT rowid AS number
        FROM log_word
        WHERE log_word MATCH 'run : "' || replace(t0.id, '-', '') || '" AND ' || 'message : (' || ? || ')' UNION ALL
        SELECT l3.number
        FROM log AS l3
        WHERE l3.number > (
          SELECT number
          FROM log_indexed) AND l3.flow_run_id = t0.id AND text_search(l3.message, ?)) AS q2
      CROSS JOIN log AS t1
      WHERE t1.flow_run_id = t0.id AND t1.number = q2.number AND t1.sequence <= ?
      ORDER BY t1.timestamp DESC, t1.flow_run_id ASC NULLS LAST, t1.sequence ASC) AS r1 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}'
  FROM flow_run AS t0
  CROSS JOIN flow_run_state AS h0 ON h0.id = (
    SELECT s5.id
    FROM flow_run_state AS s5
    WHERE s5.flow_run_id = t0.id AND s5.sequence <= ?
    ORDER BY s5.sequence DESC
    LIMIT 1)
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x4
      WHERE x4.flow_run_id = t0.id)) UNION ALL
  SELECT 'null')
-- ["(\"flow\") OR (\"quoted\")", "flow OR quoted", 15, 15, "00000006-0000-4000-8000-000000000001"]
