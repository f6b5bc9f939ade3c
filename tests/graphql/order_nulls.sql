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
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.start_time ASC NULLS LAST, t0.id DESC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

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
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.start_time DESC NULLS FIRST, t0.id DESC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.start_time ASC, t0.id DESC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.start_time DESC, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
