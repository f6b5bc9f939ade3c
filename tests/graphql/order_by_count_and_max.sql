SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"flow_runs_aggregate":' || (
      SELECT '{"aggregate":{"count":' || count(*) || '}}'
      FROM flow_run AS t1
      WHERE t1.flow_id = r0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t1.id))) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.id AS id
    FROM flow AS t0
    ORDER BY (
      SELECT count(*)
      FROM flow_run AS t3
      WHERE t3.flow_id = t0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x4
          WHERE x4.flow_run_id = t3.id))) DESC, (
      SELECT max(t5.created)
      FROM flow_run AS t5
      WHERE t5.flow_id = t0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x6
          WHERE x6.flow_run_id = t5.id))) ASC NULLS LAST, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
