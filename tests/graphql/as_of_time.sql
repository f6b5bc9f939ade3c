SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"state":' || json_quote(r0.state) || ',"start_time":' || json_quote((
        SELECT min(s1.timestamp)
        FROM flow_run_state AS s1
        WHERE s1.flow_run_id = r0.id AND s1.timestamp <= ? AND s1.state IN (
          SELECT value
          FROM json_each(?)))) || ',"end_time":' || json_quote((
        SELECT max(s2.timestamp)
        FROM flow_run_state AS s2
        WHERE s2.flow_run_id = r0.id AND s2.timestamp <= ? AND s2.state IN (
          SELECT value
          FROM json_each(?)))) || ',"sequence":' || coalesce(r0.sequence, 'null') || ',"task_runs":[' || (
      SELECT group_concat(json_object('state', r3.state), ',')
      FROM (
        SELECT h3.state AS state
        FROM task_run AS t3
        CROSS JOIN task_run_state AS h3 ON h3.id = (
          SELECT s4.id
          FROM task_run_state AS s4
          WHERE s4.task_run_id = t3.id AND s4.timestamp <= ?
          ORDER BY s4.sequence DESC
          LIMIT 1)
        WHERE t3.flow_run_id = r0.id
        ORDER BY t3.id ASC) AS r3 HAVING count(*) > 0 UNION ALL
      SELECT '') || '],"logs_aggregate":' || (
      SELECT '{"aggregate":{"count":' || count(*) || '}}'
      FROM log AS t5
      WHERE t5.flow_run_id = r0.id AND t5.created <= ?) || ',"flow":' || (
      SELECT '{"flow_runs_aggregate":' || (
        SELECT '{"aggregate":{"count":' || count(*) || '}}'
        FROM flow_run AS t7
        WHERE t7.flow_id = t6.id AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x8
            WHERE x8.flow_run_id = t7.id))) || '}'
      FROM flow AS t6
      WHERE t6.id = r0.flow_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT t0.name AS name, h0.state AS state, t0.id AS id, max(coalesce((
          SELECT max(s9.sequence)
          FROM flow_run_state AS s9
          WHERE s9.flow_run_id = t0.id AND s9.timestamp <= ?), 0), coalesce((
          SELECT max(s10.sequence)
          FROM log AS s10
          WHERE s10.flow_run_id = t0.id AND s10.created <= ?), 0), coalesce((
          SELECT max(s11.sequence)
          FROM task_run_artifact AS s11
          WHERE s11.flow_run_id = t0.id AND s11.created <= ?), 0), coalesce((
          SELECT max(s12.sequence)
          FROM task_run_state AS s12
          WHERE s12.flow_run_id = t0.id AND s12.timestamp <= ?), 0)) AS sequence, t0.flow_id AS flow_id
    FROM flow_run AS t0
    CROSS JOIN flow_run_state AS h0 ON h0.id = (
      SELECT s14.id
      FROM flow_run_state AS s14
      WHERE s14.flow_run_id = t0.id AND s14.timestamp <= ?
      ORDER BY s14.sequence DESC
      LIMIT 1)
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x13
        WHERE x13.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["2021-05-12T17:00:33.5+00:00", "[\"Running\"]", "2021-05-12T17:00:33.5+00:00", "[\"Cached\",\"Cancelled\",\"Failed\",\"Looped\",\"Success\",\"TimedOut\"]", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00", "2021-05-12T17:00:33.5+00:00"]

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM flow_run AS t0
  CROSS JOIN flow_run_state AS h0 ON h0.id = (
    SELECT s2.id
    FROM flow_run_state AS s2
    WHERE s2.flow_run_id = t0.id AND s2.timestamp <= ?
    ORDER BY s2.sequence DESC
    LIMIT 1)
  WHERE h0.state = ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)))
-- ["2021-05-12T17:00:33.5+00:00", "Running"]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  CROSS JOIN flow_run_state AS h0 ON h0.id = (
    SELECT s2.id
    FROM flow_run_state AS s2
    WHERE s2.flow_run_id = t0.id AND s2.timestamp <= ?
    ORDER BY s2.sequence DESC
    LIMIT 1)
  WHERE (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["2021-05-12T17:00:00+00:00"]
