SELECT '[' || (
  SELECT group_concat('{"type":' || coalesce(r0.storage -> ?, 'null') || ',"second":' || coalesce(r0.storage -> ?, 'null') || ',"nothing":' || coalesce(r0.storage -> ?, 'null') || ',"whole":' || coalesce(r0.storage, 'null') || ',"also":' || coalesce(r0.storage, 'null') || ',"variable":' || coalesce(r0.storage -> ?, 'null') || '}', ',')
  FROM (
    SELECT t0.storage AS storage
    FROM flow AS t0
    ORDER BY t0.id ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["$.\"type\"", "$.\"deep list\"[1].\"x\"", "$.\"a\".\"b\"[3]", "$.\"labels\"", 1]
