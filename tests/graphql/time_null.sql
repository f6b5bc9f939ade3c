SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id, 'start_time', r0.start_time, 'end_time', r0.end_time), ',')
  FROM (
    SELECT t0.id AS id, t0.start_time AS start_time, t0.end_time AS end_time
    FROM flow_run AS t0
    WHERE t0.start_time IS NULL AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
