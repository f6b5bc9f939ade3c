SELECT coalesce((
    SELECT coalesce(json_agg(o10), '[]')
    FROM (
      SELECT r0.name AS "name", (
        SELECT row_to_json(o5)
        FROM (
          SELECT (
            SELECT row_to_json(o3)
            FROM (
              SELECT a2.m0 AS "count") AS o3) AS "aggregate"
          FROM (
            SELECT count(*) AS m0
            FROM flow_run AS t1
            WHERE t1.flow_id = r0.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x4
                WHERE x4.flow_run_id = t1.id))) AS a2) AS o5) AS "flow_runs_aggregate"
      FROM (
        SELECT t0.name AS name, t0.id AS id
        FROM flow AS t0
        ORDER BY (
          SELECT count(*)
          FROM flow_run AS t6
          WHERE t6.flow_id = t0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x7
              WHERE x7.flow_run_id = t6.id))) DESC, (
          SELECT max(t8.created)
          FROM flow_run AS t8
          WHERE t8.flow_id = t0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x9
              WHERE x9.flow_run_id = t8.id))) ASC, t0.id ASC) AS r0) AS o10), 'null')::text
-- []
