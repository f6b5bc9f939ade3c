SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(t0.name) || ',"parameters":' || coalesce(t0.parameters, 'null') || '}', ',')
  FROM flow_run AS t0
  WHERE json_as_text(t0.parameters) = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["{\"n\": 2, \"unit\": {\"a\": [true, null], \"b\": 1}}"]

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE json_as_text(t0.parameters) GLOB ? AND json_as_text(t0.parameters) NOT GLOB ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["*\"n\": 3*", "*9*"]

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"labels":' || coalesce(r0.labels, 'null') || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.labels AS labels
    FROM flow_run AS t0
    WHERE text_regex(json_as_text(t0.labels), ?) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["^\\[\"x\", \""]

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE t0.context IS NULL AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM flow_run AS t0
  WHERE (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- []

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE text_ilike(json_as_text(t0.parameters), ?) AND json_has_any(t0.parameters, ?) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["%UNIT%", "[\"n\"]"]

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(t0.name) || ',"tags":' || coalesce(t0.tags, 'null') || '}', ',')
  FROM task AS t0
  WHERE json_as_text(t0.tags) = ? HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"etl\", \"ü\"]"]
