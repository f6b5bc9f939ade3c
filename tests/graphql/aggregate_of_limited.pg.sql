SELECT coalesce((
    SELECT row_to_json(o7)
    FROM (
      SELECT (
        SELECT row_to_json(o4)
        FROM (
          SELECT a1.m0 AS "count", (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m1 AS "map_index") AS o2) AS "sum", (
            SELECT row_to_json(o3)
            FROM (
              SELECT a1.m2 AS "map_index") AS o3) AS "max") AS o4) AS "aggregate", a1.m3 AS "nodes"
      FROM (
        SELECT count(*) AS m0, sum(r0.map_index) AS m1, max(r0.map_index) AS m2, coalesce(json_agg((
              SELECT row_to_json(o5)
              FROM (
                SELECT r0.map_index AS "map_index") AS o5)), '[]') AS m3
        FROM (
          SELECT t0.map_index AS map_index
          FROM task_run AS t0
          WHERE (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x6
              WHERE x6.flow_run_id = t0.flow_run_id))
          ORDER BY t0.map_index DESC
          LIMIT $1) AS r0) AS a1) AS o7), 'null')::text
-- [2]
