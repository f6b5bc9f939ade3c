SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"cursor":' || json_quote(lower(hex('["111a7750",' || json_quote(r0.id) || ']'))) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.id AS id
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.id ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [2]

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"again":' || json_quote(lower(hex('["baf2b86a",' || json_quote(r0.start_time) || ',' || json_quote(r0.id) || ']'))) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.start_time AS start_time, t0.id AS id
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.start_time DESC NULLS FIRST, t0.id ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [2]

SELECT '[' || (
  SELECT group_concat('{"cursor":' || json_quote(lower(hex('["cbb9d21a",' || json_quote((
              SELECT t1.name
              FROM flow AS t1
              WHERE t1.id = r0.flow_id)) || ',' || json_quote(r0.id) || ']'))) || '}', ',')
  FROM (
    SELECT t0.flow_id AS flow_id, t0.id AS id
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x3
        WHERE x3.flow_run_id = t0.id))
    ORDER BY (
      SELECT t2.name
      FROM flow AS t2
      WHERE t2.id = t0.flow_id) ASC NULLS LAST, t0.id DESC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [1]

SELECT '[' || (
  SELECT group_concat('{"cursor":' || json_quote(lower(hex('["148f0c6a",' || coalesce((
              SELECT max(t1.version)
              FROM flow_run AS t1
              WHERE t1.flow_id = r0.id AND (NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion) OR NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion AS x2
                  WHERE x2.flow_run_id = t1.id))), 'null') || ',' || json_quote(r0.id) || ']'))) || '}', ',')
  FROM (
    SELECT t0.id AS id
    FROM flow AS t0
    ORDER BY (
      SELECT max(t3.version)
      FROM flow_run AS t3
      WHERE t3.flow_id = t0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x4
          WHERE x4.flow_run_id = t3.id))) DESC, t0.id ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [1]

SELECT '[' || (
  SELECT group_concat('{"message":' || json_quote(r0.message) || ',"cursor":' || json_quote(lower(hex('["58f02496",' || json_quote(r0.timestamp) || ',' || json_quote(r0.flow_run_id) || ',' || coalesce(r0.sequence, 'null') || ']'))) || '}', ',')
  FROM (
    SELECT t0.message AS message, t0.timestamp AS timestamp, t0.flow_run_id AS flow_run_id, t0.sequence AS sequence
    FROM log AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id))
    ORDER BY t0.timestamp DESC, t0.flow_run_id ASC NULLS LAST, t0.sequence ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [1]

SELECT (
  SELECT '{"cursor":' || json_quote(lower(hex('["cd3fbe36",' || json_quote(t0.id) || ']'))) || '}'
  FROM flow AS t0
  WHERE t0.id = ? UNION ALL
  SELECT 'null')
-- ["00000003-0000-4000-8000-000000000001"]

SELECT '[' || (
  SELECT group_concat('{"cursor":' || json_quote(lower(hex('["ea20e195",' || json_quote(r0.id) || ']'))) || ',"flows":[' || (
      SELECT group_concat('{"cursor":' || json_quote(lower(hex('["494b5be4",' || json_quote(r1.name) || ',' || json_quote(r1.id) || ']'))) || '}', ',')
      FROM (
        SELECT t1.name AS name, t1.id AS id
        FROM flow AS t1
        WHERE t1.project_id = r0.id
        ORDER BY t1.name DESC, t1.id ASC) AS r1 HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM (
    SELECT t0.id AS id
    FROM project AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT (
  SELECT '{"nodes":[' || coalesce(group_concat('{"name":' || json_quote(r0.name) || ',"cursor":' || json_quote(lower(hex('["122a9267",' || json_quote(interval_text(r0.retry_delay)) || ',' || json_quote(r0.id) || ']'))) || '}', ','), '') || ']}'
  FROM (
    SELECT t0.name AS name, t0.retry_delay AS retry_delay, t0.id AS id
    FROM task AS t0
    ORDER BY t0.retry_delay DESC
    LIMIT ?) AS r0)
-- [2]
