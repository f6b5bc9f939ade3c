SELECT (
  SELECT '{"__typename":"flow_aggregate","aggregate":{"__typename":"flow_aggregate_fields","max":{"__typename":"flow_max_fields","version":' || json_quote(max(t0.version)) || '}},"nodes":[' || coalesce(group_concat(json_object('__typename', 'flow'), ','), '') || ']}'
  FROM flow AS t0)
-- []
