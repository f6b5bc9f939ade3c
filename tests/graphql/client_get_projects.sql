SELECT '[' || (
  SELECT group_concat('{"name":' || json_quote(r0.name) || ',"created":' || json_quote(r0.created) || ',"description":' || json_quote(r0.description) || ',"flows_aggregate":' || (
      SELECT '{"aggregate":{"count":' || count(*) || '}}'
      FROM (
        SELECT 1
        FROM (
          SELECT 1, row_number() OVER (PARTITION BY t1.name) AS number
          FROM flow AS t1
          WHERE t1.project_id = r0.id) AS d1
        WHERE d1.number = 1) AS r1) || '}', ',')
  FROM (
    SELECT t0.name AS name, t0.created AS created, t0.description AS description, t0.id AS id
    FROM project AS t0
    ORDER BY t0.name ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
