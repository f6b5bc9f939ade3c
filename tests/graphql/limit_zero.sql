SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || '}', ',')
  FROM (
    SELECT t0.name AS name
    FROM flow AS t0
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [0]
