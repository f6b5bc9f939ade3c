SELECT '[' || (
  SELECT group_concat(json_object('first_sequence', r0.first_sequence), ',')
  FROM (
    SELECT t0.first_sequence AS first_sequence
    FROM task_run AS t0
    WHERE t0.first_sequence < ? AND t0.first_sequence > ? AND t0.first_sequence NOT IN (
      SELECT value
      FROM json_each(?)) AND (NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion) OR NOT EXISTS (
        SELECT 1
        FROM flow_run_deletion AS x1
        WHERE x1.flow_run_id = t0.flow_run_id))
    ORDER BY t0.first_sequence DESC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [9223372036854775807, -9223372036854775808, "[4,9007199254740993]"]
