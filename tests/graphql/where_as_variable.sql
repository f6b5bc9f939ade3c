SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id, 'name', r0.name), ',')
  FROM (
    SELECT t0.id AS id, t0.name AS name
    FROM flow_run AS t0
    WHERE (text_ilike(t0.name, ?) OR t0.state IN (
        SELECT value
        FROM json_each(?))) AND t0.flow_id IN (
      SELECT t1.id
      FROM flow AS t1
      WHERE t1.archived = ?) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x2
        WHERE x2.flow_run_id = t0.id))
    ORDER BY t0.name DESC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["%-%", "[\"Failed\",\"Scheduled\"]", false, 2]
