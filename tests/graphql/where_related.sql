SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE t0.flow_id IN (
      SELECT t1.id
      FROM flow AS t1
      WHERE t1.name = ? AND t1.project_id IN (
        SELECT t2.id
        FROM project AS t2
        WHERE t2.name = ?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x3
        WHERE x3.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["hello-world", "default"]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow AS t0
  WHERE EXISTS (
    SELECT 1
    FROM flow_run AS t1
    WHERE t1.flow_id = t0.id AND EXISTS (
      SELECT 1
      FROM task_run AS t2
      WHERE t2.flow_run_id = t1.id AND t2.state = ?) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x3
        WHERE x3.flow_run_id = t1.id))) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["Failed"]

SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM task_run AS t0
    WHERE t0.flow_run_id IN (
      SELECT t1.id
      FROM flow_run AS t1
      WHERE t1.flow_id IN (
        SELECT t2.id
        FROM flow AS t2
        WHERE EXISTS (
          SELECT 1
          FROM task AS t3
          WHERE t3.flow_id = t2.id AND t3.slug = ?))) AND t0.map_index >= ? AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x4
        WHERE x4.flow_run_id = t0.flow_run_id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["say_bye-1", 0]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE (t0.agent_id IS NOT NULL AND t0.agent_id IN (
      SELECT t1.id
      FROM agent AS t1
      WHERE t1.name = ?)) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x2
      WHERE x2.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["agent"]

SELECT '[' || (
  SELECT group_concat(json_object('id', r0.id), ',')
  FROM (
    SELECT t0.id AS id
    FROM flow_run AS t0
    WHERE NOT ((t0.agent_id IS NOT NULL AND t0.agent_id IN (
          SELECT t1.id
          FROM agent AS t1
          WHERE t1.name = ?))) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x2
        WHERE x2.flow_run_id = t0.id))
    ORDER BY t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["agent"]

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE EXISTS (
    SELECT 1
    FROM log AS t1
    WHERE t1.flow_run_id = t0.id) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x2
      WHERE x2.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []

SELECT '[' || (
  SELECT group_concat(json_object('id', t0.id), ',')
  FROM flow_run AS t0
  WHERE NOT (EXISTS (
      SELECT 1
      FROM flow_run_state AS t1
      WHERE t1.flow_run_id = t0.id)) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x2
      WHERE x2.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- []
