SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC
    LIMIT ? OFFSET ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [2, 1]

SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC
    LIMIT -1 OFFSET ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [3]

SELECT '[' || (
  SELECT group_concat(r0.object, ',')
  FROM (
    SELECT json_object('id', t0.id) AS object
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [0]

SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
