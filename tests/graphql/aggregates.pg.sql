SELECT coalesce((
    SELECT row_to_json(o8)
    FROM (
      SELECT (
        SELECT row_to_json(o6)
        FROM (
          SELECT a1.m0 AS "count", a1.m1 AS "named", a1.m2 AS "keys", a1.m3 AS "tasks", a1.m4 AS "states", a1.m5 AS "rows", (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m6 AS "start_time", a1.m7 AS "version", a1.m8 AS "state") AS o2) AS "max", (
            SELECT row_to_json(o3)
            FROM (
              SELECT a1.m9 AS "end_time", a1.m10 AS "map_index") AS o3) AS "min", (
            SELECT row_to_json(o4)
            FROM (
              SELECT a1.m11 AS "version") AS o4) AS "sum", (
            SELECT row_to_json(o5)
            FROM (
              SELECT a1.m12 AS "map_index", a1.m13 AS "version", 'task_run_avg_fields'::text AS "__typename") AS o5) AS "avg") AS o6) AS "aggregate"
      FROM (
        SELECT count(*) AS m0, count(t0.name) AS m1, count(DISTINCT t0.cache_key) AS m2, count(DISTINCT (t0.task_id, t0.flow_run_id)) AS m3, count(DISTINCT t0.state) AS m4, count(*) AS m5, max(t0.start_time) AS m6, max(t0.version) AS m7, max(t0.state) AS m8, min(t0.end_time) AS m9, min(t0.map_index) AS m10, sum(t0.version) AS m11, avg(t0.map_index)::double precision AS m12, avg(t0.version)::double precision AS m13
        FROM task_run AS t0
        WHERE (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x7
            WHERE x7.flow_run_id = t0.flow_run_id))) AS a1) AS o8), 'null')::text
-- []

SELECT coalesce((
    SELECT row_to_json(o6)
    FROM (
      SELECT (
        SELECT row_to_json(o3)
        FROM (
          SELECT a1.m0 AS "count", (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m1 AS "id") AS o2) AS "min") AS o3) AS "aggregate", a1.m2 AS "nodes"
      FROM (
        SELECT count(*) AS m0, min(r0.id::text COLLATE "C") AS m1, coalesce(json_agg((
              SELECT row_to_json(o4)
              FROM (
                SELECT r0.id AS "id") AS o4)), '[]') AS m2
        FROM (
          SELECT t0.id AS id
          FROM flow_run AS t0
          WHERE (NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion) OR NOT EXISTS (
              SELECT 1
              FROM flow_run_deletion AS x5
              WHERE x5.flow_run_id = t0.id))
          ORDER BY t0.id DESC
          LIMIT $1) AS r0) AS a1) AS o6), 'null')::text
-- [2]

SELECT coalesce((
    SELECT row_to_json(o7)
    FROM (
      SELECT (
        SELECT row_to_json(o4)
        FROM (
          SELECT a1.m0 AS "count", (
            SELECT row_to_json(o2)
            FROM (
              SELECT a1.m1 AS "name") AS o2) AS "max", (
            SELECT row_to_json(o3)
            FROM (
              SELECT a1.m2 AS "version") AS o3) AS "sum") AS o4) AS "aggregate", a1.m3 AS "nodes"
      FROM (
        SELECT count(*) AS m0, max(t0.name) AS m1, sum(t0.version) AS m2, coalesce(json_agg((
              SELECT row_to_json(o5)
              FROM (
                SELECT t0.id AS "id") AS o5)), '[]') AS m3
        FROM flow_run AS t0
        WHERE false AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x6
            WHERE x6.flow_run_id = t0.id))) AS a1) AS o7), 'null')::text
-- []

SELECT coalesce((
    SELECT (
      SELECT row_to_json(o3)
      FROM (
        SELECT 'flow_run_aggregate'::text AS "__typename", (
          SELECT row_to_json(o2)
          FROM (
            SELECT 'flow_run_aggregate_fields'::text AS "__typename") AS o2) AS "aggregate") AS o3)), 'null')::text
-- []

SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count") AS o2) AS "aggregate"
      FROM (
        SELECT count(*) AS m0
        FROM (
          SELECT 1
          FROM (
            SELECT 1, row_number() OVER (PARTITION BY t0.flow_id) AS number
            FROM flow_run AS t0
            WHERE (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x3
                WHERE x3.flow_run_id = t0.id))) AS d0
          WHERE d0.number = 1) AS r0) AS a1) AS o4), 'null')::text
-- []
