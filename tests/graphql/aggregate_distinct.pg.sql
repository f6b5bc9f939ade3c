SELECT coalesce((
    SELECT row_to_json(o3)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "a", a1.m1 AS "b", a1.m2 AS "c") AS o2) AS "aggregate"
      FROM (
        SELECT count(t0.name) AS m0, count(DISTINCT t0.name) AS m1, count(DISTINCT (t0.name, t0.version)) AS m2
        FROM flow AS t0) AS a1) AS o3), 'null')::text
-- []
