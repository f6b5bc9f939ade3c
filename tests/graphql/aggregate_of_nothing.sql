SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || ',"sum":{"version":' || json_quote(sum(t0.version)) || '},"avg":{"version":' || coalesce(float_text(avg(t0.version)), 'null') || '},"min":{"name":' || json_quote(min(t0.name)) || '},"stddev":{"version":' || coalesce(float_text(stddev_samp(t0.version)), 'null') || '}},"nodes":[' || coalesce(group_concat(json_object('id', t0.id), ','), '') || ']}'
  FROM flow AS t0
  WHERE t0.name = ?)
-- ["nobody"]
