SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(t0.name) || ',"description":' || json_quote(t0.description) || '}', ',')
  FROM project AS t0
  WHERE t0.name = ? HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["Zürich"]
