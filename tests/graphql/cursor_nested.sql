SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"flow_runs":[' || (
      SELECT group_concat(json_object('name', r1.name, 'scheduled_start_time', r1.scheduled_start_time), ',')
      FROM (
        SELECT t1.name AS name, t1.scheduled_start_time AS scheduled_start_time
        FROM flow_run AS t1
        WHERE t1.flow_id = r0.id AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x2
            WHERE x2.flow_run_id = t1.id)) AND (t1.scheduled_start_time <= ? AND (t1.scheduled_start_time < ? OR t1.scheduled_start_time = ? AND t1.id > ?))
        ORDER BY t1.scheduled_start_time DESC, t1.id ASC) AS r1 HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM (
    SELECT t0.name AS name, t0.id AS id
    FROM flow AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["2021-05-12T17:16:45+00:00", "2021-05-12T17:16:45+00:00", "2021-05-12T17:16:45+00:00", "00000006-0000-4000-8000-000000000005"]
