SELECT (
  SELECT '{"aggregate":{"a":' || count(t0.name) || ',"b":' || count(DISTINCT t0.name) || ',"c":' || count(DISTINCT json_array(t0.name, t0.version)) || '}}'
  FROM flow AS t0)
-- []
