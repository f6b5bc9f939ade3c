SELECT coalesce((
    SELECT row_to_json(o6)
    FROM (
      SELECT (
        SELECT row_to_json(o4)
        FROM (
          SELECT (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m0 AS "name", a1.m1 AS "created", a1.m2 AS "start_time", a1.m3 AS "id") AS o2) AS "min", (
            SELECT row_to_json(o3)
            FROM (
              SELECT a1.m4 AS "name", a1.m5 AS "created", a1.m6 AS "state", a1.m7 AS "version") AS o3) AS "max") AS o4) AS "aggregate"
      FROM (
        SELECT min(t0.name) AS m0, min(t0.created) AS m1, min(t0.start_time) AS m2, min(t0.id::text COLLATE "C") AS m3, max(t0.name) AS m4, max(t0.created) AS m5, max(t0.state) AS m6, max(t0.version) AS m7
        FROM flow_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x5
            WHERE x5.flow_run_id = t0.id))) AS a1) AS o6), 'null')::text
-- []
