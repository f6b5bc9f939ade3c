SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT name
    FROM (
      SELECT *
      FROM (
        SELECT t0.name AS name, t0.name AS key0, t0.id AS key1
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id)) AND (t0.name >= ? AND (t0.name > ? OR t0.name = ? AND t0.id > ?))
        ORDER BY key0 ASC, key1 ASC
        LIMIT ?) AS a0 UNION ALL
      SELECT *
      FROM (
        SELECT t0.name AS name, t0.name AS key0, t0.id AS key1
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x2
            WHERE x2.flow_run_id = t0.id)) AND t0.name IS NULL
        ORDER BY key0 ASC, key1 ASC
        LIMIT ?) AS a1) AS u3
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["brave-otter", "brave-otter", "brave-otter", "00000006-0000-4000-8000-000000000002", 2, 2, 2]

SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"cursor":' || json_quote(lower(hex('["9293efbb",' || json_quote(r0.name) || ',' || json_quote(r0.id) || ']'))) || '}', ',')
  FROM (
    SELECT name, id
    FROM (
      SELECT *
      FROM (
        SELECT t0.name AS name, t0.id AS id, t0.name AS key0, t0.id AS key1
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x1
            WHERE x1.flow_run_id = t0.id)) AND (t0.name >= ? AND (t0.name > ? OR t0.name = ? AND t0.id > ?))
        ORDER BY key0 ASC, key1 ASC
        LIMIT ?) AS a0 UNION ALL
      SELECT *
      FROM (
        SELECT t0.name AS name, t0.id AS id, t0.name AS key0, t0.id AS key1
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x2
            WHERE x2.flow_run_id = t0.id)) AND t0.name IS NULL
        ORDER BY key0 ASC, key1 ASC
        LIMIT ?) AS a1) AS u3
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["woodoo-leopard", "woodoo-leopard", "woodoo-leopard", "00000006-0000-4000-8000-000000000001", 2, 2, 2]

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name), ',')
  FROM (
    SELECT t0.name AS name
    FROM flow_run AS t0
    WHERE (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.id))
    ORDER BY t0.name ASC NULLS LAST
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [2]
