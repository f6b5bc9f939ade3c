SELECT (
  SELECT '{"aggregate":{"sum":{"sequence":' || coalesce(exact_sum(t0.sequence), 'null') || ',"client_sequence":' || coalesce(exact_sum(t0.client_sequence), 'null') || '},"avg":{"sequence":' || coalesce(float_text(exact_avg(t0.sequence)), 'null') || '},"max":{"sequence":' || coalesce(max(t0.sequence), 'null') || '},"stddev_pop":{"sequence":' || coalesce(float_text(stddev_pop(t0.sequence)), 'null') || '}}}'
  FROM log AS t0
  WHERE (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.flow_run_id)))
-- []
