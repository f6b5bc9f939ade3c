SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.id AS "id", (
        SELECT row_to_json(o2)
        FROM (
          SELECT t1.name AS "name"
          FROM agent AS t1
          WHERE t1.id = r0.agent_id) AS o2) AS "agent"
      FROM (
        SELECT t0.id AS id, t0.agent_id AS agent_id
        FROM flow_run AS t0
        WHERE t0.agent_id IS NOT NULL AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))
        ORDER BY t0.id ASC) AS r0) AS o4), 'null')::text
-- []
