SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || ',"sum":{"map_index":' || json_quote(sum(r0.map_index)) || '},"max":{"map_index":' || json_quote(max(r0.map_index)) || '}},"nodes":[' || coalesce(group_concat(json_object('map_index', r0.map_index), ','), '') || ']}'
  FROM (
    SELECT t0.map_index AS map_index
    FROM task_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id))
    ORDER BY t0.map_index DESC
    LIMIT ?) AS r0)
-- [2]
