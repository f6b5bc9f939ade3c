SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE t0.id <= ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["00000006-0000-4000-8000-000000000002"]
