SELECT coalesce((
    SELECT row_to_json(o2)
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE t0.id = $1::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["00000006-0000-4000-8000-000000000006"]

SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE t0.name = $1::text AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x1
          WHERE x1.flow_run_id = t0.id))) AS o2), 'null')::text
-- ["being-deleted"]

SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM flow_run_state AS t0
        WHERE t0.flow_run_id = $1::uuid AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.flow_run_id))) AS a1) AS o4), 'null')::text
-- ["00000006-0000-4000-8000-000000000006"]

SELECT coalesce((
    SELECT row_to_json(o9)
    FROM (
      SELECT (
        SELECT coalesce(json_agg(o3), '[]')
        FROM (
          SELECT r1.name AS "name"
          FROM (
            SELECT t1.name AS name
            FROM flow_run AS t1
            WHERE t1.flow_id = t0.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x2
                WHERE x2.flow_run_id = t1.id))
            ORDER BY t1.id ASC) AS r1) AS o3) AS "flow_runs", (
        SELECT row_to_json(o8)
        FROM (
          SELECT (
            SELECT row_to_json(o6)
            FROM (
              SELECT a5.m0 AS "count") AS o6) AS "aggregate"
          FROM (
            SELECT count(*) AS m0
            FROM flow_run AS t4
            WHERE t4.flow_id = t0.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x7
                WHERE x7.flow_run_id = t4.id))) AS a5) AS o8) AS "flow_runs_aggregate"
      FROM flow AS t0
      WHERE t0.id = $1::uuid) AS o9), 'null')::text
-- ["00000003-0000-4000-8000-000000000002"]

SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow AS t0
      WHERE EXISTS (
        SELECT 1
        FROM flow_run AS t1
        WHERE t1.flow_id = t0.id AND t1.name = $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x2
            WHERE x2.flow_run_id = t1.id)))) AS o3), 'null')::text
-- ["being-deleted"]
