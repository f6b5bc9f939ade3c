SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE json_canonical(t0.labels) = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"x\",\"y\"]"]

SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE json_canonical(t0.labels) = ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[]"]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE json_canonical(t0.parameters) = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["{\"n\":2,\"unit\":{\"a\":[true,null],\"b\":1}}"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM flow_run AS t0
  WHERE json_canonical(t0.labels) <> ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- ["[]"]

SELECT '[' || (
  SELECT group_concat('{"id":' || json_quote(r0.id) || ',"labels":' || coalesce(r0.labels, 'null') || '}', ',')
  FROM (
    SELECT t0.id AS id, t0.labels AS labels
    FROM flow_run AS t0
    WHERE json_canonical(t0.labels) IN (
      SELECT value
      FROM json_each(?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"[\\\"x\\\"]\",\"[\\\"x\\\",\\\"y\\\"]\"]"]

SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE json_contains(t0.parameters, ?) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["{\"unit\":{\"b\":1}}", 1]

SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE json_contains(?, t0.labels) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"x\",\"y\",\"z\"]", 1]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE json_has_any(t0.labels, ?) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"y\"]"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM flow_run AS t0
  WHERE json_has_any(t0.parameters, ?) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- ["[\"n\",\"zz\"]"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM flow_run AS t0
  WHERE json_has_all(t0.parameters, ?) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- ["[\"n\",\"unit\"]"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM flow_run AS t0
  WHERE t0.context IS NULL AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- []
