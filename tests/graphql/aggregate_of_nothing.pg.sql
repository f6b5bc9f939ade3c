SELECT coalesce((
    SELECT row_to_json(o8)
    FROM (
      SELECT (
        SELECT row_to_json(o6)
        FROM (
          SELECT a1.m0 AS "count", (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m1 AS "version") AS o2) AS "sum", (
            SELECT row_to_json(o3)
            FROM (
              SELECT a1.m2 AS "version") AS o3) AS "avg", (
            SELECT row_to_json(o4)
            FROM (
              SELECT a1.m3 AS "name") AS o4) AS "min", (
            SELECT row_to_json(o5)
            FROM (
              SELECT a1.m4 AS "version") AS o5) AS "stddev") AS o6) AS "aggregate", a1.m5 AS "nodes"
      FROM (
        SELECT count(*) AS m0, sum(t0.version) AS m1, avg(t0.version)::double precision AS m2, min(t0.name) AS m3, sqrt(var_samp(t0.version)::double precision) AS m4, coalesce(json_agg((
              SELECT row_to_json(o7)
              FROM (
                SELECT t0.id AS "id") AS o7)), '[]') AS m5
        FROM flow AS t0
        WHERE t0.name = $1::text) AS a1) AS o8), 'null')::text
-- ["nobody"]
