SELECT '[' || (
  SELECT group_concat('{"id":' || json_quote(r0.id) || ',"parameters":' || coalesce(r0.parameters, 'null') || '}', ',')
  FROM (
    SELECT t0.id AS id, t0.parameters AS parameters
    FROM flow_run AS t0
    WHERE json_contains(?, t0.parameters) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["{\"more\":[],\"n\":3,\"unit\":{\"a\":[true,null],\"b\":1}}"]
