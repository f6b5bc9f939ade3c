SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'version', r0.version), ',')
  FROM (
    SELECT t0.name AS name, t0.version AS version
    FROM flow AS t0
    WHERE (t0.version <= ? AND (t0.version < ? OR t0.version = ? AND t0.id > ?))
    ORDER BY t0.version DESC NULLS FIRST, t0.id ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [2, 2, 2, "00000003-0000-4000-8000-000000000002", 2]
