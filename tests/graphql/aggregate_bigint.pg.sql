SELECT coalesce((
    SELECT row_to_json(o8)
    FROM (
      SELECT (
        SELECT row_to_json(o6)
        FROM (
          SELECT (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m0 AS "sequence", a1.m1 AS "client_sequence") AS o2) AS "sum", (
            SELECT row_to_json(o3)
            FROM (
              SELECT a1.m2 AS "sequence") AS o3) AS "avg", (
            SELECT row_to_json(o4)
            FROM (
              SELECT a1.m3 AS "sequence") AS o4) AS "max", (
            SELECT row_to_json(o5)
            FROM (
              SELECT a1.m4 AS "sequence") AS o5) AS "stddev_pop") AS o6) AS "aggregate"
      FROM (
        SELECT sum(t0.sequence) AS m0, sum(t0.client_sequence) AS m1, avg(t0.sequence)::double precision AS m2, max(t0.sequence) AS m3, sqrt(var_pop(t0.sequence)::double precision) AS m4
        FROM log AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x7
            WHERE x7.flow_run_id = t0.flow_run_id))) AS a1) AS o8), 'null')::text
-- []
