SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || ',"named":' || count(t0.name) || ',"keys":' || count(DISTINCT t0.cache_key) || ',"tasks":' || count(DISTINCT json_array(t0.task_id, t0.flow_run_id)) || ',"states":' || count(DISTINCT t0.state) || ',"rows":' || count(*) || ',"max":{"start_time":' || json_quote(max(t0.start_time)) || ',"version":' || json_quote(max(t0.version)) || ',"state":' || json_quote(max(t0.state)) || '},"min":{"end_time":' || json_quote(min(t0.end_time)) || ',"map_index":' || json_quote(min(t0.map_index)) || '},"sum":{"version":' || json_quote(sum(t0.version)) || '},"avg":{"map_index":' || coalesce(float_text(avg(t0.map_index)), 'null') || ',"version":' || coalesce(float_text(avg(t0.version)), 'null') || ',"__typename":"task_run_avg_fields"}}}'
  FROM task_run AS t0
  WHERE (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.flow_run_id)))
-- []

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || ',"min":{"id":' || json_quote(min(r0.id)) || '}},"nodes":[' || coalesce(group_concat(json_object('id', r0.id), ','), '') || ']}'
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id DESC
    LIMIT ?) AS r0)
-- [2]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || ',"max":{"name":' || json_quote(max(t0.name)) || '},"sum":{"version":' || json_quote(sum(t0.version)) || '}},"nodes":[' || coalesce(group_concat(json_object('id', t0.id), ','), '') || ']}'
  FROM flow_run AS t0
  WHERE 0 AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- []

SELECT (
  SELECT '{"__typename":"flow_run_aggregate","aggregate":{"__typename":"flow_run_aggregate_fields"}}')
-- []

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM (
    SELECT 1
    FROM (
      SELECT 1, row_number() OVER (PARTITION BY t0.flow_id) AS number
      FROM flow_run AS t0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS d0
    WHERE d0.number = 1) AS r0)
-- []
