SELECT '[' || (
  SELECT group_concat(json_object('message', r0.message), ',')
  FROM (
    SELECT t0.message AS message
    FROM log AS t0
    WHERE (t0.number IN (
        SELECT rowid
        FROM log_word
        WHERE log_word MATCH 'message : (' || ? || ')') OR t0.number > (
        SELECT number
        FROM log_indexed) AND text_search(t0.message, ?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id))
    ORDER BY t0.timestamp DESC, t0.flow_run_id ASC NULLS LAST, t0.sequence ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["(\"flow\" AND \"run\")", "flow run"]

SELECT '[' || (
  SELECT group_concat(json_object('message', r0.message, 'level', r0.level), ',')
  FROM (
    SELECT t0.message AS message, t0.level AS level
    FROM log AS t0
    WHERE (t0.number IN (
        SELECT rowid
        FROM log_word
        WHERE log_word MATCH 'message : (' || ? || ')') OR t0.number > (
        SELECT number
        FROM log_indexed) AND text_search(t0.message, ?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id))
    ORDER BY t0.timestamp DESC, t0.flow_run_id ASC NULLS LAST, t0.sequence ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["((\"reference tasks\") NOT (\"beginning\"))", "\"reference tasks\" -beginning"]

SELECT '[' || (
  SELECT group_concat(json_object('message', r0.message), ',')
  FROM (
    SELECT t0.message AS message
    FROM log AS t0
    WHERE (t0.number IN (
        SELECT rowid
        FROM log_word
        WHERE log_word MATCH 'message : (' || ? || ')') OR t0.number > (
        SELECT number
        FROM log_indexed) AND text_search(t0.message, ?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id))
    ORDER BY t0.timestamp ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["(\"begin\" *) OR (\"quoted\")", "begin* OR quoted"]

SELECT '[' || (
  SELECT group_concat(json_object('message', r0.message, 'timestamp', r0.timestamp), ',')
  FROM (
    SELECT t0.message AS message, t0.timestamp AS timestamp
    FROM log AS t0
    WHERE t0.flow_run_id = ? AND t0.level = ? AND (t0.number IN (
        SELECT rowid
        FROM log_word
        WHERE log_word MATCH 'run : "' || replace(?, '-', '') || '" AND ' || 'message : (' || ? || ')') OR t0.number > (
        SELECT number
        FROM log_indexed) AND text_search(t0.message, ?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id))
    ORDER BY t0.timestamp DESC, t0.flow_run_id ASC NULLS LAST, t0.sequence ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["00000006-0000-4000-8000-000000000001", "INFO", "00000006-0000-4000-8000-000000000001", "(\"flow\")", "flow", 1]

SELECT '[' || (
  SELECT group_concat(json_object('message', r0.message), ',')
  FROM (
    SELECT t0.message AS message
    FROM log AS t0
    WHERE (t0.number IN (
        SELECT rowid
        FROM log_word
        WHERE log_word MATCH 'message : (' || ? || ')') OR t0.number > (
        SELECT number
        FROM log_indexed) AND text_search(t0.message, ?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id))
    ORDER BY t0.timestamp DESC, t0.flow_run_id ASC NULLS LAST, t0.sequence ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["(\"elephant\")", "elephant"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || ',"max":{"timestamp":' || json_quote(max(r0.timestamp)) || '}}}'
  FROM (
    SELECT t0.timestamp AS timestamp
    FROM log AS t0
    WHERE (t0.number IN (
        SELECT rowid
        FROM log_word
        WHERE log_word MATCH 'message : (' || ? || ')') OR t0.number > (
        SELECT number
        FROM log_indexed) AND text_search(t0.message, ?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id))
    ORDER BY t0.timestamp DESC, t0.flow_run_id ASC NULLS LAST, t0.sequence ASC) AS r0)
-- ["(\"é\")", "é"]
