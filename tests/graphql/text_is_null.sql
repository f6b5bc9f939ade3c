SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE t0.name IS NULL AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
