SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE t0.id IN (
      SELECT value
      FROM json_each(?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000006-0000-4000-8000-000000000001\",\"00000006-0000-4000-8000-000000000003\"]"]

SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE t0.id NOT IN (
      SELECT value
      FROM json_each(?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000006-0000-4000-8000-000000000001\",\"00000006-0000-4000-8000-000000000003\"]"]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE t0.id IN (
    SELECT value
    FROM json_each(?)) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[]"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM flow_run AS t0
  WHERE t0.name NOT IN (
    SELECT value
    FROM json_each(?)) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- ["[]"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM flow_run AS t0
  WHERE t0.name NOT IN (
    SELECT value
    FROM json_each(?)) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- ["[\"x\"]"]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE t0.id IN (
    SELECT value
    FROM json_each(?)) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"00000006-0000-4000-8000-000000000003\"]"]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id, 'version', t0.version), ',')
  FROM flow_run AS t0
  WHERE t0.version IN (
    SELECT value
    FROM json_each(?)) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[0]"]

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE t0.name IN (
      SELECT value
      FROM json_each(?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"brave-otter\",\"a_b%c\"]"]
