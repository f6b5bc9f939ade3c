SELECT coalesce((
    SELECT coalesce(json_agg(o2), '[]')
    FROM (
      SELECT r0.state AS "state", r0.name AS "name"
      FROM (
        SELECT d0.state, d0.name
        FROM (
          SELECT t0.state AS state, t0.name AS name, t0.state AS key0, t0.name AS key1, t0.id AS key2, row_number() OVER (PARTITION BY t0.state
            ORDER BY t0.state ASC, t0.name DESC, t0.id ASC) AS number
          FROM flow_run AS t0
          WHERE (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x1
              WHERE x1.flow_run_id = t0.id))) AS d0
        WHERE d0.number = 1 AND ((d0.key0 > $1::text OR d0.key0 IS NULL) OR d0.key0 = $2::text AND (d0.key1 < $3::text OR d0.key1 = $4::text AND d0.key2 > $5::uuid))
        ORDER BY d0.key0 ASC, d0.key1 DESC, d0.key2 ASC) AS r0) AS o2), 'null')::text
-- ["Failed", "Failed", "Ärger-im-Bau", "Ärger-im-Bau", "00000006-0000-4000-8000-000000000003"]
