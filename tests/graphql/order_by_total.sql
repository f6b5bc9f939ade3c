SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"version":' || json_quote(r0.version) || ',"flow_runs_aggregate":' || (
      SELECT '{"aggregate":{"count":' || count(*) || '}}'
      FROM flow_run AS t1
      WHERE t1.flow_id = r0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t1.id))) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.version AS version, t0.id AS id
    FROM flow AS t0
    ORDER BY (
      SELECT count(*)
      FROM flow_run AS t3
      WHERE t3.flow_id = t0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x4
          WHERE x4.flow_run_id = t3.id))) DESC, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"version":' || json_quote(r0.version) || ',"flow_runs_aggregate":' || (
      SELECT '{"aggregate":{"max":{"scheduled_start_time":' || json_quote(max(t1.scheduled_start_time)) || '}}}'
      FROM flow_run AS t1
      WHERE t1.flow_id = r0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t1.id))) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.version AS version, t0.id AS id
    FROM flow AS t0
    ORDER BY (
      SELECT max(t3.scheduled_start_time)
      FROM flow_run AS t3
      WHERE t3.flow_id = t0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x4
          WHERE x4.flow_run_id = t3.id))) DESC, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"version":' || json_quote(r0.version) || ',"flow_runs_aggregate":' || (
      SELECT '{"aggregate":{"min":{"start_time":' || json_quote(min(t1.start_time)) || '}}}'
      FROM flow_run AS t1
      WHERE t1.flow_id = r0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t1.id))) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.version AS version, t0.id AS id
    FROM flow AS t0
    ORDER BY (
      SELECT min(t3.start_time)
      FROM flow_run AS t3
      WHERE t3.flow_id = t0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x4
          WHERE x4.flow_run_id = t3.id))) DESC NULLS FIRST, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'version', r0.version), ',')
  FROM (
    SELECT t0.name AS name, t0.version AS version
    FROM flow AS t0
    ORDER BY (
      SELECT avg(t1.version)
      FROM flow_run AS t1
      WHERE t1.flow_id = t0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t1.id))) ASC NULLS LAST, (
      SELECT count(*)
      FROM flow_run AS t3
      WHERE t3.flow_id = t0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x4
          WHERE x4.flow_run_id = t3.id))) DESC, t0.id DESC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'version', r0.version), ',')
  FROM (
    SELECT t0.name AS name, t0.version AS version
    FROM flow AS t0
    ORDER BY (
      SELECT sum(t1.max_retries)
      FROM task AS t1
      WHERE t1.flow_id = t0.id) ASC, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM task AS t0
    ORDER BY (
      SELECT (
        SELECT count(*)
        FROM flow_run AS t2
        WHERE t2.flow_id = t1.id AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t2.id)))
      FROM flow AS t1
      WHERE t1.id = t0.flow_id) DESC NULLS FIRST, t0.name DESC NULLS FIRST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"flows":[' || (
      SELECT group_concat(json_object('name', r1.name), ',')
      FROM (
        SELECT t1.name AS name
        FROM flow AS t1
        WHERE t1.project_id = r0.id
        ORDER BY (
          SELECT count(*)
          FROM task AS t2
          WHERE t2.flow_id = t1.id) DESC, t1.id ASC
        LIMIT ?) AS r1 HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM (
    SELECT t0.name AS name, t0.id AS id
    FROM project AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [1]
