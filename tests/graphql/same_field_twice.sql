SELECT '[' || (
  SELECT group_concat(r0.object, ',')
  FROM (
    SELECT json_object('id', t0.id, 'name', t0.name) AS object
    FROM flow_run AS t0
    WHERE t0.name = ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["brave-otter", 1]
