SELECT '[' || (
  SELECT group_concat(json_object('__typename', 'flow_run'), ',')
  FROM (
    SELECT 1
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [1]

SELECT (
  SELECT '{"__typename":"tenant_aggregate","nodes":[' || coalesce(group_concat(json_object('__typename', 'tenant'), ','), '') || ']}'
  FROM tenant AS t0)
-- []
