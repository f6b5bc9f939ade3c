SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT r0.id AS "id"
      FROM (
        SELECT t0.id AS id
        FROM flow_run AS t0
        WHERE t0.flow_id IN (
          SELECT t1.id
          FROM flow AS t1
          WHERE t1.name = $1::text AND t1.project_id IN (
            SELECT t2.id
            FROM project AS t2
            WHERE t2.name = $2::text)) AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t0.id))
        ORDER BY t0.id ASC) AS r0) AS o4), 'null')::text
-- ["hello-world", "default"]

SELECT coalesce((
    SELECT coalesce(json_agg(o4), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow AS t0
      WHERE EXISTS (
        SELECT 1
        FROM flow_run AS t1
        WHERE t1.flow_id = t0.id AND EXISTS (
          SELECT 1
          FROM task_run AS t2
          WHERE t2.flow_run_id = t1.id AND t2.state = $1::text) AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x3
            WHERE x3.flow_run_id = t1.id)))) AS o4), 'null')::text
-- ["Failed"]

SELECT coalesce((
    SELECT coalesce(json_agg(o5), '[]')
    FROM (
      SELECT r0.id AS "id"
      FROM (
        SELECT t0.id AS id
        FROM task_run AS t0
        WHERE t0.flow_run_id IN (
          SELECT t1.id
          FROM flow_run AS t1
          WHERE t1.flow_id IN (
            SELECT t2.id
            FROM flow AS t2
            WHERE EXISTS (
              SELECT 1
              FROM task AS t3
              WHERE t3.flow_id = t2.id AND t3.slug = $1::text))) AND t0.map_index >= $2::integer AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x4
            WHERE x4.flow_run_id = t0.flow_run_id))
        ORDER BY t0.id ASC) AS r0) AS o5), 'null')::text
-- ["say_bye-1", 0]

SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE (t0.agent_id IS NOT NULL AND t0.agent_id IN (
          SELECT t1.id
          FROM agent AS t1
          WHERE t1.name = $1::text)) AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t0.id))) AS o3), 'null')::text
-- ["agent"]

SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT r0.id AS "id"
      FROM (
        SELECT t0.id AS id
        FROM flow_run AS t0
        WHERE NOT ((t0.agent_id IS NOT NULL AND t0.agent_id IN (
              SELECT t1.id
              FROM agent AS t1
              WHERE t1.name = $1::text))) AND (NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion) OR NOT EXISTS (
            SELECT 1
            FROM flow_run_deletion AS x2
            WHERE x2.flow_run_id = t0.id))
        ORDER BY t0.id ASC) AS r0) AS o3), 'null')::text
-- ["agent"]

SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE EXISTS (
        SELECT 1
        FROM log AS t1
        WHERE t1.flow_run_id = t0.id) AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t0.id))) AS o3), 'null')::text
-- []

SELECT coalesce((
    SELECT coalesce(json_agg(o3), '[]')
    FROM (
      SELECT t0.id AS "id"
      FROM flow_run AS t0
      WHERE NOT (EXISTS (
          SELECT 1
          FROM flow_run_state AS t1
          WHERE t1.flow_run_id = t0.id)) AND (NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion) OR NOT EXISTS (
          SELECT 1
          FROM flow_run_deletion AS x2
          WHERE x2.flow_run_id = t0.id))) AS o3), 'null')::text
-- []
