SELECT (
  SELECT '{"groups":[' || (
    SELECT group_concat(g5.object, ',')
    FROM (
      SELECT '{"__typename":"flow_run_aggregate_group","key":' || '{"__typename":"flow_run_aggregate_group_key","flow":' || (
        SELECT '{"name":' || json_quote(t2.name) || ',"version":' || json_quote(t2.version) || ',"project":' || (
          SELECT json_object('name', t3.name)
          FROM project AS t3
          WHERE t3.id = t2.project_id UNION ALL
          SELECT 'null') || ',"tasks":[' || (
          SELECT group_concat(json_object('name', r4.name), ',')
          FROM (
            SELECT t4.name AS name
            FROM task AS t4
            WHERE t4.flow_id = t2.id
            ORDER BY t4.name ASC NULLS LAST) AS r4 HAVING count(*) > 0 UNION ALL
          SELECT '') || ']}'
        FROM flow AS t2
        WHERE t2.id = r1.flow_id UNION ALL
        SELECT 'null') || '}' || ',"runs":{"__typename":"flow_run_aggregate_fields","count":' || count(*) || ',"distinct":' || count(DISTINCT r1.state) || ',"latest":{"scheduled_start_time":' || json_quote(max(r1.scheduled_start_time)) || '}}}' AS object
      FROM (
        SELECT t1.flow_id AS flow_id, t1.state AS state, t1.scheduled_start_time AS scheduled_start_time
        FROM flow_run AS t1
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x6
            WHERE x6.flow_run_id = t1.id))) AS r1 GROUP BY r1.flow_id
      ORDER BY count(*) DESC, r1.flow_id ASC) AS g5 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}')
-- []
