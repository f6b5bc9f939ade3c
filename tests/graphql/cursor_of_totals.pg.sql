SELECT coalesce((
    SELECT coalesce(json_agg(o9), '[]')
    FROM (
      SELECT r0.name AS "name", r0.version AS "version"
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
                WHERE x8.flow_run_id = t7.id))) <= $1::bigint AND ((
              SELECT count(*)
              FROM flow_run AS t3
              WHERE t3.flow_id = t0.id AND (NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion) OR NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion AS x4
                  WHERE x4.flow_run_id = t3.id))) < $2::bigint OR (
              SELECT count(*)
              FROM flow_run AS t5
              WHERE t5.flow_id = t0.id AND (NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion) OR NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion AS x6
                  WHERE x6.flow_run_id = t5.id))) = $3::bigint AND t0.id > $4::uuid))
        ORDER BY (
          SELECT count(*)
          FROM flow_run AS t1
          WHERE t1.flow_id = t0.id AND (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x2
              WHERE x2.flow_run_id = t1.id))) DESC, t0.id ASC) AS r0) AS o9), 'null')::text
-- [1, 1, 1, "00000003-0000-4000-8000-000000000001"]
