SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'start_time', r0.start_time), ',')
  FROM (
    SELECT t0.name AS name, t0.start_time AS start_time
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id)) AND (t0.start_time IS NOT NULL OR t0.start_time IS NULL AND t0.id > ?)
    ORDER BY t0.start_time DESC NULLS FIRST, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["00000006-0000-4000-8000-000000000004"]

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'start_time', r0.start_time), ',')
  FROM (
    SELECT t0.name AS name, t0.start_time AS start_time
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id)) AND (t0.start_time <= ? AND (t0.start_time < ? OR t0.start_time = ? AND t0.id > ?))
    ORDER BY t0.start_time DESC NULLS FIRST, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["2021-05-12T17:05:00+00:00", "2021-05-12T17:05:00+00:00", "2021-05-12T17:05:00+00:00", "00000006-0000-4000-8000-000000000005"]
