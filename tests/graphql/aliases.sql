SELECT (
  SELECT '{"how":{"many":' || count(*) || '},"kind":"flow_run_aggregate"}'
  FROM flow_run AS t0
  WHERE t0.state = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- ["Failed"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || ',"__typename":"flow_run_aggregate_fields"},"nodes":[' || coalesce(group_concat('{"label":' || coalesce(t0.labels, 'null') || ',"run":' || json_quote(t0.name) || '}', ','), '') || ']}'
  FROM flow_run AS t0
  WHERE t0.state = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- ["Success"]
