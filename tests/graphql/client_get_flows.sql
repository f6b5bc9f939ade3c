SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"version":' || json_quote(r0.version) || ',"created":' || json_quote(r0.created) || ',"id":' || json_quote(r0.id) || ',"project":' || (
      SELECT json_object('name', t1.name)
      FROM project AS t1
      WHERE t1.id = r0.project_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT d0.name, d0.version, d0.created, d0.id, d0.project_id
    FROM (
      SELECT t0.name AS name, t0.version AS version, t0.created AS created, t0.id AS id, t0.project_id AS project_id, t0.name AS key0, t0.version AS key1, row_number() OVER (PARTITION BY t0.name
        ORDER BY t0.name ASC, t0.version DESC NULLS FIRST) AS number
      FROM flow AS t0
      WHERE t0.project_id IN (
        SELECT t2.id
        FROM project AS t2)) AS d0
    WHERE d0.number = 1
    ORDER BY d0.key0 ASC, d0.key1 DESC NULLS FIRST
    LIMIT ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [10]
