SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT 'flow_run'::text AS "__typename", t0.id AS "id", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.name AS "name", 'flow'::text AS "__typename", t1.version AS "version"
          FROM flow AS t1
          WHERE t1.id = t0.flow_id) AS o2) AS "flow", t0.version AS "version"
      FROM flow_run AS t0
      WHERE t0.name = $1::text AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x3
          WHERE x3.flow_run_id = t0.id))) AS o4), 'null')::text
-- ["brave-otter"]
