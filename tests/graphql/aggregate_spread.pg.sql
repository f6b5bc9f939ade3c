SELECT coalesce((
    SELECT row_to_json(o12)
    FROM (
      SELECT (
        SELECT row_to_json(o10)
        FROM (
          SELECT a1.m0 AS "count", (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m1 AS "version", a1.m2 AS "map_index") AS o2) AS "avg", (
            SELECT row_to_json(o3)
            FROM (
              SELECT a1.m3 AS "version", a1.m4 AS "map_index") AS o3) AS "sum", (
            SELECT row_to_json(o4)
            FROM (
              SELECT a1.m5 AS "version", a1.m6 AS "map_index") AS o4) AS "stddev", (
            SELECT row_to_json(o5)
            FROM (
              SELECT a1.m7 AS "version") AS o5) AS "stddev_pop", (
            SELECT row_to_json(o6)
            FROM (
              SELECT a1.m8 AS "version") AS o6) AS "stddev_samp", (
            SELECT row_to_json(o7)
            FROM (
              SELECT a1.m9 AS "version") AS o7) AS "variance", (
            SELECT row_to_json(o8)
            FROM (
              SELECT a1.m10 AS "version", a1.m11 AS "map_index") AS o8) AS "var_pop", (
            SELECT row_to_json(o9)
            FROM (
              SELECT a1.m12 AS "version") AS o9) AS "var_samp") AS o10) AS "aggregate"
      FROM (
        SELECT count(*) AS m0, avg(t0.version)::double precision AS m1, avg(t0.map_index)::double precision AS m2, sum(t0.version) AS m3, sum(t0.map_index) AS m4, sqrt(var_samp(t0.version)::double precision) AS m5, sqrt(var_samp(t0.map_index)::double precision) AS m6, sqrt(var_pop(t0.version)::double precision) AS m7, sqrt(var_samp(t0.version)::double precision) AS m8, variance(t0.version)::double precision AS m9, var_pop(t0.version)::double precision AS m10, var_pop(t0.map_index)::double precision AS m11, var_samp(t0.version)::double precision AS m12
        FROM task_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x11
            WHERE x11.flow_run_id = t0.flow_run_id))) AS a1) AS o12), 'null')::text
-- []

SELECT coalesce((
    SELECT row_to_json(o9)
    FROM (
      SELECT (
        SELECT row_to_json(o7)
        FROM (
          SELECT (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m0 AS "version") AS o2) AS "stddev", (
            SELECT row_to_json(o3)
            FROM (
              SELECT a1.m1 AS "version") AS o3) AS "stddev_pop", (
            SELECT row_to_json(o4)
            FROM (
              SELECT a1.m2 AS "version") AS o4) AS "var_pop", (
            SELECT row_to_json(o5)
            FROM (
              SELECT a1.m3 AS "version") AS o5) AS "variance", (
            SELECT row_to_json(o6)
            FROM (
              SELECT a1.m4 AS "version") AS o6) AS "var_samp") AS o7) AS "aggregate"
      FROM (
        SELECT sqrt(var_samp(t0.version)::double precision) AS m0, sqrt(var_pop(t0.version)::double precision) AS m1, var_pop(t0.version)::double precision AS m2, variance(t0.version)::double precision AS m3, var_samp(t0.version)::double precision AS m4
        FROM task_run AS t0
        WHERE t0.id = $1::uuid AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x8
            WHERE x8.flow_run_id = t0.flow_run_id))) AS a1) AS o9), 'null')::text
-- ["00000007-0000-4000-8000-000000000001"]

SELECT coalesce((
    SELECT row_to_json(o10)
    FROM (
      SELECT (
        SELECT row_to_json(o8)
        FROM (
          SELECT a1.m0 AS "count", (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m1 AS "version") AS o2) AS "stddev", (
            SELECT row_to_json(o3)
            FROM (
              SELECT a1.m2 AS "version") AS o3) AS "stddev_pop", (
            SELECT row_to_json(o4)
            FROM (
              SELECT a1.m3 AS "version") AS o4) AS "variance", (
            SELECT row_to_json(o5)
            FROM (
              SELECT a1.m4 AS "version") AS o5) AS "avg", (
            SELECT row_to_json(o6)
            FROM (
              SELECT a1.m5 AS "version") AS o6) AS "sum", (
            SELECT row_to_json(o7)
            FROM (
              SELECT a1.m6 AS "state") AS o7) AS "max") AS o8) AS "aggregate"
      FROM (
        SELECT count(*) AS m0, sqrt(var_samp(t0.version)::double precision) AS m1, sqrt(var_pop(t0.version)::double precision) AS m2, variance(t0.version)::double precision AS m3, avg(t0.version)::double precision AS m4, sum(t0.version) AS m5, max(t0.state) AS m6
        FROM task_run AS t0
        WHERE t0.state = $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x9
            WHERE x9.flow_run_id = t0.flow_run_id))) AS a1) AS o10), 'null')::text
-- ["?"]

SELECT coalesce((
    SELECT coalesce(json_agg(o8), '[]')
    FROM (
      SELECT (
        SELECT row_to_json(o7)
        FROM (
          SELECT (
            SELECT row_to_json(o5)
            FROM (
              SELECT (
                SELECT row_to_json(o3)
                FROM (
                  SELECT a2.m0 AS "version") AS o3) AS "stddev_pop", (
                SELECT row_to_json(o4)
                FROM (
                  SELECT a2.m1 AS "version") AS o4) AS "avg") AS o5) AS "aggregate"
          FROM (
            SELECT sqrt(var_pop(t1.version)::double precision) AS m0, avg(t1.version)::double precision AS m1
            FROM flow_run AS t1
            WHERE t1.flow_id = r0.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x6
                WHERE x6.flow_run_id = t1.id))) AS a2) AS o7) AS "flow_runs_aggregate"
      FROM (
        SELECT t0.id AS id
        FROM flow AS t0
        ORDER BY t0.id ASC) AS r0) AS o8), 'null')::text
-- []
