SELECT (
  SELECT '{"state":' || json_quote(h0.state) || ',"version":' || json_quote(h0.version) || ',"start_time":' || json_quote((
      SELECT min(s1.timestamp)
      FROM flow_run_state AS s1
      WHERE s1.flow_run_id = t0.id AND s1.sequence <= ? AND s1.state IN (
        SELECT value
        FROM json_each(?)))) || ',"end_time":' || json_quote((
      SELECT max(s2.timestamp)
      FROM flow_run_state AS s2
      WHERE s2.flow_run_id = t0.id AND s2.sequence <= ? AND s2.state IN (
        SELECT value
        FROM json_each(?)))) || ',"sequence":' || coalesce(max(coalesce((
          SELECT max(s3.sequence)
          FROM flow_run_state AS s3
          WHERE s3.flow_run_id = t0.id AND s3.sequence <= ?), 0), coalesce((
          SELECT max(s4.sequence)
          FROM log AS s4
          WHERE s4.flow_run_id = t0.id AND s4.sequence <= ?), 0), coalesce((
          SELECT max(s5.sequence)
          FROM task_run_artifact AS s5
          WHERE s5.flow_run_id = t0.id AND s5.sequence <= ?), 0), coalesce((
          SELECT max(s6.sequence)
          FROM task_run_state AS s6
          WHERE s6.flow_run_id = t0.id AND s6.sequence <= ?), 0)), 'null') || ',"serialized_state":' || coalesce(h0.serialized_state, 'null') || ',"state_message":' || json_quote(h0.message) || ',"task_runs":[' || (
    SELECT group_concat('{"id":' || json_quote(r7.id) || ',"state":' || json_quote(h7.state) || ',"version":' || json_quote(h7.version) || ',"start_time":' || json_quote((
          SELECT min(s8.timestamp)
          FROM task_run_state AS s8
          WHERE s8.task_run_id = r7.id AND s8.sequence <= ? AND s8.state IN (
            SELECT value
            FROM json_each(?)))) || ',"end_time":' || json_quote((
          SELECT max(s9.timestamp)
          FROM task_run_state AS s9
          WHERE s9.task_run_id = r7.id AND s9.sequence <= ? AND s9.state IN (
            SELECT value
            FROM json_each(?)))) || ',"serialized_state":' || coalesce(h7.serialized_state, 'null') || '}', ',')
    FROM (
      SELECT t7.id AS id
      FROM task_run AS t7
      WHERE t7.flow_run_id = t0.id AND t7.first_sequence <= ?
      ORDER BY t7.id ASC) AS r7
    CROSS JOIN task_run_state AS h7 ON h7.id = (
      SELECT s10.id
      FROM task_run_state AS s10
      WHERE s10.task_run_id = r7.id AND s10.sequence <= ?
      ORDER BY s10.sequence DESC
      LIMIT 1) HAVING count(*) > 0 UNION ALL
    SELECT '') || '],"failed":[' || (
    SELECT group_concat(json_object('id', t11.id), ',')
    FROM task_run AS t11
    CROSS JOIN task_run_state AS h11 ON h11.id = (
      SELECT s12.id
      FROM task_run_state AS s12
      WHERE s12.task_run_id = t11.id AND s12.sequence <= ?
      ORDER BY s12.sequence DESC
      LIMIT 1)
    WHERE t11.flow_run_id = t0.id AND h11.state = ? HAVING count(*) > 0 UNION ALL
    SELECT '') || '],"task_runs_aggregate":' || (
    SELECT '{"aggregate":{"count":' || count(*) || ',"max":{"version":' || json_quote(max(h13.version)) || '}}}'
    FROM task_run AS t13
    CROSS JOIN task_run_state AS h13 ON h13.id = (
      SELECT s14.id
      FROM task_run_state AS s14
      WHERE s14.task_run_id = t13.id AND s14.sequence <= ?
      ORDER BY s14.sequence DESC
      LIMIT 1)
    WHERE t13.flow_run_id = t0.id AND h13.state <> ?) || ',"states":[' || (
    SELECT group_concat(json_object('state', r15.state), ',')
    FROM (
      SELECT t15.state AS state
      FROM flow_run_state AS t15
      WHERE t15.flow_run_id = t0.id AND t15.sequence <= ?
      ORDER BY t15.sequence ASC) AS r15 HAVING count(*) > 0 UNION ALL
    SELECT '') || '],"logs":[' || (
    SELECT group_concat(json_object('sequence', r16.sequence, 'task_run_id', r16.task_run_id), ',')
    FROM (
      SELECT t16.sequence AS sequence, t16.task_run_id AS task_run_id
      FROM log AS t16
      WHERE t16.flow_run_id = t0.id AND t16.sequence <= ?
      ORDER BY t16.sequence ASC) AS r16 HAVING count(*) > 0 UNION ALL
    SELECT '') || ']}'
  FROM flow_run AS t0
  CROSS JOIN flow_run_state AS h0 ON h0.id = (
    SELECT s18.id
    FROM flow_run_state AS s18
    WHERE s18.flow_run_id = t0.id AND s18.sequence <= ?
    ORDER BY s18.sequence DESC
    LIMIT 1)
  WHERE t0.id = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x17
      WHERE x17.flow_run_id = t0.id)) UNION ALL
  SELECT 'null')
-- [1, "[\"Running\"]", 1, "[\"Cached\",\"Cancelled\",\"Failed\",\"Looped\",\"Success\",\"TimedOut\"]", 1, 1, 1, 1, 1, "[\"Running\"]", 1, "[\"Cached\",\"Cancelled\",\"Failed\",\"Looped\",\"Success\",\"TimedOut\"]", 1, 1, 1, "Failed", 1, "Pending", 1, 1, 1, "00000006-0000-4000-8000-000000000001"]
