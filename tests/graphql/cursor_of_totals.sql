SELECT '[' || (
  SELECT group_concat(json_object('name', r0.name, 'version', r0.version), ',')
  FROM (
    SELECT t0.name AS name, t0.version AS version
    FROM flow AS t0
    WHERE ((
        SELECT count(*)
        FROM flow_run AS t7
        WHERE t7.flow_id = t0.id AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x8
            WHERE x8.flow_run_id = t7.id))) <= ? AND ((
          SELECT count(*)
          FROM flow_run AS t3
          WHERE t3.flow_id = t0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x4
              WHERE x4.flow_run_id = t3.id))) < ? OR (
          SELECT count(*)
          FROM flow_run AS t5
          WHERE t5.flow_id = t0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x6
              WHERE x6.flow_run_id = t5.id))) = ? AND t0.id > ?))
    ORDER BY (
      SELECT count(*)
      FROM flow_run AS t1
      WHERE t1.flow_id = t0.id AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t1.id))) DESC, t0.id ASC) AS r0 HAVING count(*) > 0 UNION ALL
  SELECT '') || ']'
-- [1, 1, 1, "00000003-0000-4000-8000-000000000001"]
