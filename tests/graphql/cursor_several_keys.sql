SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"state":' || json_quote(r0.state) || ',"flow":' || (
      SELECT json_object('name', t1.name)
      FROM flow AS t1
      WHERE t1.id = r0.flow_id UNION ALL
      SELECT 'null') || ',"start_time":' || json_quote(r0.start_time) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.state AS state, t0.flow_id AS flow_id, t0.start_time AS start_time
    FROM flow_run AS t0
    WHERE t0.state <> ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x5
        WHERE x5.flow_run_id = t0.id)) AND (t0.state >= ? AND (t0.state > ? OR t0.state = ? AND ((
            SELECT t3.name
            FROM flow AS t3
            WHERE t3.id = t0.flow_id) < ? OR (
            SELECT t4.name
            FROM flow AS t4
            WHERE t4.id = t0.flow_id) = ? AND (t0.start_time < ? OR t0.start_time = ? AND t0.id > ?))))
    ORDER BY t0.state ASC, (
      SELECT t2.name
      FROM flow AS t2
      WHERE t2.id = t0.flow_id) DESC NULLS FIRST, t0.start_time DESC NULLS FIRST, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["Scheduled", "Failed", "Failed", "Failed", "hello-world", "hello-world", "2021-05-12T17:03:20+00:00", "2021-05-12T17:03:20+00:00", "00000006-0000-4000-8000-000000000003"]
