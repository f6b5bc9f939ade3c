SELECT coalesce((
    SELECT row_to_json(o5)
    FROM (
      SELECT 'flow_aggregate'::text AS "__typename", (
        SELECT row_to_json(o3)
        FROM (
          SELECT 'flow_aggregate_fields'::text AS "__typename", (
            SELECT row_to_json(o2)
            FROM (
              SELECT 'flow_max_fields'::text AS "__typename", a1.m0 AS "version") AS o2) AS "max") AS o3) AS "aggregate", a1.m1 AS "nodes"
      FROM (
        SELECT max(t0.version) AS m0, coalesce(json_agg((
              SELECT row_to_json(o4)
              FROM (
                SELECT 'flow'::text AS "__typename") AS o4)), '[]') AS m1
        FROM flow AS t0) AS a1) AS o5), 'null')::text
-- []
