SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT t0.id AS "id", t0.name AS "name", t0.flow_id AS "flow_id", t0.serialized_state AS "serialized_state", (
        SELECT coalesce(json_agg(o2), '[]')
        FROM (
          SELECT t1.timestamp AS "timestamp", t1.serialized_state AS "serialized_state"
          FROM flow_run_state AS t1
          WHERE t1.flow_run_id = t0.id) AS o2) AS "states", t0.labels AS "labels", t0.parameters AS "parameters", t0.context AS "context", t0.updated AS "updated", t0.run_config AS "run_config"
      FROM flow_run AS t0
      WHERE t0.id = $1::uuid AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x3
          WHERE x3.flow_run_id = t0.id))) AS o4), 'null')::text
-- ["00000006-0000-4000-8000-000000000001"]
