SELECT coalesce((
    SELECT row_to_json(o4)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "many") AS o2) AS "how", 'flow_run_aggregate'::text AS "kind"
      FROM (
        SELECT count(*) AS m0
        FROM flow_run AS t0
        WHERE t0.state = $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))) AS a1) AS o4), 'null')::text
-- ["Failed"]

SELECT coalesce((
    SELECT row_to_json(o5)
    FROM (
      SELECT (
        SELECT row_to_json(o2)
        FROM (
          SELECT a1.m0 AS "count", 'flow_run_aggregate_fields'::text AS "__typename") AS o2) AS "aggregate", a1.m1 AS "nodes"
      FROM (
        SELECT count(*) AS m0, coalesce(json_agg((
              SELECT row_to_json(o3)
              FROM (
                SELECT t0.labels AS "label", t0.name AS "run") AS o3)), '[]') AS m1
        FROM flow_run AS t0
        WHERE t0.state = $1::text AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x4
            WHERE x4.flow_run_id = t0.id))) AS a1) AS o5), 'null')::text
-- ["Success"]
