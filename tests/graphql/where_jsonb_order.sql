SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE json_compare(t0.parameters, ?) > 0 AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["{\"n\":2}"]

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"labels":' || coalesce(r0.labels, 'null') || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.labels AS labels
    FROM flow_run AS t0
    WHERE json_compare(t0.labels, ?) > 0 AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"x\"]"]

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"labels":' || coalesce(r0.labels, 'null') || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.labels AS labels
    FROM flow_run AS t0
    WHERE json_compare(t0.labels, ?) <= 0 AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[]"]

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"labels":' || coalesce(r0.labels, 'null') || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.labels AS labels
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY json_sortable(t0.labels) ASC, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"context":' || coalesce(r0.context, 'null') || ',"parameters":' || coalesce(r0.parameters, 'null') || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.context AS context, t0.parameters AS parameters
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY json_sortable(t0.context) DESC NULLS FIRST, json_sortable(t0.parameters) DESC NULLS FIRST, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
