SELECT coalesce((
    SELECT (
      SELECT row_to_json(o10)
      FROM (
        SELECT (
          SELECT coalesce(json_agg(o9), '[]')
          FROM (
            SELECT (
              SELECT row_to_json(o6)
              FROM (
                SELECT a3.k1 AS "state", (
                  SELECT row_to_json(o5)
                  FROM (
                    SELECT t4.name AS "name"
                    FROM tenant AS t4
                    WHERE t4.id = a3.k0 AND t4.id = $1::uuid) AS o5) AS "tenant") AS o6) AS "key", (
              SELECT row_to_json(o7)
              FROM (
                SELECT a3.m0 AS "count") AS o7) AS "aggregate"
            FROM (
              SELECT r2.tenant_id AS k0, r2.state AS k1, count(*) AS m0
              FROM (
                SELECT t2.tenant_id AS tenant_id, t2.state AS state
                FROM flow_run AS t2
                WHERE (NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion) OR NOT EXISTS (
                    SELECT 1
                    FROM flow_run_deletion AS x8
                    WHERE x8.flow_run_id = t2.id)) AND t2.tenant_id = $2::uuid) AS r2 GROUP BY r2.tenant_id, r2.state
              ORDER BY r2.tenant_id ASC, r2.state ASC) AS a3) AS o9) AS "groups") AS o10)), 'null')::text
-- ["00000000-0000-4000-8000-00000000d001", "00000000-0000-4000-8000-00000000d001"]
