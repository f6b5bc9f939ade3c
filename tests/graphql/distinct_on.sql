SELECT '[' || (
  SELECT group_concat('{"state":' || json_quote(r0.state) || ',"name":' || json_quote(r0.name) || ',"flow":' || (
      SELECT json_object('name', t1.name)
      FROM flow AS t1
      WHERE t1.id = r0.flow_id UNION ALL
      SELECT 'null') || '}', ',')
  FROM (
    SELECT d0.state, d0.name, d0.flow_id
    FROM (
      SELECT t0.state AS state, t0.name AS name, t0.flow_id AS flow_id, t0.state AS key0, t0.created AS key1, row_number() OVER (PARTITION BY t0.state
        ORDER BY t0.state DESC, t0.created DESC) AS number
      FROM flow_run AS t0
      WHERE (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t0.id))) AS d0
    WHERE d0.number = 1
    ORDER BY d0.key0 DESC, d0.key1 DESC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'version', r0.version), ',')
  FROM (
    SELECT d0.name, d0.version
    FROM (
      SELECT t0.name AS name, t0.version AS version, t0.name AS key0, t0.archived AS key1, t0.version AS key2, row_number() OVER (PARTITION BY t0.name, t0.archived
        ORDER BY t0.name ASC, t0.archived ASC, t0.version DESC NULLS FIRST) AS number
      FROM flow AS t0) AS d0
    WHERE d0.number = 1
    ORDER BY d0.key0 ASC, d0.key1 ASC, d0.key2 DESC NULLS FIRST
    LIMIT ? OFFSET ?) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [2, 1]
