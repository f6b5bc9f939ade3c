SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"tags":' || coalesce(r0.tags, 'null') || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.tags AS tags
    FROM task AS t0
    ORDER BY json_sortable(t0.tags) DESC, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
