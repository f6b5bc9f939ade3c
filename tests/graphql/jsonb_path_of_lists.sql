SELECT '[' || (
  SELECT group_concat('{"a":' || coalesce(r0.storage -> ?, 'null') || ',"b":' || coalesce(r0.storage -> ?, 'null') || ',"c":' || coalesce(r0.storage -> ?, 'null') || ',"d":' || coalesce(r0.parameters -> ?, 'null') || ',"e":' || coalesce(r0.parameters -> ?, 'null') || '}', ',')
  FROM (
    SELECT t0.storage AS storage, t0.parameters AS parameters
    FROM flow AS t0
    ORDER BY t0.id ASC
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["$.\"deep list\"[1].\"x\"", "$.\"labels\"", "$.\"type\"", "$[0].\"name\"", "$[7]", 1]
