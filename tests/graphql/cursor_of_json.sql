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
        WHERE x1.flow_run_id = t0.id)) AND (json_sortable(t0.labels) <= json_sortable(?) AND (json_sortable(t0.labels) < json_sortable(?) OR json_sortable(t0.labels) = json_sortable(?) AND t0.id > ?))
    ORDER BY json_sortable(t0.labels) DESC, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["[\"x\",\"x\"]", "[\"x\",\"x\"]", "[\"x\",\"x\"]", "00000006-0000-4000-8000-000000000002"]
