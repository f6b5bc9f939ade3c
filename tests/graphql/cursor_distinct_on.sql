SELECT '[' || (
  SELECT group_concat(json_object('state', r0.state, 'name', r0.name), ',')
  FROM (
    SELECT d0.state, d0.name
    FROM (
      SELECT t0.state AS state, t0.name AS name, t0.state AS key0, t0.name AS key1, t0.id AS key2, row_number() OVER (PARTITION BY t0.state
        ORDER BY t0.state ASC NULLS LAST, t0.name DESC NULLS FIRST, t0.id ASC) AS number
      FROM flow_run AS t0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS d0
    WHERE d0.number = 1 AND ((d0.key0 > ? OR d0.key0 IS NULL) OR d0.key0 = ? AND (d0.key1 < ? OR d0.key1 = ? AND d0.key2 > ?))
    ORDER BY d0.key0 ASC NULLS LAST, d0.key1 DESC NULLS FIRST, d0.key2 ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["Failed", "Failed", "Ärger-im-Bau", "Ärger-im-Bau", "00000006-0000-4000-8000-000000000003"]
