SELECT coalesce((
    SELECT coalesce(json_agg(o6), '[]')
    FROM (
      SELECT r0.name AS "name", (
        SELECT coalesce(json_agg(o5), '[]')
        FROM (
          SELECT r1.name AS "name", (
            SELECT row_to_json(o3)
            FROM (
              SELECT t2.version AS "version"
              FROM flow AS t2
              WHERE t2.id = r1.flow_id) AS o3) AS "flow"
          FROM (
            SELECT t1.name AS name, t1.flow_id AS flow_id
            FROM flow_run AS t1
            WHERE t1.flow_id = r0.id AND (NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion) OR NOT EXISTS (
                SELECT 1
                FROM flow_run_deletion AS x4
                WHERE x4.flow_run_id = t1.id))
            ORDER BY t1.id ASC) AS r1) AS o5) AS "flow_runs"
      FROM (
        SELECT t0.name AS name, t0.id AS id
        FROM flow AS t0
        ORDER BY t0.id ASC) AS r0) AS o6), 'null')::text
-- []
