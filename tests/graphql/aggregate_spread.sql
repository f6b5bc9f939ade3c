SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || ',"avg":{"version":' || coalesce(float_text(avg(t0.version)), 'null') || ',"map_index":' || coalesce(float_text(avg(t0.map_index)), 'null') || '},"sum":{"version":' || json_quote(sum(t0.version)) || ',"map_index":' || json_quote(sum(t0.map_index)) || '},"stddev":{"version":' || coalesce(float_text(stddev_samp(t0.version)), 'null') || ',"map_index":' || coalesce(float_text(stddev_samp(t0.map_index)), 'null') || '},"stddev_pop":{"version":' || coalesce(float_text(stddev_pop(t0.version)), 'null') || '},"stddev_samp":{"version":' || coalesce(float_text(stddev_samp(t0.version)), 'null') || '},"variance":{"version":' || coalesce(float_text(var_samp(t0.version)), 'null') || '},"var_pop":{"version":' || coalesce(float_text(var_pop(t0.version)), 'null') || ',"map_index":' || coalesce(float_text(var_pop(t0.map_index)), 'null') || '},"var_samp":{"version":' || coalesce(float_text(var_samp(t0.version)), 'null') || '}}}'
  FROM task_run AS t0
  WHERE (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.flow_run_id)))
-- []

SELECT (
  SELECT '{"aggregate":{"stddev":{"version":' || coalesce(float_text(stddev_samp(t0.version)), 'null') || '},"stddev_pop":{"version":' || coalesce(float_text(stddev_pop(t0.version)), 'null') || '},"var_pop":{"version":' || coalesce(float_text(var_pop(t0.version)), 'null') || '},"variance":{"version":' || coalesce(float_text(var_samp(t0.version)), 'null') || '},"var_samp":{"version":' || coalesce(float_text(var_samp(t0.version)), 'null') || '}}}'
  FROM task_run AS t0
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.flow_run_id)))
-- ["00000007-0000-4000-8000-000000000001"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || ',"stddev":{"version":' || coalesce(float_text(stddev_samp(t0.version)), 'null') || '},"stddev_pop":{"version":' || coalesce(float_text(stddev_pop(t0.version)), 'null') || '},"variance":{"version":' || coalesce(float_text(var_samp(t0.version)), 'null') || '},"avg":{"version":' || coalesce(float_text(avg(t0.version)), 'null') || '},"sum":{"version":' || json_quote(sum(t0.version)) || '},"max":{"state":' || json_quote(max(t0.state)) || '}}}'
  FROM task_run AS t0
  WHERE t0.state = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.flow_run_id)))
-- ["?"]

SELECT '[' || (
  SELECT group_concat('{"flow_runs_aggregate":' || (
      SELECT '{"aggregate":{"stddev_pop":{"version":' || coalesce(float_text(stddev_pop(t1.version)), 'null') || '},"avg":{"version":' || coalesce(float_text(avg(t1.version)), 'null') || '}}}'
      FROM flow_run AS t1
      WHERE t1.flow_id = r0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t1.id))) || '}', ',')
  FROM (
    SELECT t0.id AS id
    FROM flow AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
