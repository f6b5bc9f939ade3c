SELECT coalesce((
    SELECT row_to_json(o10)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate", (
        SELECT coalesce(json_agg(o8), '[]')
        FROM (
          SELECT (
            SELECT row_to_json(o5)
            FROM (
              SELECT a4.k0 AS "state") AS o5) AS "key", (
            SELECT row_to_json(o6)
            FROM (
              SELECT a4.m0 AS "count") AS o6) AS "aggregate"
          FROM (
            SELECT r3.state AS k0, count(*) AS m0
            FROM (
              SELECT t3.state AS state
              FROM flow_run AS t3
              WHERE t3.name = $1::text AND (NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion) OR NOT EXISTS (
                  SELECT 1
                  FROM flow_run_deletion AS x7
                  WHERE x7.flow_run_id = t3.id))) AS r3 GROUP BY r3.state
            ORDER BY r3.state ASC) AS a4) AS o8) AS "groups"
      FROM (
        SELECT count(*) AS m0
        FROM flow_run AS t0
        WHERE t0.name = $2::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x9
            WHERE x9.flow_run_id = t0.id))) AS a1) AS o10), 'null')::text
-- ["nobody", "nobody"]
