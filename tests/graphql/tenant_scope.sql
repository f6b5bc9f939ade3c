SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(t0.name) || ',"flow":' || (
      SELECT '{"name":' || json_quote(t1.name) || ',"tenant":' || (
        SELECT json_object('slug', t2.slug)
        FROM tenant AS t2
        WHERE t2.id = t1.tenant_id AND t2.id = ? UNION ALL
        SELECT 'null') || '}'
      FROM flow AS t1
      WHERE t1.id = t0.flow_id AND t1.tenant_id = ? UNION ALL
      SELECT 'null') || '}', ',')
  FROM flow_run AS t0
  WHERE (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x3
      WHERE x3.flow_run_id = t0.id)) AND t0.tenant_id = ? HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["00000000-0000-4000-8000-00000000d002", "00000000-0000-4000-8000-00000000d002", "00000000-0000-4000-8000-00000000d002"]

SELECT '[' || (
  SELECT group_concat(json_object('message', t0.message), ',')
  FROM log AS t0
  WHERE (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.flow_run_id)) AND (t0.flow_run_id IS NOT NULL AND t0.flow_run_id IN (
      SELECT t2.id
      FROM flow_run AS t2
      WHERE t2.tenant_id = ?)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["00000000-0000-4000-8000-00000000d002"]

SELECT '[' || (
  SELECT group_concat('{"slug":' || json_quote(t0.slug) || ',"flows":[' || (
      SELECT group_concat(json_object('name', t1.name), ',')
      FROM flow AS t1
      WHERE t1.tenant_id = t0.id AND t1.tenant_id = ? HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM tenant AS t0
  WHERE t0.id = ? HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["00000000-0000-4000-8000-00000000d002", "00000000-0000-4000-8000-00000000d002"]

SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM project AS t0
  WHERE EXISTS (
    SELECT 1
    FROM flow AS t1
    WHERE t1.project_id = t0.id AND EXISTS (
      SELECT 1
      FROM flow_run AS t2
      WHERE t2.flow_id = t1.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x3
          WHERE x3.flow_run_id = t2.id)) AND t2.tenant_id = ?) AND t1.tenant_id = ?) AND t0.tenant_id = ? HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["00000000-0000-4000-8000-00000000d002", "00000000-0000-4000-8000-00000000d002", "00000000-0000-4000-8000-00000000d002"]

SELECT (
  SELECT json_object('id', t0.id)
  FROM flow_run AS t0
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) AND t0.tenant_id = ? UNION ALL
  SELECT 'null')
-- ["00000006-0000-4000-8000-000000000001", "00000000-0000-4000-8000-00000000d002"]
