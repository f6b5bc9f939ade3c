SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow AS t0
    WHERE NOT (EXISTS (
        SELECT 1
        FROM flow_run AS t1
        WHERE t1.flow_id = t0.id AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x2
            WHERE x2.flow_run_id = t1.id))))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
