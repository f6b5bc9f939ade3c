SELECT '[' || (
  SELECT group_concat(json_object('flow_id', r0.flow_id, 'state', r0.state, 'name', r0.name), ',')
  FROM (
    SELECT d0.flow_id, d0.state, d0.name
    FROM (
      SELECT t0.flow_id AS flow_id, t0.state AS state, t0.name AS name, t0.flow_id AS key0, t0.state AS key1, t0.state AS key2, t0.id AS key3, row_number() OVER (PARTITION BY t0.state, t0.flow_id
        ORDER BY t0.flow_id ASC, t0.state ASC, t0.state DESC NULLS FIRST, t0.id DESC) AS number
      FROM flow_run AS t0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS d0
    WHERE d0.number = 1
    ORDER BY d0.key0 ASC, d0.key1 ASC, d0.key2 DESC NULLS FIRST, d0.key3 DESC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT (
  SELECT '{"aggregate":{"count":' || count(*) || '}}'
  FROM (
    SELECT 1
    FROM (
      SELECT 1, row_number() OVER (PARTITION BY t0.flow_id, t0.state) AS number
      FROM flow_run AS t0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS d0
    WHERE d0.number = 1) AS r0)
-- []

SELECT '[' || (
  SELECT group_concat(json_object('state', r0.state, 'name', r0.name), ',')
  FROM (
    SELECT d0.state, d0.name
    FROM (
      SELECT t0.state AS state, t0.name AS name, t0.state AS key0, t0.id AS key1, row_number() OVER (PARTITION BY t0.state
        ORDER BY t0.state DESC NULLS FIRST, t0.id ASC) AS number
      FROM flow_run AS t0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS d0
    WHERE d0.number = 1
    ORDER BY d0.key0 DESC NULLS FIRST, d0.key1 ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat(json_object('state', r0.state, 'name', r0.name), ',')
  FROM (
    SELECT d0.state, d0.name
    FROM (
      SELECT t0.state AS state, t0.name AS name, t0.state AS key0, t0.id AS key1, row_number() OVER (PARTITION BY t0.state
        ORDER BY t0.state ASC NULLS LAST, t0.id ASC) AS number
      FROM flow_run AS t0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS d0
    WHERE d0.number = 1
    ORDER BY d0.key0 ASC NULLS LAST, d0.key1 ASC
    LIMIT ? OFFSET ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [2, 1]

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"flow_runs":[' || (
      SELECT group_concat(json_object('state', r1.state, 'name', r1.name), ',')
      FROM (
        SELECT d1.state, d1.name
        FROM (
          SELECT t1.state AS state, t1.name AS name, t1.state AS key0, t1.name AS key1, row_number() OVER (PARTITION BY t1.state
            ORDER BY t1.state ASC NULLS LAST, t1.name ASC NULLS LAST) AS number
          FROM flow_run AS t1
          WHERE t1.flow_id = r0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x2
              WHERE x2.flow_run_id = t1.id))) AS d1
        WHERE d1.number = 1
        ORDER BY d1.key0 ASC NULLS LAST, d1.key1 ASC NULLS LAST) AS r1 HAVING count(*) > 0 UNION ALL
      SELECT '') || ']}', ',')
  FROM (
    SELECT t0.name AS name, t0.id AS id
    FROM flow AS t0
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat('{"labels":' || coalesce(r0.labels, 'null') || ',"name":' || json_quote(r0.name) || '}', ',')
  FROM (
    SELECT d0.labels, d0.name
    FROM (
      SELECT t0.labels AS labels, t0.name AS name, json_sortable(t0.labels) AS key0, t0.id AS key1, row_number() OVER (PARTITION BY json_canonical(t0.labels)
        ORDER BY json_sortable(t0.labels) ASC, t0.id ASC) AS number
      FROM flow_run AS t0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS d0
    WHERE d0.number = 1
    ORDER BY d0.key0 ASC, d0.key1 ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
