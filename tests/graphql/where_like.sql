SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM flow_run AS t0
  WHERE t0.name GLOB ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["*otter"]

SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM flow_run AS t0
  WHERE t0.name GLOB ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["*OTTER"]

SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM flow_run AS t0
  WHERE text_ilike(t0.name, ?) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["ÄRGER%"]

SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM flow_run AS t0
  WHERE text_ilike(t0.name, ?) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["BRAVE_OTTER"]

SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM flow_run AS t0
  WHERE t0.name GLOB ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["a_b%c"]

SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM flow AS t0
  WHERE t0.name GLOB ? HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["100%[*]"]

SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM flow_run AS t0
  WHERE t0.name NOT GLOB ? AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["*-*"]

SELECT '[' || (
  SELECT group_concat(json_object('name', t0.name), ',')
  FROM flow_run AS t0
  WHERE NOT text_ilike(t0.name, ?) AND (NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion) OR NOT EXISTS (
      SELECT 1
      FROM flow_run_deletion AS x1
      WHERE x1.flow_run_id = t0.id)) HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- ["%E%"]
