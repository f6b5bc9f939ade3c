SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"flow":' || (
      SELECT '{"name":' || json_quote(t1.name) || ',"project":' || (
        SELECT json_object('name', t2.name)
        FROM project AS t2
        WHERE t2.id = t1.project_id UNION ALL
        SELECT 'null') || '}'
      FROM flow AS t1
      WHERE t1.id = r0.flow_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.flow_id AS flow_id
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x6
        WHERE x6.flow_run_id = t0.id))
    ORDER BY (
      SELECT (
        SELECT t4.name
        FROM project AS t4
        WHERE t4.id = t3.project_id)
      FROM flow AS t3
      WHERE t3.id = t0.flow_id) DESC NULLS FIRST, (
      SELECT t5.name
      FROM flow AS t5
      WHERE t5.id = t0.flow_id) ASC NULLS LAST, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM task_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x2
        WHERE x2.flow_run_id = t0.flow_run_id))
    ORDER BY (
      SELECT t1.name
      FROM flow_run AS t1
      WHERE t1.id = t0.flow_run_id) ASC NULLS LAST, t0.id DESC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [2]
