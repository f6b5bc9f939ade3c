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
        WHERE x1.flow_run_id = t0.flow_run_id)) AND (t0.flow_run_id IS NOT NULL AND t0.flow_run_id IN (
        SELECT t2.id
        FROM flow_run AS t2
        WHERE t2.tenant_id = ?))
    ORDER BY t0.timestamp DESC, t0.flow_run_id ASC NULLS LAST, t0.sequence ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["(\"flow\")", "flow", "00000000-0000-4000-8000-00000000d002"]
