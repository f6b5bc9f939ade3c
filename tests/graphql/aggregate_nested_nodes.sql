SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"flows_aggregate":' || (
      SELECT '{"aggregate":{"count":' || count(*) || ',"max":{"version":' || json_quote(max(r1.version)) || '}},"nodes":[' || coalesce(group_concat('{"name":' || json_quote(r1.name) || ',"flow_runs_aggregate":' || (
            SELECT '{"aggregate":{"count":' || count(*) || '}}'
            FROM flow_run AS t2
            WHERE t2.flow_id = r1.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x3
                WHERE x3.flow_run_id = t2.id))) || '}', ','), '') || ']}'
      FROM (
        SELECT t1.version AS version, t1.name AS name, t1.id AS id
        FROM flow AS t1
        WHERE t1.project_id = r0.id AND t1.archived = ?
        ORDER BY t1.name ASC) AS r1) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.id AS id
    FROM project AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [false]
