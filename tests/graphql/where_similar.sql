SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM flow_run AS t0
  WHERE text_regex(t0.name, ?) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["\\A(?:brave)\\z"]

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE text_regex(t0.name, ?) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["\\A(?:.*(?:otter|leopard))\\z"]

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE text_regex(t0.name, ?) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["\\A(?:a.b.c)\\z"]

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE text_regex(t0.name, ?) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["\\A(?:a\\_b\\%c)\\z"]

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE text_regex(t0.name, ?) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["\\A(?:brave\\.otter)\\z"]

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow AS t0
    WHERE text_regex(t0.name, ?)
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["\\A(?:[[:lower:]-]+)\\z"]

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE NOT text_regex(t0.name, ?) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["\\A(?:[^-]+)\\z"]
